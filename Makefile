# Targets that need Java 17 and Maven. Everything else is `go build ./...` and `go test ./...`.
#
#   make fixtures                          all fixtures of all Flink versions, into fixtures/data
#   make fixtures VERSION=1.20.3           those of one version
#   make fixtures VERSION=2.3.0 CASE=keys  those whose name contains CASE
#   make bench-data KEYS=100000 DIR=/tmp/tarn-bench [WHAT=rocksdb-savepoint,rocksdb-checkpoint]
#                                          the snapshots that benchmarks read (Flink 2.3.0)
#   make bench-spa DIR=/tmp/tarn-bench/100k-rocksdb-savepoint
#                                          what the State Processor API takes to read one state of them

VERSIONS = 1.13.6 1.17.2 1.18.1 1.20.3 2.0.0 2.3.0
VERSION  ?= $(VERSIONS)
CASE     ?=
FLINK    = fixtures/flink
JAVA     = java @$(FLINK)/java.args

KEYS     ?= 100000
DIR      ?= /tmp/tarn-bench
WHAT     ?=

.PHONY: fixtures bench-data bench-spa
fixtures:
	@set -e; for v in $(VERSION); do \
	  mvn -q -B -f $(FLINK)/pom.xml -P flink-$$v compile; \
	  $(JAVA) -Xmx1g -cp $(FLINK)/target/$$v/classes:$$(cat $(FLINK)/target/$$v/classpath) tarn.fixtures.Main $$v fixtures/data "$(CASE)"; \
	done
	go run ./fixtures/mkindex fixtures/data

bench-data:
	mvn -q -B -f $(FLINK)/pom.xml -P flink-2.3.0 compile
	$(JAVA) -Xmx10g -cp $(FLINK)/target/2.3.0/classes:$$(cat $(FLINK)/target/2.3.0/classpath) tarn.fixtures.BenchData 2.3.0 $(KEYS) $(DIR) "$(WHAT)"

bench-spa:
	@mvn -q -B -f $(FLINK)/pom.xml -P flink-2.3.0 compile
	@$(JAVA) -Xmx4g -cp $(FLINK)/target/2.3.0/classes:$$(cat $(FLINK)/target/2.3.0/classpath) tarn.fixtures.BenchReader $(DIR)
