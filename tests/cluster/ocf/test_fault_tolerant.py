"""ocf:everprint:FaultTolerant on two hosts that are network namespaces, with real QEMU processes (firmware only).

The engine's programs are played by scripts over a folder: what is tried is what the agent does, and in which order.
`make lock-step` tries it under the engine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from everprint.cluster.fault_tolerance import processes
from everprint.cluster.fault_tolerance.definition import Definition, written_definition
from everprint.cluster.fault_tolerance.keeping import read_progress
from everprint.cluster.fault_tolerance.machine import Machine
from everprint.cluster.fault_tolerance.self_test.network import Network, TrialNotPossible, network
from everprint.cluster.fault_tolerance.verdict import Verdict, installed_version, write_verdict
from rig.waiting import wait_for
from tests.cluster.ocf.installed import Resource, installed_agents

QEMU = "qemu-system-x86_64"
SHIM = Path(__file__).parents[3] / "rig" / "tcg_shim.c"
NAME = f"twins-{os.getpid()}"
OK, FAILED, NOT_INSTALLED, NOT_CONFIGURED, NOT_RUNNING, PROMOTED, FAILED_PROMOTED = 0, 1, 5, 6, 7, 8, 9
DISK = "16M"

# crm_attribute, attrd_updater, crm_resource and crm_node, as far as the agent speaks to them.
ENGINE = """#!/bin/sh
what=${0##*/}
while [ $# -gt 0 ]; do
    case $1 in
    --name | --node | --type) eval "${1#--}=\\$2"; shift ;;
    --promotion) name=score; shift ;;
    --resource) shift ;;
    --update) value=$2; verb=update; shift ;;
    --query | --delete | --fail | --quorum) verb=${1#--} ;;
    esac
    shift
done
cd "$ENGINE" || exit 1
case $what:$verb in
crm_attribute:query) cat "$name" 2>/dev/null || exit 105 ;;
crm_attribute:update) echo "$value" >"$name${node:+@$node}" ;;
crm_attribute:delete) rm -f "$name@$node" ;;
attrd_updater:update) echo "$value" >"$name@$ENGINE_HOST" ;;
attrd_updater:query)
    for file in "$name"@*; do
        [ -e "$file" ] && echo "name=\\"$name\\" host=\\"${file#*@}\\" value=\\"$(cat "$file")\\""
    done
    true ;;
crm_resource:fail) echo "$node" >>failed ;;
crm_node:quorum) if [ -e no-majority ]; then echo 0; else echo 1; fi ;;
esac
"""


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    if os.geteuid() != 0:
        pytest.skip("only root can make the hosts' networks")
    try:
        with network() as made:
            yield made
    except TrialNotPossible as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def agent() -> Iterator[Path]:
    with installed_agents() as root:
        yield root / "resource.d" / "everprint" / "FaultTolerant"


class World:
    """Two hosts and their engine."""

    def __init__(self, folder: Path, agent: Path, net: Network, *, shared: bool) -> None:
        self.folder, self._agent, self._net, self._shared = folder, agent, net, shared
        self.engine = folder / "engine"
        self.engine.mkdir()
        programs = folder / "programs"
        programs.mkdir()
        for name in ("crm_attribute", "attrd_updater", "crm_resource", "crm_node"):
            (programs / name).write_text(ENGINE)
            (programs / name).chmod(0o755)
        self._path = f"{programs}:{os.environ['PATH']}"
        shim = folder / "shim.so"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
        self.qemu = ("env", f"LD_PRELOAD={shim}", QEMU)
        self.alpha, self.beta = self._host("alpha", 0), self._host("beta", 1)

    def _host(self, name: str, number: int) -> Resource:
        own = self.folder / name
        own.mkdir()
        namespace = self._net.hosts[number]
        program = own / "FaultTolerant"
        program.write_text(f'#!/bin/sh\nexec ip netns exec {namespace.name} {self._agent} "$@"\n')
        program.chmod(0o755)
        machine = Machine(NAME, 32, None, None, "", "52:54:00:65:76:61", qemu=self.qemu)
        disks = self.folder if self._shared else own
        definition = Definition(
            machine,
            disks={"a": str(disks / "a.qcow2"), "b": str(disks / "b.qcow2")},
            disk_mib=16,
            shared=self._shared,
            bridge="bridge0",
            first_port=9003,
            hosts={"alpha": self._net.hosts[0].address, "beta": self._net.hosts[1].address},
            home="alpha",
        )
        (own / "definition.json").write_text(written_definition(definition))
        write_verdict(own / "verdict.json", Verdict(installed_version(self.qemu), "tcg", passed=True))
        if name == "alpha":
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disks / "a.qcow2", DISK], check=True)
        environment = {
            "PATH": self._path,
            "ENGINE": str(self.engine),
            "ENGINE_HOST": name,
            "OCF_RESKEY_CRM_meta_on_node": name,
        }
        # A socket's path has at most 107 octets: not below pytest's own folder.
        return Resource(
            program,
            own / "state",
            environment,
            definition=own / "definition.json",
            verdict=own / "verdict.json",
            runs=own / "runs",
            shutdown_timeout=0,
        )

    def record(self, word: str | None = None) -> str:
        """What the engine's configuration says; or says from now on."""
        file = self.engine / f"everprint-ft-{NAME}"
        if word is not None:
            file.write_text(word)
        return file.read_text().strip() if file.exists() else ""

    def score(self, host: str) -> str:
        return self._read(f"score@{host}")

    def told(self, kind: str, host: str) -> str:
        return self._read(f"everprint-ft-{NAME}-{kind}@{host}")

    def send(self, host: str, number: signal.Signals) -> None:
        """That half's QEMU gets a signal."""
        (process,) = processes.running(self._qmp(host))
        os.kill(process, number)

    def kill(self, host: str) -> None:
        """Ends that half's QEMU."""
        self.send(host, signal.SIGKILL)
        wait_for("it to end", lambda: not processes.running(self._qmp(host)))

    def since_checkpoint(self, host: str) -> float:
        """Seconds since the last one that the process beside that primary has told of."""
        progress = read_progress(self.folder / host / "state" / "everprint-ft-test")
        return time.monotonic() - progress.last_checkpoint if progress and progress.last_checkpoint else 0.0

    def _qmp(self, host: str) -> str:
        return f"unix:{self.folder / host / 'state' / 'everprint-ft-test' / 'qmp'},server=on,wait=off"

    def _read(self, name: str) -> str:
        file = self.engine / name
        return file.read_text().strip() if file.exists() else ""


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="everprint-ft-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def world(folder: Path, agent: Path, net: Network) -> Iterator[World]:
    made = World(folder, agent, net, shared=False)
    yield made
    for half in (made.alpha, made.beta):
        half("stop")


