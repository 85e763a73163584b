# A fresh machine needs Python 3.11 or newer, git and make; everything else is set up here.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test lint format schema bench lock vendor clean
.DEFAULT_GOAL := run

run: .venv/.run
	@$(BIN)/gitinsight $(if $(GITHUB_APP_ID),up,$(if $(shell grep -sh '^GITHUB_APP_ID=.' .env $(or $(DATA_DIR),.gitinsight)/github-app.env),up,up --local .))

test: .venv/.dev
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadgroup $(TESTS)

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The JSON Schema of .github/gitinsight.yml, from the parser's own table of keys.
schema: .venv/.dev
	$(BIN)/python -m bot.config.schema > bot/web/gitinsight.schema.json

# Each script has --help; BENCH names one: make bench BENCH=receiver
bench: .venv/.dev
	@for name in $(if $(BENCH),$(BENCH),receiver complexity pull_request memory); do \
		echo "== $$name"; $(BIN)/python bench/$$name.py || exit 1; done

# Needs uv; the locks carry hashes for every platform and no index address.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --group build --group dev --extra minilm --extra sentry --extra otel --extra mcp pyproject.toml -o requirements-dev.lock

# Renews the libraries of the pages that travel in the wheel: make vendor PLOTLY=VERSION SWAGGER=VERSION. Needs npm, which
# checks what it fetches; no script of a package is run.
PLOTLY = $(shell sed -n 's/^VERSION = "\(.*\)"$$/\1/p' bot/web/pages/plotly.py)
SWAGGER = $(shell sed -n 's/^VERSION = "\(.*\)"$$/\1/p' bot/web/pages/swagger_ui.py)
VENDOR := bot/web/vendor
sha256 = $$(sha256sum < $(1) | cut -d ' ' -f 1)
vendor:
	rm -rf .vendor && mkdir -p .vendor/plotly .vendor/swagger $(VENDOR)
	cd .vendor && npm pack --silent plotly.js-basic-dist-min@$(PLOTLY) && npm pack --silent swagger-ui-dist@$(SWAGGER)
	tar -xzf .vendor/plotly*.tgz -C .vendor/plotly && tar -xzf .vendor/swagger*.tgz -C .vendor/swagger
	gzip -9 -n < .vendor/plotly/package/plotly-basic.min.js > $(VENDOR)/plotly-basic.min.js.gz
	cp .vendor/plotly/package/LICENSE $(VENDOR)/plotly-basic.LICENSE
	gzip -9 -n < .vendor/swagger/package/swagger-ui-bundle.js > $(VENDOR)/swagger-ui.js.gz
	gzip -9 -n < .vendor/swagger/package/swagger-ui.css > $(VENDOR)/swagger-ui.css.gz
	cd .vendor/swagger/package && cat LICENSE NOTICE swagger-ui-bundle.js.LICENSE.txt > $(CURDIR)/$(VENDOR)/swagger-ui.LICENSE
	@printf 'Now in bot/web/pages/plotly.py:\nVERSION = "%s"\nSHA256 = "%s"\n' \
		$(PLOTLY) "$(call sha256,.vendor/plotly/package/plotly-basic.min.js)"
	@printf 'Now in bot/web/pages/swagger_ui.py:\nVERSION = "%s"\nSCRIPT_SHA256 = "%s"\nSTYLE_SHA256 = "%s"\n' \
		$(SWAGGER) "$(call sha256,.vendor/swagger/package/swagger-ui-bundle.js)" \
		"$(call sha256,.vendor/swagger/package/swagger-ui.css)"
	rm -rf .vendor

clean:
	rm -rf .venv .gitinsight .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "GitInsight needs Python 3.11 or newer; set PYTHON=python3.12 or the like"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
