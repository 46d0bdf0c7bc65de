"""The server behind real HTTP: in the test's process (`serve_here`), or in one of its own (`server_process`)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from rig.application import run_application
from rig.process import Process
from tests.server.conftest import Database


@contextmanager
def serve_here(**settings: Any) -> Iterator[str]:
    """The whole application on a port of its own; `settings` replace those of the configuration. Gives its URL."""
    from django.conf import settings as django_settings

    from everprint.server.asgi import Application

    application = Application(msgspec.structs.replace(django_settings.CONFIGURATION, **settings))
    try:
        with run_application(application) as (host, port):
            yield f"http://{host}:{port}"
    finally:
        application.stop()


def server_process(
    database: Database, folder: Path, environment: Mapping[str, str] | None = None, *, keep_key: bool = False
) -> Process:
    """`everprint server run` on that database; start it, then ask url_of(it)."""
    folder.mkdir(exist_ok=True)
    if not keep_key:
        (folder / "secret-key").write_text("only for tests " * 4)
    log = folder / "server.log"
    return Process(
        [sys.executable, "-m", "everprint", "server", "run"],
        log=log,
        ready=lambda: bool(_addresses(log)),
        environment={
            "EVERPRINT_SERVER_STATE_FOLDER": str(folder),
            "EVERPRINT_SERVER_DATABASE": database.url,
            "EVERPRINT_SERVER_HTTP_LISTEN": "127.0.0.1:0",
            **(environment or {}),
        },
    )


def urls_of(process: Process) -> list[str]:
    """Where the process listens, plain HTTP first."""
    return _addresses(process.log)


def url_of(process: Process) -> str:
    """Where the process listens."""
    return _addresses(process.log)[0]


def _addresses(log: Path) -> list[str]:
    return re.findall(r"listens on (https?://\S+)", log.read_text("utf-8", "replace")) if log.exists() else []
