"""What keeps a backup from being made, proven or brought back."""

from __future__ import annotations


class BackupError(Exception):
    """It was not done. Says what, where and what to do."""


class TargetGone(BackupError):
    """There is no repository at the target."""


class TargetFull(BackupError):
    """The target has no room left."""


class TargetSlow(BackupError):
    """The target did not take or give it in time."""


class NotLetIn(BackupError):
    """The store does not know us."""


class WrongKey(BackupError):
    """The password does not open the repository."""


class Damaged(BackupError):
    """What the target gave back is not what it was given."""


_NO_CONFIG = "unable to open config file"
_NOT_LET_IN = "the store does not let the hosts in: give their `credentials_file` the keys that it knows"
_SIGNS: tuple[tuple[str, type[BackupError], str], ...] = (
    (
        "wrong password or no key found",
        WrongKey,
        "the password does not open these backups: give the hosts the one that they were made with",
    ),
    # As S3 stores say it; restic then asks, too, whether there is a repository.
    ("Access Key Id you provided", NotLetIn, _NOT_LET_IN),
    ("request signature we calculated", NotLetIn, _NOT_LET_IN),
    ("Access Denied", NotLetIn, _NOT_LET_IN),
    (
        "Is there a repository at the following location",
        TargetGone,
        "there are no backups at the target: is it mounted? A new target is made ready once by `backup init`",
    ),
    ("no space left on device", TargetFull, "the target is full: make room (`backup prune`), or give it more"),
    ("disk quota exceeded", TargetFull, "the target is full: its quota is used up"),
    ("ciphertext verification failed", Damaged, "a block at the target is damaged"),
    ("unexpected EOF", Damaged, "a block at the target is cut short"),
    ("does not match", Damaged, "a block at the target is damaged"),
    ("already locked exclusively", BackupError, "another command changes these backups just now: try again later"),
)


def trouble_of(said: str, where: str) -> BackupError:
    """The error for what restic said, by its words: version 0.14 has one exit code for all."""
    for sign, kind, advice in _SIGNS:
        if sign in said:
            why = _NO_CONFIG if kind is TargetGone and _NO_CONFIG in said else sign
            return kind(f"{where}: {advice} (restic: {_line_with(said, why)})")
    lines = said.strip().splitlines()
    return BackupError(f"{where}: restic refuses: {lines[-1][:300] if lines else 'it said nothing'}")


def _line_with(said: str, sign: str) -> str:
    return next(line.strip()[:300] for line in said.splitlines() if sign in line)