def protect(world: World, primary: Resource, twin: Resource, record: str) -> None:
    """Both halves are looked at, as the engine does again and again, until the record says so."""

    def is_recorded() -> bool:
        assert twin("monitor") == OK, twin.said
        assert primary("monitor") == PROMOTED, primary.said
        return world.record() == record

    wait_for(f"the record to say {record}", is_recorded, within_s=120)


def test_a_twin_takes_over_and_the_other_disk_is_never_started_again(world: World) -> None:
    alpha, beta = world.alpha, world.beta
    assert alpha("monitor") == NOT_RUNNING
    assert (alpha("start"), beta("start")) == (OK, OK), alpha.said + beta.said
    assert (world.score("alpha"), world.score("beta")) == ("100", ""), "before it first ran, its home has the disk"
    assert beta("promote") == FAILED
    assert "the current disk is not here" in beta.said
    assert alpha("promote") == OK, alpha.said
    assert world.record() == "a@alpha"

    # A part without a majority says nothing of the current disk that the others might believe later.
    (world.engine / "no-majority").touch()
    assert alpha("demote") == OK, alpha.said
    assert alpha("promote") == FAILED
    assert "no majority" in alpha.said
    (world.engine / "no-majority").unlink()
    assert alpha("promote") == OK, alpha.said

    protect(world, alpha, beta, "a@alpha b@beta")
    assert beta("monitor") == OK
    assert (world.score("alpha"), world.score("beta")) == ("1000", "900")
    wait_for(
        "it to be told",
        lambda: alpha("monitor") == PROMOTED and "protected beta" in world.told("state", "alpha"),
        within_s=120,
    )

    # Nobody hears a service whose VM waits for its twin: that is no failure of the service.
    world.send("beta", signal.SIGSTOP)
    wait_for("the last checkpoint to be long ago", lambda: world.since_checkpoint("alpha") > 5, within_s=120)
    asked = {"OCF_RESKEY_health": "http://127.0.0.1:9/health/live", "OCF_RESKEY_health_timeout": "5"}
    alpha.environment.update(asked)
    wait_for(
        "it to be excused",
        lambda: alpha("monitor") == PROMOTED and "waits for its twin on beta" in alpha.said,
        within_s=120,
    )
    assert world.record() == "a@alpha b@beta"
    world.send("beta", signal.SIGCONT)
    for name in asked:
        del alpha.environment[name]

    world.kill("alpha")
    assert alpha("monitor") == FAILED_PROMOTED
    assert (world.score("alpha"), world.score("beta")) == ("", "900"), "its twin is as far, and it is not"
    assert alpha("stop") == OK
    assert beta("promote") == OK, beta.said
    assert world.record() == "b@beta"
    assert beta("monitor") == PROMOTED, beta.said

    # alpha's disk is stale now, and it has one.
    assert alpha("start") == OK
    assert world.score("alpha") == ""
    assert alpha("promote") == FAILED
    assert "the record says b@beta" in alpha.said

    protect(world, beta, alpha, "b@beta a@alpha")
    world.kill("alpha")
    assert alpha("monitor") == FAILED
    assert alpha("stop") == OK
    assert beta("notify", notify_type="post", notify_operation="stop", notify_stop_uname="alpha") == OK, beta.said
    assert "goes on without alpha" in beta.said
    assert world.record() == "b@beta"
    assert beta("monitor") == PROMOTED, beta.said
    assert "started as it stood" in re.sub(r"\S+Z ", "", (world.folder / "beta" / "runs" / NAME).read_text())


