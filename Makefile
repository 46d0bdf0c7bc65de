# `make demo` and `make test` are all that a newcomer needs; both set up what they use.

PYTHON := .venv/bin/python
# Two workers keep two cores busy; a third one runs the tests that mostly wait (tests/distribution.py). A file's tests
# stay together and in order.
SIDE_BY_SIDE := --dist loadfile --no-loadscope-reorder
# Of the server's tests, those that take longest and ask the same of either database run on PostgreSQL alone;
# those of pages and commands, which are about browsers and processes, on SQLite alone.
ON_SQLITE := $(addprefix --ignore=tests/server/,api/test_schemathesis.py directory/test_large_directory.py)
ON_POSTGRESQL := tests/server $(addprefix --ignore=tests/server/,pages cli)

.PHONY: demo test check bench bench-cluster faults away two-servers failover lock-step mirror-drill fuzz lab lab-test setup clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:  ## Install what the other targets need
	@requirements/install

demo: setup  ## See one print job, end to end (ONCE=1: check every figure and exit)
	@$(PYTHON) -m demo $(if $(ONCE),--once)

check: setup  ## Lint and types
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

test: check  ## All tests, the server's on SQLite and then on PostgreSQL
	@$(PYTHON) -m pytest -n $(or $(WORKERS),3) $(SIDE_BY_SIDE) $(ON_SQLITE)
	@EVERPRINT_TEST_DATABASE=postgresql $(PYTHON) -m pytest -n $(or $(WORKERS),3) $(SIDE_BY_SIDE) $(ON_POSTGRESQL)

faults: setup  ## A storm of JOBS=2000 prints and FAULTS (a tenth); SEED=n lives through one again
	@$(PYTHON) -m tests.faults.storm --jobs $(or $(JOBS),2000) --faults $(or $(FAULTS),0) --seed $(or $(SEED),0) \
		--database $(or $(DATABASE),postgresql) --queue $(or $(QUEUE),both) $(if $(KEEP),--keep $(KEEP))

away: setup  ## Print JOBS=500 with the server stopped all the while; then log and ledger are as if it had been there
	@EVERPRINT_OFFLINE_JOBS=$(or $(JOBS),500) $(PYTHON) -m pytest -s tests/faults/test_server_away.py

failover: setup  ## The database's primary dies and is cut off while JOBS=2000 come in; OLD=1: with Debian 12's Patroni, and it fails
	@$(if $(OLD),requirements/old-patroni)
	@$(PYTHON) -m tests.faults.database_failover --jobs $(or $(JOBS),$(if $(OLD),200,2000)) \
		$(if $(OWN)$(OLD),--own-etcd-only) $(if $(OLD),--patroni .old-patroni/bin/patroni)

lock-step: setup  ## As root: a fault-tolerant VM's host dies TIMES=10 times while a document is streamed to it by one connection (GUEST=everprint: it is a print server)
	@$(PYTHON) -m tests.faults.lock_step --times $(or $(TIMES),10) --guest $(or $(GUEST),small)

mirror-drill: setup  ## As root: the host of VMs on mirrored disks dies while JOBS=500 come in; then one with the only good copy
	@$(PYTHON) -m demo.mirror --jobs $(or $(JOBS),500) $(if $(PATIENCE),--patience $(PATIENCE))

two-servers: setup  ## Print JOBS=2000 while one or the other of two servers is killed all the time; all is printed and paid once
	@EVERPRINT_TWO_SERVERS_JOBS=$(or $(JOBS),2000) $(PYTHON) -m pytest -s --timeout 14400 tests/faults/test_two_servers.py

bench: setup  ## Measure, beside a peer (NAMES="polling replay": only these, QUICK=1: does it work?, JOBS: of campus)
	@EVERPRINT_BENCH_JOBS="$(JOBS)" $(PYTHON) -m bench $(if $(QUICK),--quick) $(NAMES)

bench-cluster: setup  ## As root: time boots, kills, hangs, moves and a drain of a cluster with VMs (ONLY="boot host", TIMES=1, OUTPUT=file)
	@$(PYTHON) -m bench.on_cluster --only "$(ONLY)" --times $(or $(TIMES),1) $(if $(OUTPUT),--output $(OUTPUT)) \
		$(if $(HEALTH_TIMEOUT),--health-timeout $(HEALTH_TIMEOUT))

lab: setup  ## As root: a cluster of three hosts, somebody who prints all the time, and a host that dies (FAILURES="host")
	@$(PYTHON) -m demo.cluster $(FAILURES)

lab-test: setup  ## As root: each kind of failure TIMES=3 with VMs, then without, and every split brain (an hour and a half)
	@$(PYTHON) -m demo.cluster --times $(or $(TIMES),3) host vm application panic partition engine freeze
	@EVERPRINT_DRILLS=$(or $(TIMES),3) $(PYTHON) -m pytest --durations=0 tests/cluster/drill

fuzz: setup  ## Fuzz our parsers (SECONDS=20 for each, TARGETS="pclxl urf": only these)
	@$(PYTHON) -m fuzz --seconds $(or $(SECONDS),20) $(TARGETS)

clean:  ## Remove what the targets above made
	rm -rf .venv .old-patroni .demo .bench .fuzz .lab build src/everprint.egg-info
