#!/bin/sh
# Writes ../vectors.json: Kryo values as real Flink writes them, for the versions below. flink-avro is left out, so that the snapshots do not
# say which Kryo wrote them.
set -e
cd "$(dirname "$0")"
for v in 1.20.3 2.3.0; do
  case $v in
    1.*) how="-P scala" ;;
    *) how="-Dleft.out=ScalaValues" ;;
  esac
  mvn -q $MAVEN_FLAGS $how -Dflink.version=$v compile
  opens=
  for p in java.lang java.util java.util.concurrent java.util.concurrent.atomic java.util.regex java.time java.net java.math java.text sun.util.calendar; do
    opens="$opens --add-opens=java.base/$p=ALL-UNNAMED"
  done
  java $opens -Duser.timezone=UTC -cp "target/$v/classes:$(cat target/$v/classpath)" kryomaker.Main $v > "target/$v.jsonl"
done
{ echo '['; cat target/*.jsonl | sed '$!s/$/,/'; echo ']'; } > ../vectors.json
