"""The repository of the embedded database's restore points: restic (https://restic.readthedocs.io), as a process.

restic encrypts, keeps each block once and knows it by its digest, and speaks to folders, SSH and S3. The key is in a
file: neither a command line nor a log ever has it.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

FILE = "everprint.sqlite3"
"""What the database is called in each restore point."""

_TAG = "everprint-server"
_AT_LEAST = 3
"""So many of the newest are never removed: also two of one hour, the first of which somebody made by hand."""
_DAMAGED_PACK = re.compile(r"[Pp]ack (?:ID does not match, want )?([0-9a-f]{8,64})")
_DAMAGE = ("ciphertext verification failed", "does not match", "unexpected EOF", "decrypting", "not found in repo")


class NoRestorePoint(Exception):
    """It was not made, found, proven or brought back; the text says what to do."""


class Damaged(NoRestorePoint):
    """What the repository gives back is not what it was given."""


_NOT_LET_IN = "the store does not let the server in: give its environment the keys that the store knows"
_SIGNS: tuple[tuple[str, str], ...] = (
    (
        "wrong password or no key found",
        "the key does not open these restore points: give the one they were made with",
    ),
    # As S3 stores say it; restic then asks, too, whether there is a repository.
    ("Access Key Id you provided", _NOT_LET_IN),
    ("request signature we calculated", _NOT_LET_IN),
    ("Access Denied", _NOT_LET_IN),
    ("connection refused", "nothing answers there: is it running?"),
    (
        "Is there a repository at the following location",
        "nothing of ours is there: is it mounted? `everprint server restore-point init` makes a new place ready",
    ),
    ("config file already exists", "it is ready already: nothing was changed"),
    ("already initialized", "it is ready already: nothing was changed"),
    ("no space left on device", "it is full: make room, or keep fewer restore points"),
    ("disk quota exceeded", "it is full: its quota is used up"),
    ("already locked", "another command changes it just now: try again later"),
)


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """The database of one moment."""

    name: str
    """restic's id, short."""
    time: datetime


@dataclass(frozen=True, slots=True)
class Repository:
    """Where it is in restic's own words, and the file with its key. All methods raise NoRestorePoint."""

    where: str
    key_file: Path
    cache: Path
    within_s: float = 4 * 3600
    """A target that hangs is given up after this time."""

    def make_ready(self) -> None:
        """Makes an empty place ready, once. Never done by itself: an empty mount point is no new place."""
        self._run("init")

    def points(self) -> list[RestorePoint]:
        """All, the oldest first."""
        found = json.loads(self._run("snapshots", "--json", "--tag", _TAG, "--no-lock") or "null") or []
        points = [RestorePoint(one["short_id"], datetime.fromisoformat(_to_micro(one["time"]))) for one in found]
        return sorted(points, key=lambda point: point.time)

    def keep(self, database: BinaryIO) -> None:
        """Makes a restore point of a database's file."""
        words = ("backup", "--quiet", "--host", "everprint", "--tag", _TAG, "--stdin", "--stdin-filename", FILE)
        self._run(*words, given=database)

    def forget(self, keep: dict[str, int]) -> None:
        """Removes what need not be kept any longer, by restic's words (*daily*: 7), and what only that had."""
        self._run("unlock")  # only what was left by one that died
        kept = [f"--keep-last={_AT_LEAST}", *(f"--keep-{period}={number}" for period, number in keep.items())]
        self._run("forget", "--quiet", "--tag", _TAG, "--group-by", "host", *kept, "--prune")

    def bring(self, point: RestorePoint, target: Path) -> None:
        """Writes a restore point's database to a new file."""
        with target.open("xb") as file:
            self._run("dump", "--no-lock", "--no-cache", point.name, f"/{FILE}", output=file)

    def damaged_packs(self) -> tuple[str, ...]:
        """Reads everything; the files of the repository that are not what they were."""
        done = self._call("check", "--read-data", "--no-lock", "--no-cache")
        said = done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")
        if done.returncode == 0:
            return ()
        packs = tuple(dict.fromkeys(_DAMAGED_PACK.findall(said)))
        if not packs:
            raise _trouble(said, self.where)
        return packs

    def _run(self, *words: str, given: BinaryIO | None = None, output: BinaryIO | None = None) -> str:
        done = self._call(*words, given=given, output=output)
        if done.returncode:
            raise _trouble(done.stderr.decode("utf-8", "replace"), self.where)
        return (done.stdout or b"").decode("utf-8", "replace")

    def _call(
        self, *words: str, given: BinaryIO | None = None, output: BinaryIO | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        argv = ["restic", "--repo", self.where, "--password-file", str(self.key_file), "--cache-dir", str(self.cache)]
        try:
            return subprocess.run(
                [*argv, *words],
                stdin=given or subprocess.DEVNULL,
                stdout=output or subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=self.within_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NoRestorePoint(f"{self.where} did not answer within {self.within_s:.0f} s: see to it") from None
        except OSError as error:
            raise NoRestorePoint(f"restic cannot be run ({error.strerror}): is the package installed?") from None


def _trouble(said: str, where: str) -> NoRestorePoint:
    """The error for what restic said, by its words: 0.14 has one exit code for all."""
    for sign, advice in _SIGNS:
        if sign in said:
            return NoRestorePoint(f"{where}: {advice}")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1][:300] if lines else "it said nothing"
    if any(sign in said for sign in _DAMAGE):
        return Damaged(f"{where}: a block is damaged (restic: {last})")
    return NoRestorePoint(f"{where}: restic refuses: {last}")


def _to_micro(time: str) -> str:
    """RFC 3339 with nanoseconds, as Go writes it, as Python reads it."""
    return re.sub(r"(\.\d{6})\d+", r"\1", time)
