package serde

// Builtin lists the families of serializers that Flink ships and tarn reads.
func Builtin() [][]Family {
	return [][]Family{
		basicFamilies(),
		numberFamilies(),
		textFamilies(),
		timeFamilies(),
		voidFamilies(),
		listFamilies(),
		arrayFamilies(),
		setFamilies(),
		mapFamilies(),
		tupleFamilies(),
		pojoFamilies(),
		enumFamilies(),
		rowFamilies(),
		unionFamilies(),
		nullableFamilies(),
		ttlFamilies(),
		timerFamilies(),
		windowFamilies(),
		sqlFamilies(),
		sqlScalarFamilies(),
		sqlCollectionFamilies(),
		sqlStateFamilies(),
		variantFamilies(),
		bitmapFamilies(),
		javaFamilies(),
		avroFamilies(),
		scalaFamilies(),
		cepFamilies(),
		kafkaProducerFamilies(),
		kryoFamilies(),
		streamFamilies(),
	}
}
