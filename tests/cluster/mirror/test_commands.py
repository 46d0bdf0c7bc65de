"""`everprint cluster mirror`, and what status says of mirrors, by hosts that tell what they have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from everprint.cli import cluster_mirror
from everprint.cli.main import everprint_command
from everprint.cluster.hosts.port import Answer, HostUnreachable
from everprint.cluster.mirror.layer import Mirrors
from everprint.cluster.ocf.mirror.truth import Record, Truth
from everprint.cluster.topology.reader import read_topology

SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "mirrored.toml"
SINCE = "2026-11-27T10:15:00Z"
STATUS = """<pacemaker-result><summary><current_dc with_quorum="true"/></summary><nodes/><resources>
<resource id="print1" resource_agent="ocf:everprint:MirroredMachine" role="{role}">{node}</resource>
</resources></pacemaker-result>"""


@dataclass
class Told:
    """What two hosts tell of the mirror of print1; of the other VMs nothing was ever noted."""

    truth: Truth | None = None
    records: dict[str, Record] = field(default_factory=dict)
    keeper: dict[str, dict[str, object]] = field(default_factory=dict)
    runs_on: str = ""
    silent: tuple[str, ...] = ()
    no_majority: tuple[str, ...] = ()
    done: list[list[str]] = field(default_factory=list)

    def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30) -> Answer:
        if host in self.silent:
            raise HostUnreachable(host, "no route")
        match argv:
            case ["crm_node", *_]:
                return Answer(0, "0" if host in self.no_majority else "1\n", "")
            case ["crm_attribute", *_, "--query", "--quiet"]:
                if self.truth and "everprint-mirror-print1" in argv:
                    return Answer(0, f"{self.truth.written()}\n", "")
                return Answer(105, "", "No such device or address")
            case ["crm_mon", *_]:
                node = f'<node name="{self.runs_on}"/>' if self.runs_on else ""
                return Answer(0, STATUS.format(role="Started" if node else "Stopped", node=node), "")
            case ["cat", "--", path]:
                found: object = None
                if path.endswith("print1.qcow2.mirror") and host in self.records:
                    return Answer(0, self.records[host].written(), "")
                if path.endswith("everprint-mirror-print1.json"):
                    found = self.keeper.get(host)
                return Answer(0, json.dumps(found), "") if found else Answer(1, "", "No such file")
            case _:
                self.done.append(list(argv))
                return Answer(0, "", "")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told(
        truth=Truth(4, ("alpha", "beta"), SINCE),
        records={"alpha": Record(4, is_target=False, since=SINCE), "beta": Record(1, is_target=True, since=SINCE)},
        keeper={"alpha": {"phase": "in-sync", "cause": ""}},
    )
    monkeypatch.setattr(cluster_mirror, "hosts_of", lambda *_: made)
    return made


def everprint(*words: str) -> Result:
    return CliRunner().invoke(everprint_command, ["cluster", "mirror", *words])


def state() -> tuple[str, str, str]:
    ended = everprint("list", str(SAMPLE), "--json")
    found = next(one for one in json.loads(ended.stdout) if one["vm"] == "print1")
    return found["state"], found["status"], found["detail"]


def test_each_state_is_told_from_the_others(told: Told) -> None:
    assert state() == ("in sync", "ok", f"good: alpha and beta since {SINCE}")
    told.keeper = {"alpha": {"phase": "declaring", "cause": "no majority"}}
    assert state() == ("waiting", "fail", f"good: alpha and beta since {SINCE}; no majority")
    told.truth, told.silent = Truth(5, ("alpha",), SINCE), ("beta",)
    told.keeper = {"alpha": {"phase": "alone", "cause": "beta does not answer"}}
    word, level, detail = state()
    assert (word, level) == ("alone", "warn")
    assert "beta does not answer" in detail
    assert "beta cannot be reached: no route" in detail
    told.keeper = {"alpha": {"phase": "copying", "cause": "", "done_octets": 30, "all_octets": 40}}
    assert state()[0] == "copying"
    assert "copied so far: 75 %" in state()[2]
    told.truth, told.silent = None, ()
    assert state()[:2] == ("unknown", "fail")
    told.records = {}
    assert state()[:2] == ("never ran", "warn")


def test_the_exit_code_says_whether_all_are_in_sync_and_the_list_is_for_people(told: Told) -> None:
    ended = everprint("list", str(SAMPLE))
    assert ended.exit_code == 1, "the other VMs never ran"
    assert "in sync" in ended.output
    told.no_majority = ("alpha", "beta")
    ended = everprint("list", str(SAMPLE))
    assert (ended.exit_code, "alpha: has no majority" in ended.output) == (1, True)


def test_status_shows_mirrors_as_what_guards_the_vms(told: Told) -> None:
    states = {one.vm: one for one in Mirrors().states(read_topology(SAMPLE), told)}
    assert set(states) == {"server", "print1", "print2"}
    assert (states["print1"].layer, states["print1"].state, states["print1"].level) == ("mirror", "in sync", "ok")


def test_forcing_says_what_it_costs_and_asks(told: Told) -> None:
    told.truth = Truth(6, ("alpha",), SINCE)
    ended = CliRunner().invoke(
        everprint_command, ["cluster", "mirror", "force", str(SAMPLE), "print1", "--host", "beta"], input="n\n"
    )
    assert ended.exit_code == 1
    assert f"What was written since {SINCE} is only on alpha, and is lost." in ended.output
    assert told.done == []
    ended = everprint("force", str(SAMPLE), "print1", "--host", "beta", "--yes")
    assert ended.exit_code == 0, ended.output
    noted, cleaned = told.done
    assert noted[-1].startswith("7:beta:")
    assert cleaned == ["crm_resource", "--cleanup", "--resource", "print1"]


@pytest.mark.parametrize(
    ("host", "runs_on", "current", "said"),
    [
        ("beta", "alpha", ("alpha",), "print1 runs on alpha: stop it first"),
        ("alpha", "", ("alpha",), "alpha's copy is the good one: nothing is to be forced"),
        ("gamma", "", ("alpha",), "gamma has no copy of print1; alpha and beta have"),
    ],
)
def test_a_copy_is_not_forced_without_need(
    told: Told, host: str, runs_on: str, current: tuple[str, ...], said: str
) -> None:
    told.truth, told.runs_on = Truth(6, current, SINCE), runs_on
    ended = everprint("force", str(SAMPLE), "print1", "--host", host, "--yes")
    assert ended.exit_code == 1
    assert said in ended.output
    assert told.done == []


def test_a_vm_that_is_not_mirrored_cannot_be_forced(told: Told) -> None:
    ended = everprint("force", str(SAMPLE), "print9", "--host", "beta", "--yes")
    assert ended.exit_code == 2
    assert "known: server, print1, print2" in ended.output
    assert told.done == []
