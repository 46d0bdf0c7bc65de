"""The backend as a program, with the test in the provider's place: what it does when it is told to end too early."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from everprint.provider.cups import backend

_PATIENCE_S = 60
_MORE_THAN_A_PIPE_HOLDS = bytes(1 << 20)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket that the backend connects to."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listening.listen()
        listening.settimeout(_PATIENCE_S)
        (tmp_path / "everprint-backend.json").write_text(json.dumps({"socket": str(tmp_path / "socket")}))
        yield listening


@contextmanager
def _running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "CUPS_SERVERROOT": str(folder), "DEVICE_URI": "everprint:none:/", "PRINTER": "lab"}
    program = [sys.executable, "-I", str(backend.__file__), "7", "ann", "Report", "1", ""]
    with subprocess.Popen(program, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_half_a_document_of_filters_that_were_ended_is_brought_to_nobody(
    tmp_path: Path, provider: socket.socket
) -> None:
    with _running(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(_MORE_THAN_A_PIPE_HOLDS)  # so it reads, and was ready for signals before
        process.send_signal(signal.SIGTERM)
        process.stdin.close()
        assert process.wait(_PATIENCE_S) == 0
    provider.setblocking(False)
    with pytest.raises(BlockingIOError):
        provider.accept()


def test_nothing_is_said_to_a_provider_that_waits_for_the_document(tmp_path: Path, provider: socket.socket) -> None:
    with _running(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.write(b"A document.")
        process.stdin.close()
        connection, _ = provider.accept()
        connection.settimeout(_PATIENCE_S)
        with connection, connection.makefile("rb") as said:
            assert json.loads(said.readline())["do"] == "hello"
            process.send_signal(signal.SIGTERM)
            assert said.read() == b""
        assert process.wait(_PATIENCE_S) == 0
