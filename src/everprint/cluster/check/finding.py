"""What a check found: what is so, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everprint.monitor.health import Level, worst


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend (`fail`), to know (`warn`), or that was looked at and is in order (`ok`)."""

    code: str
    """Its name for scripts; never changes."""
    level: Level
    subject: str
    """The host, VM or storage."""
    line: int
    """Of the topology file."""
    what: str
    why: str
    advice: str

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "code": self.code,
            "level": self.level.value,
            "subject": self.subject,
            "line": self.line,
            "what": self.what,
            "why": self.why,
            "advice": self.advice,
        }


def level_of(findings: Sequence[Finding]) -> Level:
    """The worst of them."""
    return worst([finding.level for finding in findings])
