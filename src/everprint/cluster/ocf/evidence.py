"""What is kept of a VM before its power is cut: whoever asks tomorrow why it was restarted finds it here.

Recovery does not wait for evidence: each piece has a few seconds, and what cannot be had is left away.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from everprint.cluster.ocf.domain_control import DomainControl, NoAnswer

KEPT = 10
"""How many times a VM's evidence is kept."""
TAIL_OCTETS = 64 << 10
_LOGS = Path("/var/log/libvirt/qemu")


def keep_evidence(domain: DomainControl, folder: Path, reason: str, logs: Path = _LOGS) -> Path | None:
    """Screen, console and log of the domain, in a folder of their own. None if nothing could be kept."""
    kept = folder / domain.name / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    try:
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "reason.txt").write_text(f"{reason}\n", "utf-8")
    except OSError:
        return None
    _keep(kept / "state.txt", lambda: domain.virsh("domstate", domain.name, "--reason").encode())
    with suppress(NoAnswer):
        domain.virsh("screenshot", domain.name, str(kept / "screen.ppm"))
    for name in (f"{domain.name}-console.log", f"{domain.name}.log"):
        _keep(kept / name, lambda path=logs / name: _tail(path))  # type: ignore[misc]
    for old in sorted(kept.parent.iterdir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return kept


def _keep(path: Path, content: Callable[[], bytes]) -> None:
    with suppress(OSError, NoAnswer):
        path.write_bytes(content())


def _tail(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - TAIL_OCTETS))
        return stream.read(TAIL_OCTETS)
