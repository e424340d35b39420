# Thin verbs over the `stylizer` command; `make help` lists them. Set-up happens by itself.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# what `make train` takes, each left out unless given
STYLE ?= $(if $(STYLES),,sketch)
options = $(if $(STYLE),--style "$(STYLE)") $(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(STYLES),--styles "$(STYLES)") \
	$(if $(PHOTO_COUNT),--photo-count $(PHOTO_COUNT)) $(if $(STYLE_SAMPLES),--style-samples $(STYLE_SAMPLES)) \
	$(if $(SAMPLE_PHOTOS),--sample-photos "$(SAMPLE_PHOTOS)") \
	$(if $(PRESET),--preset $(PRESET)) $(if $(RUN),--run "$(RUN)") $(foreach s,$(SET),--set $(s))

# the run of that style, as `make train` names it: a folder of style pictures lends it its name
name = $(or $(STYLE),$(notdir $(STYLES:%/=%)))
found = $(wildcard $(foreach preset,$(or $(PRESET),quick full),runs/$(name)-$(preset)))
run = $(or $(RUN),$(firstword $(found)),runs/$(name)-$(or $(PRESET),quick))

# what `make evaluate` measures: the run, unless there is none and something else was named
others = $(foreach f,$(TFLITE),--tflite "$f") $(if $(PEER),--peer "$(PEER)") $(if $(RESULTS),--results "$(RESULTS)")
evaluated = $(if $(or $(RUN),$(wildcard $(run)),$(if $(strip $(others)),,none)),--run "$(run)") $(others) \
	$(if $(filter file,$(origin STYLE)),,--style "$(STYLE)") $(if $(STYLES),--style-samples "$(STYLES)")

.PHONY: help setup train evaluate tflite apk install test test-long test-fast lint clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 18
	@echo "  options: STYLE=sketch PHOTOS=dir STYLES=dir STYLE_SAMPLES=100 SAMPLE_PHOTOS=dir PRESET=quick|full RUN=dir OUT=dir SET='key=value ...'"

setup: $(READY)  ## virtual environment, packages, system libraries

$(READY): setup.cfg pyproject.toml tools/install_system_libraries.sh
	@PYTHON="$(PYTHON)" tools/install_system_libraries.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing packages into $(VENV) (about 2 GB, one to three minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

train: $(READY)  ## data, training, result: STYLE=sketch (goes on where it was interrupted)
	@$(BIN)/stylizer train $(options)

evaluate: $(READY)  ## measure a run: STYLE=sketch or RUN=dir, PHOTOS=dir; beside it TFLITE=, PEER=, RESULTS=
	@$(BIN)/stylizer evaluate $(evaluated) $(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(LIMIT),--limit $(LIMIT))

tflite: $(READY)  ## .tflite files of a trained style into models/STYLE or OUT=dir: STYLE=sketch or RUN=dir
	@$(BIN)/stylizer export --run "$(run)" $(if $(PHOTOS),--photos "$(PHOTOS)") $(if $(OUT),--out "$(OUT)")

apk: $(READY)  ## the Android app: android_demo/build/stylizer-demo.apk
	@tools/install_android_tools.sh
	@$(BIN)/python tools/build_apk.py

install: $(READY)  ## builds the app and puts it onto the phone that adb sees
	@tools/install_android_tools.sh
	@$(BIN)/python tools/build_apk.py --install

test: $(READY)  ## all tests but those of test-long
	@tools/install_android_tools.sh || echo "make test: the tests of the Android app are skipped" >&2
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long"

test-long: $(READY)  ## minutes each: XLA gives the same losses, two replicas and two machines train as one
	@$(BIN)/python -m pytest -m long

test-fast: $(READY)  ## the tests without the slow ones
	@$(BIN)/python -m pytest -m "not slow and not long"

lint: $(READY)  ## style, types, layering of imports
	@$(BIN)/ruff check stylizer tools tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports

clean:  ## removes the environment; data/ and runs/ stay
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache
