"""Where backups of the VMs go, and how many are kept: the table `[backup]` of the topology."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """The table `[backup]`."""

    target: str
    """Where, in restic's own words: a folder on the hosts, *sftp:...* or *s3:...*."""
    password_file: str
    """Path, on the hosts, of the file with the password that everything is encrypted with."""
    credentials_file: str
    """Path, on the hosts, of a file with the keys of an S3 store (AWS's format); empty: none."""
    scratch: str
    """Folder on the hosts that a disk is copied to before it goes to the target."""
    incrementals: int
    """So many incremental points follow a full one."""
    keep_last: int
    keep_daily: int
    keep_weekly: int
    keep_monthly: int
    within_ms: int
    """How long the backup of one VM may take."""
    line: int

    @property
    def folder(self) -> str:
        """The target if it is a folder on the hosts, else empty."""
        return self.target if self.target.startswith("/") else ""
