"""What was done to a VM on this host, the last of it: who asks later where it was, and why it went, finds it here.

One line an event: the time (UTC), the word, and what more is known. Recovery does not wait for it: what cannot be
noted is left away.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

STARTED = "started"
STOPPED = "stopped"
FAILED = "failed"
LEFT = "left"
"""It was moved away while it ran."""
CAME = "came"
"""It was moved here while it ran."""

KEPT_LINES = 50
_MOST_OCTETS = 16 << 10
_LONGEST = 200


def note(folder: Path, vm: str, word: str, text: str = "") -> None:
    """Adds a line to what is known of the VM."""
    path = folder / vm
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    # ASCII, so that so many lines always fit into what is read.
    line = f"{at} {word} {' '.join(text.split())[:_LONGEST]}".rstrip().encode("ascii", "replace").decode()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        lines = [*_lines(path), line][-KEPT_LINES:]
        fresh = path.with_name(f".{vm}.new")
        fresh.write_text("".join(f"{one}\n" for one in lines), "utf-8")
        fresh.replace(path)


def last_word(folder: Path, vm: str) -> str:
    """The last line's word; empty if there is none."""
    lines = _lines(folder / vm)
    words = lines[-1].split(" ", 2) if lines else []
    return words[1] if len(words) > 1 else ""


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_OCTETS).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
