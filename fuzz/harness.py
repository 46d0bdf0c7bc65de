"""One parser under atheris: `python -m fuzz.harness TARGET CORPUS-FOLDER [LIBFUZZER-OPTIONS]`.

Our code is instrumented as it is imported, so nothing of it may be imported before. Octets come from libFuzzer,
which keeps in the corpus what reaches new code.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["everprint.documents", "everprint.ipp"]):
    from fuzz.targets import TARGETS

_MEMORY_FILES = Path("/dev/shm")


def main(arguments: list[str]) -> None:
    """Never returns: libFuzzer ends the process."""
    name, *options = arguments
    target = TARGETS[name]
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["everprint.documents", "everprint.ipp"]):
        check = target.make(target.module)
    folder = Path(tempfile.mkdtemp(prefix="everprint-fuzz-", dir=_MEMORY_FILES if _MEMORY_FILES.is_dir() else None))
    path = folder / "document"
    atheris.Setup([sys.argv[0], *options], lambda octets: check(octets, path))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
