# Harrier. `make` alone lists what there is.
SHELL := /bin/bash
GO ?= go
LINT := $(GO) tool -modfile=lint.mod

.PHONY: help sandbox test unit check bench

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

sandbox: ## the whole product on this machine: Temporal, fakes, a tenant, the worker
	$(GO) run ./worker/sandbox

test: ## every test, end to end and in the browser
	$(GO) vet ./...
	$(GO) test -timeout 20m ./...

unit: ## the tests that start no server and no browser
	$(GO) test -timeout 5m $$($(GO) list ./... | grep -vE 'activities/cases$$|worker/(schedules|runs|commands|interactions|sandbox/(e2e|load|devserver))$$')

check: ## format, lint, workflow determinism, tidy modules
	@test -z "$$(gofmt -l worker workflows activities config)" || { gofmt -l worker workflows activities config; echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(LINT) staticcheck ./...
	$(LINT) workflowcheck ./workflows/...
	$(GO) mod tidy -diff

bench: ## benchmarks; each is a ratio within one run
	$(GO) test -run '^$$' -bench . -benchtime 1s ./workflows/... ./activities/suppressions/... ./activities/loganalytics/...
