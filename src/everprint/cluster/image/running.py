"""Running the tools that build an image."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from everprint.cluster.image.errors import ImageError

# Tool to Debian package.
TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "mkfs.erofs": "erofs-utils",
    "mformat": "mtools",
    "mcopy": "mtools",
    "mmd": "mtools",
    "objcopy": "binutils",
    "objdump": "binutils",
    "sfdisk": "fdisk",
    "qemu-img": "qemu-utils",
    "qemu-system-x86_64": "qemu-system-x86",
    "mke2fs": "e2fsprogs",
}
_LINES_SHOWN = 12
_LONGEST_S = 1800.0


def need(*tools: str) -> None:
    """Raises ImageError naming the Debian packages of those that are not installed."""
    missing = sorted({TOOLS[tool] for tool in tools if shutil.which(tool) is None})
    if missing:
        raise ImageError(
            f"Tools are missing. Install them: apt-get install --no-install-recommends {' '.join(missing)}"
        )


def run(
    argv: Sequence[str | Path],
    *,
    given: str = "",
    environment: Mapping[str, str] | None = None,
    within_s: float = _LONGEST_S,
) -> str:
    """Runs a tool to its end; what it printed.

    Raises ImageError with the last lines that it said.
    """
    command = [str(argument) for argument in argv]
    try:
        result = subprocess.run(
            command,
            input=given,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(environment or {})},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=within_s,
            check=False,
        )
    except FileNotFoundError:
        package = TOOLS.get(command[0], command[0])
        raise ImageError(f"{command[0]} is not installed: apt-get install {package}") from None
    except subprocess.TimeoutExpired:
        raise ImageError(f"{command[0]} did not end within {within_s:g} s") from None
    if result.returncode != 0:
        said = "\n".join((result.stderr or result.stdout).strip().splitlines()[-_LINES_SHOWN:])
        raise ImageError(f"{' '.join(command[:4])} ... ended with {result.returncode}:\n{said}")
    return result.stdout
