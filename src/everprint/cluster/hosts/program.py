"""Runs a program of this machine to its end, within a time and with an output that fits into memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence

from everprint.cluster.hosts.port import Answer

MOST_OUTPUT_OCTETS = 32 << 20
# Where Debian has the engine's programs, and looks for root only.
_FOR_ROOT = "/usr/sbin:/sbin"


class ProgramMissing(Exception):
    """A program that is not installed here."""


class ProgramHangs(Exception):
    """A program that did not end in time; it was killed."""


def run_program(argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float) -> Answer:
    """Its exit code and what it said. Raises ProgramMissing or ProgramHangs."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            ended = subprocess.run(
                list(argv),
                input=stdin,
                stdout=output,
                stderr=errors,
                timeout=timeout_s,
                check=False,
                env={**os.environ, "LC_ALL": "C.UTF-8", "PATH": f"{os.environ.get('PATH', os.defpath)}:{_FOR_ROOT}"},
            )
        except FileNotFoundError as error:
            raise ProgramMissing(f"{argv[0]} is not installed here") from error
        except subprocess.TimeoutExpired as error:
            raise ProgramHangs(f"{argv[0]} did not end within {timeout_s:g} s") from error
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read(MOST_OUTPUT_OCTETS).decode("utf-8", "replace"))
    return Answer(ended.returncode, *texts)
