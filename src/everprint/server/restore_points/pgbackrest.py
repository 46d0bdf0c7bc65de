"""pgBackRest (Debian package pgbackrest), asked about one database that it keeps.

Its words (*Command Reference*): a *stanza* is a database with its backups and write-ahead log, a backup's *label* is
its name, *set* chooses one.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from everprint.server.restore_points.proof import NotProven

_BACKUP = re.compile(r"backup: (\S+), status: ([a-z -]+)")
_NOTHING_READABLE = "No usable backup.info file"
_VALID, _UNDER_WAY = "valid", "in-progress"
_FILE = re.compile(r"INFO: (?:invalid checksum|invalid size|file missing) '([^'\n]+)'")
_LOG = re.compile(r"archiveId: (\S+), total WAL checked: (\d+), total valid WAL: (\d+)")


@dataclass(frozen=True, slots=True)
class Kept:
    """What `pgbackrest verify` found of the backups and the log."""

    sound: tuple[str, ...]
    """Labels of backups whose every file is what it was."""
    damaged: tuple[str, ...]
    """Labels of the others: none of them can be restored whole."""
    files: tuple[str, ...]
    """Files that are damaged or missing."""
    log_checked: int
    log_sound: int
    """Pieces of the write-ahead log."""

    @property
    def all_sound(self) -> bool:
        """There is something to restore, and nothing is wrong with any of it."""
        return bool(self.sound) and not self.damaged and not self.files and self.log_checked == self.log_sound


@dataclass(frozen=True, slots=True)
class PgBackRest:
    """Its program and where its configuration is; None: where pgBackRest itself looks."""

    stanza: str
    configuration: Path | None = None
    more_configuration: Path | None = None

    def verify(self) -> Kept:
        """Reads all that is kept, and compares it with its checksums.

        Raises NotProven if that cannot be done: the target is away, the key is wrong.
        """
        said = self._run("verify", "--output=text", "--verbose", "--log-level-console=info")
        return kept_of(said)

    def restore_aside(self, data: Path, tablespaces: Path, *, label: str | None, moment: str | None) -> None:
        """Puts a copy into the new folder `data`, as of that moment or the newest; to be started by PostgreSQL.

        Raises NotProven.
        """
        chosen = [f"--set={label}"] if label else []
        until = ["--type=time", f"--target={moment}", "--target-action=promote"] if moment else []
        aside = [f"--pg1-path={data}", f"--tablespace-map-all={tablespaces}"]
        # What the copy then writes is not of the database: none of it may get into the archive.
        self._run("restore", *aside, *chosen, *until, "--archive-mode=off")

    def _run(self, command: str, *options: str) -> str:
        where = [f"--config={self.configuration}"] if self.configuration else []
        where += [f"--config-include-path={self.more_configuration}"] if self.more_configuration else []
        argv = ["pgbackrest", f"--stanza={self.stanza}", *where, *options, command]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise NotProven(f"pgbackrest cannot be run ({error.strerror}): is the package installed?") from None
        if done.returncode:
            raise NotProven(f"pgbackrest {command}: {_plain(done.stderr or done.stdout)}")
        return done.stdout


def kept_of(said: str) -> Kept:
    """What `pgbackrest verify --output=text --verbose` printed, with its log at *info*.

    Raises NotProven if it is not that.
    """
    if "status: " not in said:
        raise NotProven(f"pgbackrest verify: {_plain(said) or 'it found nothing'}")
    if _NOTHING_READABLE in said:
        raise NotProven(
            "pgbackrest verify: nothing there can be read: is the target there and mounted, and is repo1-cipher-pass "
            "the key that the backups were made with?"
        )
    states = dict(_BACKUP.findall(said))
    logs = {name: (int(checked), int(sound)) for name, checked, sound in _LOG.findall(said)}
    return Kept(
        sound=tuple(sorted(label for label, state in states.items() if state == _VALID)),
        damaged=tuple(sorted(label for label, state in states.items() if state not in (_VALID, _UNDER_WAY))),
        files=tuple(dict.fromkeys(_FILE.findall(said))),
        log_checked=sum(checked for checked, _ in logs.values()),
        log_sound=sum(sound for _, sound in logs.values()),
    )


def _plain(text: str) -> str:
    """Its errors in one line, without the octets of what it could not read."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "HINT", "WARN"))] or lines
    return "; ".join("".join(sign for sign in line if sign.isprintable())[:300] for line in errors[:4])
