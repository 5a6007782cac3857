#!/bin/sh
# Writes ../vectors.json: what the connectors' own serializers write, in the versions below. Java 17 and Maven are needed.
set -e
cd "$(dirname "$0")"
make() { # flink, kafka, suffix, profile, sources
  dir=target/$1
  mkdir -p "$dir/classes"
  mvn -q -B dependency:build-classpath -P "$4" -Dflink.version="$1" -Dkafka.version="$2" -Dflink.suffix="$3" -Dmdep.outputFile="$dir/classpath"
  # shellcheck disable=SC2046
  javac -nowarn -cp "$(cat "$dir/classpath")" -d "$dir/classes" $(find $5 -name '*.java') 2> "$dir/javac.log" || { cat "$dir/javac.log"; exit 1; }
  java --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED -Duser.timezone=UTC \
    -cp "$dir/classes:$(cat "$dir/classpath")" maker.Main "$1" > "target/$1.jsonl"
}
make 1.13.6 1.13.6 _2.12 none src/main/java
make 1.17.2 3.0.2-1.17 '' none src/main/java
make 1.20.3 3.4.0-1.20 '' cdc 'src/main/java src/cdc/java'
make 2.0.0 4.0.0-2.0 '' none src/main/java
{ echo '['; cat target/*.jsonl | sed '$!s/$/,/'; echo ']'; } > ../vectors.json
