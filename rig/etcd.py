"""One member of an etcd cluster (Debian package etcd-server), on a machine of rig.network or here."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from rig.process import Process


def etcd_member(name: str, configuration: str, folder: Path, url: str) -> Process:
    """The process, not started yet. `url` is where clients reach it; it is ready when its cluster has a leader."""
    program = shutil.which("etcd")
    if program is None:
        raise FileNotFoundError("etcd is not installed (Debian package etcd-server)")
    settings = folder / f"etcd-{name}.json"
    settings.write_text(configuration)
    return Process(
        [program, "--config-file", settings],
        log=folder / f"etcd-{name}.log",
        ready=lambda: _has_leader(url),
    )


def _has_leader(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return bool(json.load(answer)["health"] == "true")
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return False
