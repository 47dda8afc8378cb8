# `make run` and `make test` are all one needs; `make help` lists the rest.

PORT ?= 8080
NODES ?= 3
MINUTES ?= 5
FUZZ ?= 600
# TLS=1: make run speaks TLS, with a certificate that it makes for this machine
TLS ?=
# More options for `martlet serve`, e.g. make run ARGS="--threads 4"
ARGS ?=

.PHONY: help run test bench cluster scale chaos fuzz build deps lint format container-check clean

help:
	@echo 'make run               build and start a chat server on http://localhost:$(PORT)  (PORT=…, TLS=1, ARGS="--threads 4")'
	@echo 'make test              build and run every test'
	@echo 'make bench             measure the release build, or compare others: ARGS="old=/path/to/martlet new=/path/to/martlet --rounds 3"'
	@echo 'make cluster           Redis, $(NODES) nodes and nginx on http://localhost:$(PORT)  (PORT=…, NODES=…)'
	@echo 'make scale NODES=5     change the number of nodes of a running `make cluster`'
	@echo 'make chaos MINUTES=5   break a cluster at random while people talk, and check what is promised  (MINUTES=…, SEED=…)'
	@echo 'make fuzz FUZZ=600     so many seconds of libFuzzer on what reads what strangers send'
	@echo 'make build             the release build alone'
	@echo 'make deps              install what building and running needs (Debian packages)'
	@echo 'make lint, make format check or mend the formatting; check image, compose file and scripts'
	@echo 'make container-check   build the real image and bring the real compose file up, without Docker'
	@echo 'make clean             remove what was built; keeps .cluster, which holds messages'

run: build
	@$(if $(TLS),scripts/self-signed.sh .tls)
	@exec .build/release/martlet serve --host 127.0.0.1 --port $(PORT) \
		$(if $(TLS),--tls-certificate .tls/certificate.pem --tls-key .tls/key.pem) $(ARGS)

test:
	@scripts/test.sh

bench: build
	@scripts/install.sh test
	@PYTHONPATH=Tests/Benchmarks exec python3 -m bench $(ARGS)

cluster: build
	@scripts/install.sh cluster
	@exec python3 scripts/cluster up --nodes $(NODES) --port $(PORT) -- $(ARGS)

scale:
	@python3 scripts/cluster scale $(NODES)

chaos: build
	@scripts/install.sh test
	@cd Tests/EndToEnd && MARTLET_BIN=$(CURDIR)/.build/release/martlet PATH=$$PATH:/usr/sbin:/sbin \
		exec $(CURDIR)/.venv/bin/python -m chaos --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz:
	@scripts/install.sh run
	@scripts/fuzz.sh $(FUZZ)

build: deps
	scripts/build.sh --product martlet

deps:
	@scripts/install.sh run

lint:
	@scripts/install.sh test
	@scripts/lint.sh

format:
	swift format --in-place --recursive Sources Tests Package.swift

container-check:
	scripts/container-check.sh

clean:
	rm -rf .build .build-* .venv