def test_a_cluster_that_has_forgotten_the_record_starts_no_disk_that_was_run_from(world: World) -> None:
    alpha = world.alpha
    assert (alpha("start"), alpha("promote"), alpha("stop")) == (OK, OK, OK), alpha.said
    (world.engine / f"everprint-ft-{NAME}").unlink()
    assert alpha("start") == NOT_INSTALLED
    assert "the cluster does not know any more which disk" in alpha.said
    world.record("a@alpha")
    assert (alpha("start"), alpha("promote")) == (OK, OK), alpha.said


def test_it_does_not_run_on_a_host_that_is_none_of_its_own_and_may_run_on_the_others(world: World) -> None:
    """The engine looks at every host. *Not configured* as the answer would forbid the VM on all of them."""
    assert world.beta("monitor", interval="0", on_node="gamma") == NOT_RUNNING
    assert world.beta("start", on_node="gamma") == NOT_CONFIGURED
    assert "gamma is none of its hosts" in world.beta.said


def test_it_stays_unprotected_where_qemu_was_not_proven_and_says_so(world: World) -> None:
    verdict = world.folder / "beta" / "verdict.json"
    write_verdict(verdict, Verdict(installed_version(world.qemu), "tcg", passed=False, reason="it stood still"))
    assert (world.alpha("start"), world.beta("start")) == (OK, OK)
    # Its service still starts. It is asked once: a look that waited for it would not end before the engine ends it.
    asked = {"health": "http://127.0.0.1:9/health/live", "health_timeout": "3600", "start_grace": "3600"}
    world.alpha.environment.update({f"OCF_RESKEY_{name}": value for name, value in asked.items()})
    assert world.alpha("promote") == OK, world.alpha.said
    assert world.beta("monitor") == OK
    assert world.alpha("monitor") == PROMOTED
    assert "does not answer" in world.alpha.said
    assert world.told("state", "alpha").startswith("degraded")
    assert "beta: its QEMU" in world.told("state", "alpha")
    assert "failed the trial: it stood still" in world.told("state", "alpha")
    # It is there as with `ha`: a QEMU that ends is started again.
    world.kill("alpha")
    assert world.alpha("monitor") == FAILED_PROMOTED
    assert world.score("alpha") == "100"
    assert (world.alpha("demote"), world.alpha("promote")) == (OK, OK), world.alpha.said
    assert world.alpha("monitor") == PROMOTED


def test_ocf_tester_passes_it(world: World, agent: Path, net: Network) -> None:
    write_verdict(world.folder / "alpha" / "verdict.json", Verdict("none", "tcg", passed=False))
    names = ("definition", "verdict", "runs", "shutdown_timeout")
    parameters = [f"{name}={world.alpha.environment[f'OCF_RESKEY_{name}']}" for name in names]
    options = [word for parameter in parameters for word in ("-o", parameter)]
    # The agent itself: as nobody, who asks for its description, it could not enter the network.
    argv = ["ip", "netns", "exec", net.hosts[0].name, "ocf-tester", "-n", NAME, *options, agent]
    tested = subprocess.run(
        argv, env=world.alpha.environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_on_shared_disks_any_host_may_start_it_but_not_beside_a_twin(folder: Path, agent: Path, net: Network) -> None:
    world = World(folder, agent, net, shared=True)
    world.record("a@gamma b@alpha")
    definition = json.loads((folder / "beta" / "definition.json").read_text())
    definition["hosts"]["gamma"] = "198.18.0.9"
    for host in ("alpha", "beta"):
        (folder / host / "definition.json").write_text(json.dumps(definition))
    assert world.beta("start") == OK, world.beta.said
    assert world.score("beta") == "50", "gamma and alpha are gone: the current disk is shared"
    (world.engine / f"everprint-ft-{NAME}-offer@alpha").write_text("b 1 7.2")
    assert world.beta("monitor") == OK
    assert world.score("beta") == "", "alpha is there, and may be as far"
    assert world.beta("stop") == OK
