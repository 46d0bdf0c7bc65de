"""Proving a copy of the database: brought to this release and audited, by processes that know the copy alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from everprint.server.configuration import FILE_VARIABLE

_PREFIX = "EVERPRINT_SERVER_"


class NotProven(Exception):
    """A copy could not be made, or is not what a server can go on with; the text says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger's audit said of a copy."""

    accounts: int
    transactions: int
    findings: tuple[str, ...]
    """What is wrong, in words; empty if all is right."""

    def __str__(self) -> str:
        verdict = f"{len(self.findings)} findings" if self.findings else "all is right"
        return f"{self.accounts} accounts, {self.transactions} transactions: {verdict}"


def prove(url: str, folder: Path) -> Proof:
    """Audits the copy at that URL; `folder` is for the settings and state of the audit.

    Raises NotProven.
    """
    settings = folder / "server.toml"
    settings.write_text(f"state_folder = {json.dumps(str(folder))}\ndatabase = {json.dumps(url)}\n", "utf-8")
    # Nothing of the real server's: not its settings file, and none of the settings in our environment.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}
    environment[FILE_VARIABLE] = str(settings)
    migrated = _run("migrate", environment=environment)
    if migrated.returncode:
        raise NotProven(f"the copy cannot be brought to this release: {migrated.stderr.strip()}")
    audited = _run("audit", "--json", environment=environment)
    try:
        said = json.loads(audited.stdout)
        findings = tuple(f"{one['what']} {one['where']}: {one['message']}" for one in said["findings"])
        return Proof(int(said["accounts"]), int(said["transactions"]), findings)
    except (ValueError, KeyError, TypeError):
        raise NotProven(f"the copy cannot be audited: {audited.stderr.strip()}") from None


def _run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "everprint", "server", *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
