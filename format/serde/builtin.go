package serde

// Builtin lists the families of serializers that Flink ships and tarn reads.
func Builtin() [][]Family {
	return [][]Family{
		basicFamilies(),
		textFamilies(),
		voidFamilies(),
		listFamilies(),
		mapFamilies(),
		tupleFamilies(),
		pojoFamilies(),
		ttlFamilies(),
		timerFamilies(),
		windowFamilies(),
	}
}
