#!/bin/sh
# Writes ../foreign.json: snapshots and values of the serializers of SQL, Java serialization, Avro, pattern matching and the Scala API
# (which 2.x no longer has), as real Flink writes them, with the JSON that tarn shows.
set -e
cd "$(dirname "$0")"
for v in 1.20.3 2.3.0; do
  profile=""
  [ $v = 1.20.3 ] && profile="-Pscala"
  mvn -q $profile -Dflink.version=$v compile
  java --add-opens=java.base/java.util=ALL-UNNAMED -Duser.timezone=UTC -Dstdout.encoding=UTF-8 \
    -cp "target/$v/classes:$(cat target/$v/classpath)" maker.Foreign $v > "target/$v.jsonl"
done
{ echo '['; cat target/*.jsonl | sed '$!s/$/,/'; echo ']'; } > ../foreign.json
