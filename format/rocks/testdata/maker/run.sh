#!/bin/sh
# Makes format/rocks/testdata/db anew with real RocksDB from Maven Central. Needs Java 17 and Maven.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$here/../db" && mkdir "$here/../db"
for version in 5.17.2-ververica-2.1 6.20.3-ververica-2.0 8.10.0-ververica-1.0; do
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -Drocks.version="$version" -DoutputDirectory="$work/$version"
  jar="$work/$version/frocksdbjni-$version.jar"
  javac -nowarn -d "$work/classes-$version" -cp "$jar" "$here/src/Maker.java"
  java -cp "$jar:$work/classes-$version" Maker make "$here/cases.txt" "${version%.*.*}" "$here/../db"
done
