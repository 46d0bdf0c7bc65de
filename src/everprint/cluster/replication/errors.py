"""What keeps a replica from being made, or a site from taking over."""

from __future__ import annotations

from everprint.cluster.backup.errors import BackupError


class ReplicationError(BackupError):
    """It was not done. Says what, where and what to do."""


class TransferBroken(ReplicationError):
    """The transfer broke off. What came is kept, and the next run goes on from there."""


class OtherSiteFull(ReplicationError):
    """The other site has no room."""


class WrongDigest(ReplicationError):
    """What came is not what was sent."""


class OtherSiteServes(ReplicationError):
    """The VM was started at the other site: what this site sends would take back what people did since."""
