"""What the numbers were measured on; without it they mean nothing."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

from everprint.version import version


def describe_machine() -> dict[str, str]:
    """The machine, the system, the versions of both sides, and how long a sync of its disk takes."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    release = platform.freedesktop_os_release()
    return {
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "unknown",
        "system": f"{release.get('PRETTY_NAME', 'Linux')}, Linux {platform.release()}",
        "file system": f"{_file_system()}, fsync of 4 kB {_sync_time_ms():.2f} ms",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "Everprint": f"{version()}, Python {platform.python_version()}",
        "CUPS": _first_line(["cups-config", "--version"]) or debian_version("cups"),
        "PostgreSQL": debian_version("postgresql"),
    }


def _sync_time_ms() -> float:
    """The median of 50 appends that are synced."""
    times: list[float] = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(50):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return sorted(times)[25] * 1000


def _file_system() -> str:
    return _first_line(["stat", "-f", "-c", "%T", tempfile.gettempdir()]) or "unknown"


def debian_version(package: str) -> str:
    """Of a package that is installed."""
    return _first_line(["dpkg-query", "-W", "-f", "${Version}", package]) or "not installed"


def _first_line(argv: list[str]) -> str:
    try:
        result = subprocess.run(argv, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return result.stdout.partition("\n")[0].strip() if result.returncode == 0 else ""
