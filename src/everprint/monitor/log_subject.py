"""What the lines of a log are about, said once by the task that logs them: all of its lines carry it.

So a line of a library, or of a part that knows of no jobs, is found with the others of its job.
"""

from __future__ import annotations

from contextvars import ContextVar

_subject: ContextVar[str] = ContextVar("log_subject", default="")


def log_about(**subject: object) -> None:
    """From here on in this task, and in what it starts: `job_id=7`, say."""
    _subject.set(" ".join(f"{key}={value}" for key, value in subject.items()))


def with_subject(line: str) -> str:
    """The line with what it is about behind it, unless it says so itself."""
    subject = _subject.get()
    return line if not subject or subject.partition("=")[0] + "=" in line else f"{line} {subject}"
