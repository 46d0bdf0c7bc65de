"""What checks say together."""

from __future__ import annotations

from pathlib import Path

from everprint.monitor.disk import check_free_space
from everprint.monitor.health import CheckResult, Health, Level, Question, worst


def test_the_worst_check_speaks_for_all() -> None:
    assert worst([]) is Level.OK
    assert worst([Level.OK, Level.WARN, Level.OK]) is Level.WARN
    assert worst([Level.FAIL, Level.WARN]) is Level.FAIL


def test_health_is_told_with_every_check() -> None:
    health = Health(Question.READINESS, (CheckResult("disk", Level.WARN, "soon full"),))
    assert health.as_json() == {
        "question": "readiness",
        "status": "warn",
        "checks": [{"name": "disk", "status": "warn", "message": "soon full"}],
    }


def test_free_space_warns_before_it_fails(tmp_path: Path) -> None:
    assert check_free_space("disk", tmp_path, 1).level is Level.OK
    assert check_free_space("disk", tmp_path, 10**9).level is Level.FAIL
    free = int(check_free_space("disk", tmp_path, 1).message.split()[0])
    assert check_free_space("disk", tmp_path, free * 2 // 3).level is Level.WARN
    assert check_free_space("disk", tmp_path / "gone", 1).level is Level.FAIL
