"""Log lines that nobody outside can forge: one event is one line, whatever is quoted in it.

Names, paths and what printers say come from strangers. A line break in one of them would begin a line that looks like
ours, and an escape sequence would act on the operator's terminal; both are written as escapes.
"""

from __future__ import annotations

import logging
import re
import sys

from everprint.monitor.log_subject import with_subject

# Control characters, and the line breaks and directions of text beyond ASCII.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """`time level logger message`; a traceback follows indented: none of its lines looks like another event."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return _ACTIVE.sub(lambda found: ascii(found[0])[1:-1], with_subject(super().formatMessage(record)))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        text = super().formatException(ei)  # type: ignore[arg-type] # logging's own tuple
        return "\n".join(f"    {line}" for line in text.splitlines())


def log_to_stderr(level: str = "INFO") -> None:
    """Sets the process's logging up: standard error, where the service's journal takes it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level, handlers=[handler])
