"""What clusters tell over the API: taken within bounds, kept in the place of what was before, shown with its age."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from tests.server.api.program import Program, program

pytestmark = pytest.mark.usefixtures("database")

TOLD: dict[str, Any] = {
    "at": "2026-11-27T11:23:05+00:00",
    "status": "warn",
    "asked": "beta",
    "quorum": True,
    "every_s": 10,
    "hosts": [
        {
            "name": "alpha",
            "state": "offline",
            "runs": 0,
            "controller": False,
            "site": "main",
            "programs": [],
            "fencing": [{"device": "fence_ipmilan", "state": "started"}],
            "last_fenced": {
                "action": "reboot",
                "state": "done",
                "at": "2026-11-27T11:20:00+00:00",
                "by": "beta",
                "reason": "",
            },
        }
    ],
    "vms": [
        {
            "name": "print1",
            "role": "print-server",
            "protection": "app-ha",
            "host": "beta",
            "state": "started",
            "health": "well",
            "since": None,
            "failures": 1,
            "last_failure": "",
            "last_fail_over": {
                "at": "2026-11-27T11:20:04+00:00",
                "why": "alpha was fenced",
                "from": "alpha",
                "to": "beta",
            },
            "evidence": [{"host": "beta", "folder": "/var/x", "at": "20261127T112305Z", "reason": "no answer"}],
            "layers": [{"layer": "mirror", "state": "degraded", "level": "warn", "detail": "to alpha"}],
        }
    ],
    "troubles": [],
    "of_a_newer_release": {"any": "thing"},
}


def reporter() -> Program:
    from everprint.server.access.permissions import Permission

    return program(permissions=[Permission.REPORT_CLUSTERS])


def test_a_report_takes_the_place_of_the_one_before() -> None:
    admin, beside = program(), reporter()
    answer = beside.done("PUT", "/clusters/print", TOLD)
    assert (answer["name"], answer["is_stale"], answer["told_by"]) == ("print", False, beside.user.name)
    beside.done("PUT", "/clusters/print", {**TOLD, "status": "ok", "vms": []})
    (found,) = admin.get("/clusters")
    assert (found["document"]["status"], found["document"]["vms"]) == ("ok", [])
    beside.done("PUT", "/clusters/print", TOLD)
    (vm,) = admin.get("/clusters/print")["document"]["vms"]
    assert vm["last_fail_over"] == {"at": "2026-11-27T11:20:04Z", **_without_time(TOLD)}
    assert "of_a_newer_release" not in admin.get("/clusters/print")["document"]


def _without_time(told: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in told["vms"][0]["last_fail_over"].items() if key != "at"}


def test_silence_is_seen() -> None:
    from django.utils import timezone

    from everprint.server.clusters.models import Cluster
    from everprint.server.clusters.reports import clusters

    reporter().done("PUT", "/clusters/print", {**TOLD, "every_s": 20})
    told_at = Cluster.objects.get().told_at
    for seconds, is_stale in ((0, False), (60, False), (61, True)):
        (found,) = clusters(told_at + timedelta(seconds=seconds))
        assert (found.age, found.is_stale) == (timedelta(seconds=seconds), is_stale)
    Cluster.objects.update(told_at=timezone.now() + timedelta(hours=1))
    assert program().get("/clusters/print")["age_s"] == 0, "a clock that was set back"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("status",), "splendid"),
        (("every_s",), 0),
        (("at",), "2026-11-27T11:23:05"),
        (("at",), 1795780000),
        (("at",), "1795780000"),
        (("quorum",), 1),
        (("hosts", 0, "controller"), "true"),
        (("vms", 0, "name"), "n" * 65),
        (("vms", 0, "health"), "well\x1b[2J"),
        (("vms", 0, "failures"), -1),
        (("hosts",), [TOLD["hosts"][0]] * 65),
        (("vms",), [TOLD["vms"][0]] * 501),
        (("vms", 0, "layers", 0, "detail"), "d" * 401),
        (("hosts", 0, "fencing"), "none"),
    ],
)
def test_what_is_no_report_is_refused(path: tuple[str | int, ...], value: object) -> None:
    told: Any = deepcopy(TOLD)
    inner = told
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert reporter().refused("PUT", "/clusters/print", told) == (422, "invalid")
    assert program().get("/clusters") == []


def test_who_may_tell_who_may_look_and_how_many() -> None:
    from everprint.server.clusters.reports import MOST_CLUSTERS

    beside, oper = reporter(), program("operator")
    assert beside.refused("GET", "/clusters") == (403, "forbidden")
    assert oper.refused("PUT", "/clusters/print", TOLD) == (403, "forbidden")
    assert beside.refused("PUT", "/clusters/Print_1", TOLD) == (422, "invalid")
    assert program().refused("GET", "/clusters/print") == (404, "not-found")
    few = {**TOLD, "vms": [], "hosts": []}
    for number in range(MOST_CLUSTERS):
        beside.done("PUT", f"/clusters/c{number}", few)
    assert beside.refused("PUT", "/clusters/one-more", few) == (409, "too-many-clusters")
    assert len(program().get("/clusters")) == MOST_CLUSTERS
    beside.done("PUT", "/clusters/c1", few)


def test_a_new_cluster_is_in_the_audit_log_and_each_report_is_not() -> None:
    from everprint.server.audit_log.models import AuditEntry

    beside, admin = reporter(), program()
    for _ in range(3):
        beside.done("PUT", "/clusters/print", TOLD)
    admin.done("DELETE", "/clusters/print")
    noted = AuditEntry.objects.filter(target_name="print").order_by("pk").values_list("action", flat=True)
    assert list(noted) == ["cluster.add", "cluster.remove"]
    assert not AuditEntry.objects.filter(action__startswith="request.").exists()
    assert admin.get("/clusters") == []


def test_the_page_says_that_a_cluster_is_silent_and_lets_it_be_forgotten() -> None:
    from django.test import Client

    from everprint.server.clusters.models import Cluster

    beside, admin = reporter(), program()
    beside.done("PUT", "/clusters/print", TOLD)
    Cluster.objects.update(told_at=Cluster.objects.get().told_at - timedelta(minutes=5))
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(admin.user)
    page = browser.get("/clusters").content.decode()
    assert "Nothing has been heard of it for 5 min: it may be otherwise now." in page
    assert "Was: Well" in page
    assert "Mirror: degraded" in page
    assert browser.post("/clusters/print/forget").status_code == 302
    assert "No cluster tells of itself." in browser.get("/clusters").content.decode()
    assert browser.post("/clusters/print/forget").status_code == 404
    browser.force_login(program("operator").user)
    assert browser.get("/clusters").status_code == 403
