"""When a host was fenced, as Pacemaker's fencer remembers (`crm_mon --fence-history`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

_BEFORE_ZONE = re.compile(r" (?=[+-]\d\d:?\d\d$)")


@dataclass(frozen=True, slots=True)
class FenceEvent:
    """One time that a host was to be fenced."""

    host: str
    action: str
    """*off* or *reboot*."""
    at: datetime | None
    """When it was done or given up; None while it is being tried."""
    by: str
    """The host that did it; empty if none did."""
    is_done: bool
    reason: str
    """Why it failed, if it did."""

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        state = "done" if self.is_done else "failed" if self.at else "pending"
        return {
            "action": self.action,
            "state": state,
            "at": self.at.isoformat() if self.at else None,
            "by": self.by,
            "reason": self.reason,
        }


def read_fence_events(root: ET.Element) -> tuple[FenceEvent, ...]:
    """Those in crm_mon's XML, in its order: the newest first."""
    return tuple(map(_event, root.iterfind("fence_history/fence_event")))


def _event(found: ET.Element) -> FenceEvent:
    status = found.get("status", "")
    return FenceEvent(
        host=found.get("target", ""),
        action=found.get("action", ""),
        at=None if status == "pending" else _moment(found.get("completed", "")),
        by=found.get("delegate", ""),
        is_done=status == "success",
        reason=found.get("exit-reason", "") or found.get("extended-status", ""),
    )


def _moment(text: str) -> datetime:
    """Of *2026-11-27 11:23:05.123456Z*, or with an offset; without one it is taken for UTC. Unreadable: long ago."""
    try:
        read = datetime.fromisoformat(_BEFORE_ZONE.sub("", text.strip()))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
