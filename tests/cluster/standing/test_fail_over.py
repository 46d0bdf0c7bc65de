"""When a VM last failed over, told from notes and fencing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from everprint.cluster.standing.fail_over import FailOver, last_fail_over
from everprint.cluster.standing.fence_events import FenceEvent, read_fence_events
from everprint.cluster.standing.host_records import Run

BEGAN = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
ALL = frozenset({"alpha", "beta", "gamma"})


def at(minute: float) -> datetime:
    return BEGAN + timedelta(minutes=minute)


def runs(text: str) -> list[Run]:
    """*MINUTE HOST WORD TEXT*, one a line."""
    found = []
    for line in text.strip().splitlines():
        minute, host, word, *rest = line.split()
        found.append(Run(host, at(float(minute)), word, " ".join(rest)))
    return found


def fenced(host: str, minute: float, *, is_done: bool = True) -> FenceEvent:
    return FenceEvent(host, "reboot", at(minute), "gamma", is_done, "")


CASES = {
    "never ran": ("", [], ALL, None),
    "its first start": ("0 alpha started", [], ALL, None),
    "a planned stop and start": ("0 alpha started\n5 alpha stopped\n6 beta started", [], ALL, None),
    "moved live, and nothing else": ("0 alpha started\n5 alpha left beta\n5 beta came", [], ALL, None),
    "its service hung": (
        "0 alpha started\n5 alpha failed no answer\n5.1 alpha stopped\n5.2 alpha started",
        [],
        ALL,
        ("alpha", "alpha", "no answer", 5.2),
    ),
    "it failed too often, and went": (
        "0 alpha started\n5 alpha failed it is paused\n5.1 alpha stopped\n5.3 beta started",
        [],
        ALL,
        ("alpha", "beta", "it is paused", 5.3),
    ),
    "it ended by itself": (
        "0 alpha started\n5 alpha failed it ended by itself\n5.1 alpha started",
        [],
        ALL,
        ("alpha", "alpha", "it ended by itself", 5.1),
    ),
    "its host was fenced, and is silent": (
        "9 beta started",
        [fenced("alpha", 8.9)],
        ALL - {"alpha"},
        ("alpha", "beta", "alpha was fenced", 9),
    ),
    "its host was fenced, and is back": (
        "0 alpha started\n9 beta started",
        [fenced("alpha", 8.9)],
        ALL,
        ("alpha", "beta", "alpha was fenced", 9),
    ),
    "the silent host, not the one that it left in order before": (
        "0 beta started\n1 beta stopped\n9 gamma started",
        [fenced("alpha", 8.9)],
        ALL - {"alpha"},
        ("alpha", "gamma", "alpha was fenced", 9),
    ),
    "fenced long ago is no reason": ("60 beta started", [fenced("alpha", 8)], ALL - {"alpha"}, None),
    "a fencing that failed is no reason": (
        "9 beta started",
        [fenced("alpha", 8.9, is_done=False)],
        ALL - {"alpha"},
        None,
    ),
    "a host that nobody fenced, as one that was switched off in the night": (
        "0 alpha started\n9 beta started",
        [],
        ALL,
        ("alpha", "beta", "alpha was lost", 9),
    ),
    "its host was started anew": (
        "0 alpha started\n9 alpha started",
        [],
        ALL,
        ("alpha", "alpha", "alpha was started anew", 9),
    ),
    "it had moved live to the host that is silent now": (
        "0 beta started\n5 beta left alpha\n9 gamma started",
        [fenced("alpha", 8.9)],
        ALL - {"alpha"},
        ("alpha", "gamma", "alpha was fenced", 9),
    ),
    "it had moved live to a host whose clock is behind": (
        "0 beta started\n4.99 alpha came\n5 beta left alpha\n9 gamma started",
        [],
        ALL,
        ("alpha", "gamma", "alpha was lost", 9),
    ),
    "a planned restart hides no older fail-over": (
        "0 alpha started\n5 beta started\n7 beta stopped\n8 gamma started",
        [fenced("alpha", 4.9)],
        ALL,
        ("alpha", "beta", "alpha was fenced", 5),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_last_fail_over_when_why_from_where_and_where_to(case: str) -> None:
    text, events, told, expected = CASES[case]
    wanted = None
    if expected:
        source, target, why, minute = expected
        wanted = FailOver(at(minute), why, source, target)
    assert last_fail_over(runs(text), events, told) == wanted


# In the form of pacemaker's schema (api/fence-event-*.rng).
HISTORY = """<pacemaker-result><fence_history status="0">
<fence_event status="pending" action="reboot" target="beta" client="pacemaker-controld.1" origin="alpha"/>
<fence_event status="success" action="reboot" target="beta" client="pacemaker-controld.1" origin="alpha"
 delegate="gamma" completed="2026-11-27 11:23:05.123456Z"/>
<fence_event status="failed" extended-status="No such device" action="off" target="alpha" client="stonith_admin.7"
 origin="gamma" completed="2026-11-27 12:23:05 +01:00"/>
<fence_event status="success" action="off" target="alpha" client="x" origin="gamma" completed="yesterday"/>
</fence_history></pacemaker-result>"""


def test_what_the_fencer_remembers_is_read() -> None:
    trying, done, failed, odd = read_fence_events(ET.fromstring(HISTORY))
    assert (trying.host, trying.at, trying.as_json()["state"]) == ("beta", None, "pending")
    assert (done.host, done.by, done.is_done) == ("beta", "gamma", True)
    assert done.at == datetime(2026, 11, 27, 11, 23, 5, 123456, tzinfo=UTC)
    assert (failed.as_json()["state"], failed.reason) == ("failed", "No such device")
    assert failed.at == datetime(2026, 11, 27, 11, 23, 5, tzinfo=UTC)
    assert odd.at == datetime(1970, 1, 1, tzinfo=UTC), "a time that cannot be read is long ago, and explains nothing"
