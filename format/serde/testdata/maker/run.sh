#!/bin/sh
# Writes ../vectors.json: each serializer's snapshot and values as real Flink writes them, for the versions below.
set -e
cd "$(dirname "$0")"
for v in 1.20.3 2.3.0; do
  mvn -q -Dflink.version=$v compile
  java --add-opens=java.base/java.util=ALL-UNNAMED -Duser.timezone=UTC \
    -cp "target/$v/classes:$(cat target/$v/classpath)" maker.Main $v > "target/$v.jsonl"
done
{ echo '['; cat target/*.jsonl | sed '$!s/$/,/'; echo ']'; } > ../vectors.json
