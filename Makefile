# Targets that need Java 17 and Maven. Everything else is `go build ./...` and `go test ./...`.
#
#   make fixtures                          all fixtures of all Flink versions, into fixtures/data
#   make fixtures VERSION=1.20.3           those of one version
#   make fixtures VERSION=2.3.0 CASE=keys  those whose name contains CASE

VERSIONS = 1.13.6 1.17.2 1.18.1 1.20.3 2.0.0 2.3.0
VERSION  ?= $(VERSIONS)
CASE     ?=
FLINK    = fixtures/flink
JAVA     = java @$(FLINK)/java.args

.PHONY: fixtures
fixtures:
	@set -e; for v in $(VERSION); do \
	  mvn -q -B -f $(FLINK)/pom.xml -P flink-$$v compile; \
	  $(JAVA) -cp $(FLINK)/target/$$v/classes:$$(cat $(FLINK)/target/$$v/classpath) tarn.fixtures.Main $$v fixtures/data "$(CASE)"; \
	done
	go run ./fixtures/mkindex fixtures/data
