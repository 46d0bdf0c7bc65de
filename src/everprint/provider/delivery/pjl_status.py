"""What a device says back in PJL while it prints (unsolicited status, HP PJL Technical Reference Manual chapter 7).

A message is lines up to a form feed: `@PJL USTATUS JOB`, then `END`, `NAME="..."`, `PAGES=n`. It is a stranger's
word: of bounded length, and numbers only count if they are numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_MESSAGE_OCTETS = 4096
_ENDS = re.compile(rb"\f")
_CODE = re.compile(r"^CODE\s*=\s*(\d{5})\s*$", re.MULTILINE)
_DISPLAY = re.compile(r'^DISPLAY\s*=\s*"([^"]*)"', re.MULTILINE)
_NAME = re.compile(r'^NAME\s*=\s*"([^"]*)"', re.MULTILINE)
_PAGES = re.compile(r"^PAGES\s*=\s*(\d{1,7})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class JobEnded:
    """The device is done with a job; `pages` is None if it does not count them."""

    name: str
    pages: int | None
    cancelled: bool


@dataclass(frozen=True, slots=True)
class DeviceSays:
    """Its state: a five-digit code, and what its display shows."""

    code: int
    display: str


class PjlStatus:
    """Puts messages together from whatever pieces arrive."""

    def __init__(self) -> None:
        self.heard = False  # anything in PJL at all: this device speaks
        self._rest = b""

    def feed(self, octets: bytes) -> list[JobEnded | DeviceSays]:
        """The messages that are complete now."""
        *messages, rest = _ENDS.split(self._rest + octets)
        self._rest = rest[-MOST_MESSAGE_OCTETS:]
        found = [_read(message[-MOST_MESSAGE_OCTETS:]) for message in messages]
        self.heard = self.heard or any(b"@PJL" in message for message in messages)
        return [message for message in found if message is not None]


def _read(message: bytes) -> JobEnded | DeviceSays | None:
    text = message.decode("ascii", "replace").replace("\r\n", "\n").replace("\r", "\n").strip()
    head, _, body = text.partition("\n")
    kind = head.removeprefix("@PJL").split()
    if kind == ["USTATUS", "JOB"] and body.split("\n")[0].strip() in {"END", "CANCELED"}:
        name, pages = _NAME.search(body), _PAGES.search(body)
        return JobEnded(name[1] if name else "", int(pages[1]) if pages else None, body.startswith("CANCELED"))
    if kind in (["USTATUS", "DEVICE"], ["INFO", "STATUS"]):
        code, display = _CODE.search(body), _DISPLAY.search(body)
        if code:
            return DeviceSays(int(code[1]), display[1][:100] if display else "")
    return None


def printer_state(says: DeviceSays) -> tuple[int, tuple[str, ...]]:
    """The printer-state enum and reasons (RFC 8011 sections 5.4.11 and 5.4.12) that a status code stands for."""
    group = says.code // 1000
    if group in {10, 11, 12}:  # informational; background paper; ready with auto-continue
        return 3, ()
    if says.code in _REASONS:
        return 5, (_REASONS[says.code],)
    if group == 41:
        return 5, ("media-needed",)
    if group == 42:
        return 5, ("media-jam-error",)
    if group in {40, 43, 44}:
        return 5, ("other-error",)
    return 3, ()


_REASONS = {
    40010: "toner-empty-error",
    40019: "output-area-full-error",
    40021: "cover-open-error",
    40022: "media-jam-error",
    40000: "paused",
    40079: "paused",  # taken off line
}
