# One command for each habit. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help setup demo up test synth deploy rollback destroy doctor cost access lint format lock clean
SHELL := /bin/sh
PYTHON ?= python3

STAGE ?= dev
# For `make cost`: how much is asked, and where.
PHOTOS_A_DAY ?= 1000
REGION ?= ap-northeast-2
RELEASE ?= releases/latest
# Settings that are not the stage's: make deploy SET="instance_count=2 log_days=14". Nothing
# remembers them, so doctor, cost and each deploy take the same ones.
SETTINGS = $(foreach one,$(SET),--context "$(one)")
# `make deploy YES=1` asks nothing, for where nobody can answer.
ASK_NOT = $(if $(YES),--require-approval never)
CONTEXT = $(SETTINGS) --context "stage=$(STAGE)" --context "release=$(RELEASE)"
DESTROY = --context "stage=$(STAGE)" --context release=none $(if $(YES),--force)
ARTIFACTS = ChickLearning-$(STAGE)-Artifacts
SERVICE = ChickLearning-$(STAGE)-Service

export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The CDK's own notices and usage reports need a network that a laptop may not have.
export CDK_DISABLE_CLI_TELEMETRY := true

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/installed node_modules/installed build/packages/installed build/network/efficientnet-lite0.onnx  ## install what the rest needs, once

.venv/installed: requirements.txt requirements.lock lambda/requirements.txt lambda/requirements-embedding.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "Python 3.11 or newer is needed, and this is %d.%d. Name one: make PYTHON=python3.12 ..." % v[:2])'
	@echo "Installing Python packages into .venv (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet -r requirements.txt -c requirements.lock
	@touch $@

node_modules/installed: package.json package-lock.json .venv/installed
	@echo "Installing the CDK command line into node_modules (once)"
	@npm ci --silent --no-audit --no-fund
	@touch $@

# The Lambda's packages are fetched here, so that synth needs no network.
build/packages/installed: lambda/requirements.txt lambda/requirements-embedding.txt model_code/bundle.py .venv/installed
	@echo "Fetching the Lambda's packages for AWS and for this machine (once)"
	@python -m model_code.bundle
	@touch $@

build/network/efficientnet-lite0.onnx: .venv/installed model_code/network/efficientnet.py
	@echo "Making the network's file from its published weights (once)"
	@python -m model_code.network

demo: setup  ## the main job on this machine: photos -> release -> deploy -> answer -> teardown
	@python -m local_cloud.demo

up: setup  ## the same, and the API stays up until Ctrl-C
	@python -m local_cloud.demo --keep

test: setup  ## all tests: unit, infrastructure, local
	@pytest --numprocesses 2

synth: setup  ## the template of STAGE with RELEASE, as AWS would get it
	@cdk synth --quiet $(CONTEXT)

deploy: setup  ## deploy STAGE with RELEASE to AWS, then replay the golden photos against it
	cdk deploy "$(ARTIFACTS)" $(CONTEXT) $(ASK_NOT)
	python -m model_code upload "$(RELEASE)" --stack "$(ARTIFACTS)"
	cdk deploy "$(SERVICE)" $(CONTEXT) $(ASK_NOT)
	python -m model_code replay "$(RELEASE)" --stack "$(SERVICE)"
	python -m model_code prune --stack "$(ARTIFACTS)"

# At once and past the alarms, which may be what it is to mend; after the smoke test all the same.
rollback: RELEASE = releases/$(RELEASE_ID)
rollback: setup  ## serve an earlier release of STAGE again: RELEASE_ID=...
	python -m model_code fetch "$(RELEASE_ID)" --stack "$(ARTIFACTS)" --into releases
	cdk deploy "$(SERVICE)" $(CONTEXT) --context canary=false $(ASK_NOT)
	python -m model_code replay "$(RELEASE)" --stack "$(SERVICE)"

destroy: setup  ## take STAGE down from AWS and say what is left
	cdk destroy "$(SERVICE)" $(DESTROY)
	python -m model_code empty --stack "$(ARTIFACTS)"
	cdk destroy "$(ARTIFACTS)" $(DESTROY)
	@echo "Left: the CDK's own stack CDKToolkit, and the endpoints' log groups, which SageMaker made:"
	@echo "      /aws/sagemaker/Endpoints/chicklearning-$(STAGE)-*; and what was named as left above."

doctor: setup  ## ask whether all is there that a deployment of STAGE with RELEASE needs
	@python -m stacks.doctor --stage "$(STAGE)" --release "$(RELEASE)" $(SETTINGS)

cost: setup  ## what STAGE costs a month at PHOTOS_A_DAY photos a day in REGION
	@mkdir -p build && cdk synth --quiet --output build/cost $(CONTEXT) 2> build/cost.log \
		|| { cat build/cost.log >&2; exit 1; }
	@python -m stacks.cost --stage "$(STAGE)" --photos-a-day "$(PHOTOS_A_DAY)" \
		--region "$(REGION)" --templates build/cost

access: setup  ## write docs/access.md, who may do what, from the templates of every stage
	@cdk synth --quiet --output build/access/dev --context stage=dev --context "release=$(RELEASE)"
	@cdk synth --quiet --output build/access/prod --context stage=prod --context "release=$(RELEASE)"
	@python -m stacks.access_table build/access/dev build/access/prod > build/access/page.md
	@mv build/access/page.md docs/access.md

lock: .venv/installed  ## pin again what requirements.txt pulls in
	@pip install --quiet uv
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
		--no-emit-index-url requirements.txt -o requirements.lock

lint: .venv/installed  ## ruff and mypy over everything
	@ruff check .
	@ruff format --check .
	@mypy

format: .venv/installed  ## let ruff write the code its way
	@ruff check --fix --quiet .
	@ruff format --quiet .

clean:  ## remove what was built, keep what was installed
	rm -rf build/access build/cost build/cost.log build/demo build/training build/vectors.sqlite build/lambda cdk.out
