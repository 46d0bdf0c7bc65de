"""Is there room left on a disk?"""

from __future__ import annotations

import shutil
from pathlib import Path

from everprint.monitor.health import CheckResult, Level

MIB = 1 << 20


def check_free_space(name: str, folder: Path, needed_mib: int) -> CheckResult:
    """Fails below what is needed, warns below twice that."""
    try:
        free = shutil.disk_usage(folder).free // MIB
    except OSError as error:
        return CheckResult(name, Level.FAIL, f"{folder} cannot be read: {error.strerror}")
    if free < needed_mib:
        return CheckResult(name, Level.FAIL, f"{free} MiB free in {folder}, {needed_mib} MiB are needed: make room")
    if free < 2 * needed_mib:
        return CheckResult(name, Level.WARN, f"{free} MiB free in {folder}, soon less than {needed_mib} MiB")
    return CheckResult(name, Level.OK, f"{free} MiB free")
