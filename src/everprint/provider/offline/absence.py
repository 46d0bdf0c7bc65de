"""The time in which the server is away, as people see it: in the log, in health, afterwards on the server."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from everprint.contract.messages import OfflinePeriod

log = logging.getLogger(__name__)

# A server that was away for less, and without any job's noticing, is not worth a line on its pages.
_WORTH_TELLING = timedelta(minutes=1)


class Absence:
    """Counts what is decided while the server is away. `on_end` gets what the server is to be told."""

    def __init__(self, on_end: Callable[[OfflinePeriod | None], None]) -> None:
        self._on_end = on_end
        self._since: datetime | None = None
        self._printed = self._unlogged = self._refused = 0

    def begin(self, reason: str) -> None:
        """The server does not answer."""
        self._started()
        log.warning("server is away, queues go by their failure mode reason=%s", reason)

    def resume(self, since: datetime, printed: int, unlogged: int, refused: int) -> None:
        """Goes on with a period that was under way when the provider was stopped."""
        self._since = since
        self._printed, self._unlogged, self._refused = printed, unlogged, refused

    def note_printed(self, *, logged: bool) -> None:
        """A job was let through."""
        self._started()
        self._printed += 1
        self._unlogged += not logged

    def note_refused(self) -> None:
        """A job was refused."""
        self._started()
        self._refused += 1

    def end(self) -> None:
        """The server answers; called as often as it does."""
        if self._since is None:
            return
        period = OfflinePeriod(
            began=self._since,
            ended=datetime.now(UTC),
            printed=self._printed,
            unlogged=self._unlogged,
            refused=self._refused,
        )
        log.warning(
            "server answers again, it decides away_s=%.1f printed=%d unlogged=%d refused=%d",
            (period.ended - period.began).total_seconds(), period.printed, period.unlogged, period.refused,
        )  # fmt: skip
        self._since = None
        self._printed = self._unlogged = self._refused = 0
        worth_it = period.printed or period.refused or period.ended - period.began >= _WORTH_TELLING
        self._on_end(period if worth_it else None)

    @property
    def words(self) -> str:
        """For the health page; empty while the server answers."""
        if self._since is None:
            return ""
        return (
            f"Away since {self._since:%Y-%m-%d %H:%M:%S} UTC; meanwhile {self._printed} jobs were let through here "
            f"({self._unlogged} of them for nobody) and {self._refused} refused."
        )

    def _started(self) -> None:
        """The server may be back already while the last jobs are decided without it."""
        if self._since is None:
            self._since = datetime.now(UTC)
