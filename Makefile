# Every target says what it does: `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ROWS ?= 10000
RELEASE := target/release/genonaut
# The engine of our own is built in. Its C++ takes 5 minutes of one core and 6 GB of memory to compile, once:
# `make demo FEATURES=` leaves it out, `make demo FEATURES=embedded-cuda` has it use the GPU (see README).
FEATURES ?= embedded

.PHONY: help demo test test-long check unit fuzz schemathesis e2e e2e-comfyui bench migrate-prep migrate-demo seed-data-static seed-data-synthetic vendor build

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 22

demo: ## install what is missing, build, migrate, seed the static files, serve until Ctrl+C
	@scripts/ensure-rust
	@scripts/ensure-postgres
	@scripts/ensure-cpp "$(FEATURES)"
	cargo build --locked --release --features "$(FEATURES)"
	$(RELEASE) db migrate
	$(RELEASE) seed --static-only
	@exec $(RELEASE) serve

test: check unit fuzz e2e ## everything: formatting, lints, Rust tests, fuzzing where it can be, browser tests

test-long: ## what `make test` tries a little of, in full: every kill, long properties, long fuzzing, and the API against its document
	GENONAUT_LONG=1 PROPTEST_CASES=2560 $(MAKE) unit fuzz schemathesis

check: ## formatting and lints
	@scripts/ensure-rust
	@scripts/ensure-cpp "$(FEATURES)"
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features "$(FEATURES)" -- -D warnings
	cargo clippy --locked --workspace --test comfyui --features "$(FEATURES)" -- -D warnings

unit: ## Rust tests, on a private PostgreSQL
	@scripts/ensure-postgres
	@scripts/ensure-cpp "$(FEATURES)"
	@scripts/run-tests --features "$(FEATURES)"

fuzz: ## some seconds of random bytes for each reader of strangers' files, where cargo-fuzz is installed
	@scripts/run-fuzz

schemathesis: ## the API against what its document says, with schemathesis from PyPI, where python3 is installed
	@scripts/ensure-postgres
	@scripts/ensure-cpp "$(FEATURES)"
	@scripts/run-schemathesis --features "$(FEATURES)"

e2e: ## browser tests, through the real program
	@scripts/ensure-postgres
	@scripts/ensure-cpp "$(FEATURES)"
	@# With the examples it is what the Rust tests have built: features of their dependencies count, too.
	cargo build --locked --workspace --bins --examples --features "$(FEATURES)"
	@scripts/run-e2e

e2e-comfyui: ## the program with a real ComfyUI: COMFYUI_DIR=its folder, which is started, or COMFYUI=http://… of one that runs
	@scripts/ensure-postgres
	@scripts/ensure-cpp "$(FEATURES)"
	@scripts/run-e2e-comfyui "$(COMFYUI)" "$(COMFYUI_DIR)" "$(PYTHON)" --features "$(FEATURES)"

bench: ## measure, as ratios of two things in one run; writes docs/benchmarks.md. COMFYUI=URL has a job measured there too, ONLY=jobs nothing else
	@scripts/ensure-postgres
	cargo build --locked --release --workspace --bins --examples
	GENONAUT_COMFYUI="$(COMFYUI)" target/release/examples/bench $(ONLY)

migrate-prep: ## write the next migration from the declared models
	@scripts/ensure-postgres
	cargo run --locked -q -- db prepare

migrate-demo: ## apply pending migrations to the demo database
	@scripts/ensure-postgres
	cargo run --locked -q -- db migrate --env demo

seed-data-static: ## seed from genonaut/db/demo/seed_data_static only
	cargo run --locked -q -- seed --static-only

seed-data-synthetic: ## seed the static files, then ROWS synthetic models (ROWS=10000)
	cargo run --locked --release -q -- seed --rows $(ROWS)

vendor: ## fetch the browser files of third parties again, and check them
	@scripts/vendor
