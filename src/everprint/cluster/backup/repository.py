"""The repository of points: restic (https://restic.readthedocs.io), run at a host, because the disks are there.

restic encrypts, finds what it has already, and knows each block by its digest. The password and an S3 store's keys
are in files on the hosts: neither a command line nor a log ever has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from everprint.cluster.backup.errors import BackupError, TargetSlow, trouble_of
from everprint.cluster.backup.point import BadManifest, Point, StoredImage, read_images, read_points
from everprint.cluster.hosts.port import Answer, Hosts, HostUnreachable
from everprint.cluster.topology.backup import BackupSettings

LOOK_S = 120.0
"""How long the target may take for a question."""

_OUT_OF_TIME = (124, 137)  # timeout(1): it was ended, or had to be killed


def restic_command(settings: BackupSettings) -> list[str]:
    """restic with where and by which key, without what it is to do."""
    argv = ["restic", "--repo", settings.target, "--password-file", settings.password_file]
    argv += ["--cache-dir", f"{settings.scratch}/cache"]
    if settings.credentials_file:
        argv = ["env", f"AWS_SHARED_CREDENTIALS_FILE={settings.credentials_file}", *argv]
    return argv


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a repository."""

    points: list[Point]
    """Of one cluster, the oldest first."""
    images: dict[str, StoredImage]
    """The files that VMs only read, by their digests."""
    needed_by_others: frozenset[str]
    """Digests of those that points of other clusters need."""

    def of(self, vm: str) -> list[Point]:
        """The VM's points, the oldest first."""
        return [point for point in self.points if point.vm == vm]


class Repository:
    """The repository, as one host reaches it. All raise BackupError or HostUnreachable."""

    def __init__(self, hosts: Hosts, host: str, settings: BackupSettings) -> None:
        self.host = host
        self.settings = settings
        self._hosts = hosts

    def make(self) -> None:
        """Makes the target ready, once. It is never done by itself: an empty mount point is no new target."""
        self._restic("init", within_s=LOOK_S)

    def contents(self, cluster: str) -> Contents:
        """What is in it of this cluster, and the images."""
        listed = self._restic("snapshots", "--json", "--no-lock", within_s=LOOK_S)
        try:
            points, images = read_points(listed), read_images(listed)
        except BadManifest as error:
            raise BackupError(f"{self.settings.target}: {error}") from error
        ours = [point for point in points if point.cluster == cluster]
        others = frozenset(image for point in points if point.cluster != cluster for image in point.images)
        return Contents(ours, images, others)

    def read(self, snapshot: str, file: str) -> str:
        """A small text out of a point; empty if it has none of that name."""
        try:
            return self._restic("dump", "--no-lock", snapshot, f"/{file}", within_s=LOOK_S)
        except BackupError as error:
            if "cannot dump file" in str(error):
                return ""
            raise

    def bring(self, snapshot: str, folder: str) -> None:
        """Writes all files of a snapshot into a folder of the host."""
        # Not from the cache: what counts is what the target has.
        within_s = self.settings.within_ms / 1000
        self._restic("restore", "--no-lock", "--no-cache", snapshot, "--target", folder, within_s=within_s)

    def forget(self, snapshots: Sequence[str]) -> None:
        """Removes these, and gives back the room of what only they had."""
        within_s = self.settings.within_ms / 1000
        self._restic("unlock", within_s=LOOK_S)  # only what was left by one that died
        self._restic("forget", "--prune", *snapshots, within_s=within_s)

    def _restic(self, *words: str, within_s: float) -> str:
        answer = run_in_time(self._hosts, self.host, [*restic_command(self.settings), *words], within_s)
        where = f"{self.settings.target} from {self.host}"
        if answer.code in _OUT_OF_TIME:
            raise TargetSlow(f"{where}: the target did not answer within {within_s:.0f} s")
        if not answer.is_well:
            raise trouble_of(answer.errors or answer.output, where)
        return answer.output


def run_in_time(hosts: Hosts, host: str, argv: Sequence[str], within_s: float) -> Answer:
    """Runs it at the host, which ends it when its time is over (code 124), also if the way there is lost."""
    limited = ["timeout", "--kill-after=10", f"{within_s:.0f}", *argv]
    return hosts.run(host, limited, timeout_s=within_s + 60)


def first_host(hosts: Hosts, names: Sequence[str]) -> str:
    """The first host that answers. Raises BackupError."""
    said = []
    for name in names:
        try:
            if hosts.run(name, ["true"]).is_well:
                return name
        except HostUnreachable as error:
            said.append(str(error))
    raise BackupError("no host answers:\n" + "\n".join(f"  {line}" for line in said))
