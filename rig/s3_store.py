"""An S3 store on a port of its own: rclone's, which serves a folder by Amazon's protocol (https://rclone.org)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rig.ports import free_port, is_listening
from rig.waiting import wait_for

_RCLONE = Path(sys.executable).parent / "rclone"


@dataclass(frozen=True, slots=True)
class S3Store:
    """How it is reached: its bucket in restic's words, and the keys that it knows."""

    bucket: str
    access_key_id: str
    secret_access_key: str


@contextmanager
def run_s3_store(folder: Path) -> Iterator[S3Store]:
    """Serves one bucket, kept in the folder, while the context lasts."""
    (folder / "bucket").mkdir(parents=True, exist_ok=True)
    port, key, secret = free_port(), "AKIAEVERPRINT", "of-a-test-only"
    argv: list[str | Path] = [
        _RCLONE,
        "serve",
        "s3",
        folder,
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        f"{key},{secret}",
    ]
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        serving = subprocess.Popen([*argv, "--config", "/dev/null"], stderr=log)
        try:
            wait_for("the S3 store to listen", lambda: is_listening(port), within_s=30)
            yield S3Store(f"s3:http://127.0.0.1:{port}/bucket", key, secret)
        finally:
            serving.terminate()
            serving.wait(30)
