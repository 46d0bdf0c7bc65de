"""What the trial found out about a host's QEMU: kept on the host, and asked before anything there is protected."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

VERDICT = Path("/var/lib/everprint/fault-tolerance.json")
"""Written by `everprint cluster check --ft`."""
_MOST_OCTETS = 64 << 10


class NotProven(Exception):
    """This host's QEMU was not seen to do it. Says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The trial's end."""

    qemu: str
    """As its monitor tells: number and package."""
    accelerator: str
    """*kvm* or *tcg*: it is other code."""
    passed: bool
    reason: str = ""
    """Why not."""


def write_verdict(path: Path, verdict: Verdict) -> None:
    """Keeps it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(verdict)), "utf-8")
    new.replace(path)


def require_proof(path: Path, qemu: str, accelerator: str) -> None:
    """Raises NotProven unless this release, with this accelerator, has passed."""
    advice = "run `everprint cluster check --ft` on the host"
    try:
        with path.open("rb") as stream:
            found = Verdict(**json.loads(stream.read(_MOST_OCTETS)))
    except FileNotFoundError:
        raise NotProven(f"its QEMU {qemu} was never tried; {advice}") from None
    except (OSError, ValueError, TypeError) as error:
        raise NotProven(f"{path} cannot be read ({error}); {advice}") from None
    if (found.qemu, family(found.accelerator)) != (qemu, family(accelerator)):
        tried = f"QEMU {found.qemu} with {family(found.accelerator)}"
        raise NotProven(f"{tried} was tried, but it has {qemu} with {family(accelerator)}; {advice}")
    if not found.passed:
        raise NotProven(f"its QEMU {qemu} failed the trial: {found.reason}")


def family(accelerator: str) -> str:
    """*kvm* or *tcg*, without options."""
    return accelerator.partition(",")[0]


def installed_version(qemu: Sequence[str]) -> str:
    """Of the program that would be started, in the same words as `version_of`. Raises NotProven."""
    try:
        said = subprocess.run([*qemu, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise NotProven(f"{qemu[-1]} does not tell its version ({error})") from None
    found = re.search(r"version (\S+)(?: \((.*)\))?", said)
    if not found:
        raise NotProven(f"{qemu[-1]} does not tell its version: {said[:80]!r}")
    return f"{found[1]} {found[2] or ''}".strip()


def version_of(answer: object) -> str:
    """Number and package, from what `query-version` answers."""
    assert isinstance(answer, dict)
    number = ".".join(str(answer["qemu"][part]) for part in ("major", "minor", "micro"))
    return f"{number} {answer['package']}".strip()
