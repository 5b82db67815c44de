# copydesk: `make` alone lists the commands. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARTICLES ?=
ARGS   ?=
SECONDS ?= 1800

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-bench demo test test-slow test-clients test-faults soak fuzz audit sbom check check-rules format bench lock lock-kafka build clean train-subjects train-lines

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(VENV)/.run ## the environment in .venv, from the lock file with hashes, models included
setup-dev: $(VENV)/.dev
setup-bench: $(VENV)/.bench

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "copydesk needs Python 3.11 or later; say which: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "setting up $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)

# The editable install comes last and without dependencies, so that everything else has a hash.
$(VENV)/.run: requirements/broker.lock pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/broker.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
$(VENV)/.fuzz: requirements/fuzz.lock $(VENV)/.dev
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/fuzz.lock
	@touch $@
$(VENV)/.bench: requirements/bench.lock $(VENV)/.dev
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/bench.lock
	@touch $@

demo: setup ## the whole pipeline on an embedded Apache Kafka; ARTICLES=path for your own files, ARGS=--keep to leave it running
	@$(BIN)/copydesk demo $(ARTICLES) $(ARGS)

test: setup-dev ## all tests but the long ones
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not fault and not soak and not clients" $(ARGS)

# Clients as their users have them: Python's in an environment of their own, the others beside their lock files.
CLIENTS := tests/clients
.PHONY: client-tools
client-tools:
	@missing=; for tool in kcat node npm go; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	  [ -z "$$missing" ] || { echo "make test-clients: missing:$$missing (Debian: apt-get install kcat nodejs npm golang-go)" >&2; exit 1; }

$(VENV)-clients/.done: requirements/clients.lock
	@$(PYTHON) -m venv $(VENV)-clients
	@$(VENV)-clients/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/clients.lock
	@touch $@

test-clients: client-tools setup-dev $(VENV)-clients/.done ## every kind of Kafka client runs its example of docs/consuming.md (kcat, Node with npm, Go 1.26)
	@cd $(CLIENTS)/kafkajs && npm ci --loglevel=error --no-audit --no-fund --ignore-scripts
	@cd $(CLIENTS)/franz-go && go build -mod=readonly ./...
	@$(BIN)/python -m pytest $(CLIENTS) $(ARGS)

test-slow: setup-dev ## the tests that take longer, the quicker faults among them
	@$(BIN)/python -m pytest -m "slow and not fault and not soak and not clients" $(ARGS)

test-faults: setup-dev ## the whole fault matrix (half an hour; libfaketime; root for the full disk): its table goes to docs/reliability.md
	@$(BIN)/python -m pytest tests/integration -m "(slow or fault) and not soak" --ledger-table=docs/reliability.md $(ARGS)

soak: setup-dev ## a random mix of faults for SECONDS (1800); ARGS=--soak-seed=N repeats one
	@$(BIN)/python -m pytest tests/integration -m soak -s --soak-seconds=$(SECONDS) $(ARGS)

fuzz: $(VENV)/.fuzz ## coverage-guided fuzzing of codec, cleaning, headers and record batches for SECONDS (1800)
	@$(BIN)/python tests/fuzz.py --seconds=$(SECONDS) $(ARGS)

check-rules: ## Prometheus: configuration, rules and the rules' own tests; needs promtool (Debian: prometheus)
	@promtool check config deploy/prometheus/prometheus.yml
	@promtool test rules deploy/prometheus/rules_test.yml

# In an environment of its own: what audits the dependencies is none of them.
$(VENV)-audit/.done: requirements/audit.lock
	@$(PYTHON) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/audit.lock
	@touch $@

audit: $(VENV)-audit/.done ## known vulnerabilities of the locked dependencies; ARGS=--database=all.zip asks a file instead of the index
	@$(VENV)-audit/bin/python requirements/audit.py $(ARGS)

sbom: $(VENV)-audit/.done ## the software bill of materials of the locked dependencies, CycloneDX JSON on stdout
	@$(VENV)-audit/bin/cyclonedx-py requirements --of JSON requirements/run.lock

check: setup-dev ## lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup-dev ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# One lock for every platform and Python; needs uv, which nobody else does.
UV ?= uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml
lock: ## update the lock files from pyproject.toml
	@mkdir -p requirements
	@$(LOCK) --group build -o requirements/run.lock
	@$(LOCK) --group build --extra broker -c requirements/run.lock -o requirements/broker.lock
	@$(LOCK) --group build --group dev --extra broker -c requirements/broker.lock -o requirements/dev.lock
	@$(LOCK) --group build --group dev --group bench --extra broker -c requirements/dev.lock -o requirements/bench.lock
	@$(LOCK) --group build --group train -c requirements/bench.lock -o requirements/train.lock
	@$(LOCK) --group fuzz -c requirements/run.lock -o requirements/fuzz.lock
	@$(filter-out pyproject.toml,$(LOCK)) --group pyproject.toml:audit -o requirements/audit.lock
	@$(filter-out pyproject.toml,$(LOCK)) --group pyproject.toml:clients -o requirements/clients.lock

lock-kafka: setup ## update the lock of Apache Kafka's jars; ARGS=4.3.1 for another version
	@$(BIN)/python deploy/kafka/lock_jars.py $(ARGS)

# In an environment of its own: the teacher needs torch, and nobody who runs or measures copydesk does.
$(VENV)-train/.done: requirements/train.lock
	@$(PYTHON) -m venv $(VENV)-train
	@$(VENV)-train/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/train.lock
	@touch $@

train-subjects: $(VENV)-train/.done ## train the subject weights from their named inputs, the same bytes every time
	@PYTHONPATH=. $(VENV)-train/bin/python bench/train_subjects.py $(ARGS)

train-lines: setup-bench ## train the weights of the line classifier, the same bytes every time; ARGS=--cross-validate measures them
	@OMP_NUM_THREADS=1 $(BIN)/python bench/train_lines.py $(ARGS)

build: setup-dev ## the wheel and the source archive, in dist/
	@$(BIN)/python -m build --no-isolation

clean: ## remove what the other commands made
	rm -rf $(VENV) $(VENV)-audit $(VENV)-train $(VENV)-clients $(CLIENTS)/kafkajs/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
