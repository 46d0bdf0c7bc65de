"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only a *problem* makes `everprint server doctor` fail."""

    OK = "ok"
    ADVICE = "advice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `advice` says what to do, and is empty where there is nothing to do."""

    check: str
    level: Level
    found: str
    advice: str = ""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, found)


def advise(check: str, found: str, advice: str) -> Finding:
    """It works, but could be better, or soon will not work."""
    return Finding(check, Level.ADVICE, found, advice)


def problem(check: str, found: str, advice: str) -> Finding:
    """Something does not work, loses what it should keep, or is open to who should not have it."""
    return Finding(check, Level.PROBLEM, found, advice)
