"""What makes this server ready: a database that answers and has this release's tables, and room on the disk."""

from __future__ import annotations

from django.db import Error

from everprint.monitor.disk import check_free_space
from everprint.monitor.health import CheckResult, Health, Level, Question
from everprint.server.configuration import ServerSettings
from everprint.server.migrating.compatibility import standing


def liveness() -> Health:
    """That this answers at all is the answer: a database that is away is not mended by restarting this process."""
    return Health(Question.LIVENESS, (CheckResult("process", Level.OK, "answers"),))


def readiness(settings: ServerSettings) -> Health:
    """May providers and people be sent here?"""
    return Health(
        Question.READINESS,
        (check_database(), check_free_space("disk", settings.state_path, settings.free_space_mib)),
    )


def check_database() -> CheckResult:
    """Reachable, and one on which this release may serve."""
    try:
        now = standing()
    except Error as error:
        # A full text may name hosts and users: the log has it, the public answer has not.
        return CheckResult("database", Level.FAIL, f"does not answer ({type(error).__name__})")
    if now.objection:
        return CheckResult("database", Level.FAIL, now.objection)
    return CheckResult("database", Level.OK, now.words)
