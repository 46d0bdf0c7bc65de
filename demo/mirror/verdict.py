"""What would be wrong: with jobs, with money, with a copy that was left behind. Nothing here asks anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from everprint.cluster.drill.balance import Balance
from everprint.cluster.drill.people import Try

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Account:
    """Of who prints, by the server's ledger."""

    had: Decimal
    has: Decimal
    charged: Decimal
    """For all jobs together, by the job log."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of everybody's jobs."""

    wanted: int
    """So many were to be accepted."""
    tries: Sequence[Try]
    balance: Balance
    account: Account

    def accepted_before(self, moment: float) -> list[Try]:
        """The jobs that were accepted until then, in the order of the answers."""
        return sorted((one for one in self.tries if one.is_accepted and one.at <= moment), key=lambda one: one.at)

    def first_after(self, moment: float) -> float | None:
        """Seconds until a job was accepted again; None: none was."""
        return min((one.at - moment for one in self.tries if one.is_accepted and one.at > moment), default=None)

    def lost_work_s(self, moment: float) -> float:
        """The RPO: how old at the moment of loss the oldest job was that was accepted before it, and is gone."""
        lost = set(self.balance.lost)
        return max((moment - one.at for one in self.accepted_before(moment) if one.title in lost), default=0.0)

    def wrong(self) -> list[str]:
        """A sentence for each way in which the promise was broken."""
        balance, account = self.balance, self.account
        found = [
            f"{len(titles)} {what}: {', '.join(titles[:_NAMED])}"
            for titles, what in (
                (balance.lost, "accepted and not printed"),
                (balance.printed_twice, "printed twice"),
                (balance.charged_twice, "charged twice"),
                (balance.not_charged, "printed and not charged"),
                (balance.unsettled, "in no final state"),
            )
            if titles
        ]
        if balance.accepted < self.wanted:
            found.append(f"only {balance.accepted} of {self.wanted} jobs were accepted")
        if account.had - account.has != account.charged:
            paid = account.had - account.has
            found.append(f"the jobs were charged {account.charged}, and the account has {paid} less")
        return found


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A copy that lacks acknowledged writes, at the only host that is left."""

    vm: str
    host: str
    good: str
    """The host that has the good copy, and lost its power."""
    said: str
    """What the engine shows for it, in the agent's words."""
    ran: tuple[str, ...]
    """What of the VM was seen to run at that host."""
    before: str
    """Size and time of the last write of the copy, when it was left behind."""
    after: str

    def wrong(self) -> list[str]:
        """A sentence for each way in which it was not refused, with instructions."""
        found = []
        if self.ran:
            found.append(f"{self.vm} ran at {self.host} from a copy that was left behind: {self.ran[0]}")
        if self.before != self.after:
            found.append(f"{self.host}'s copy of {self.vm} was written to: {self.before} became {self.after}")
        found += [
            f"nothing says of {self.vm} {what}: {self.said or 'nothing is said at all'}"
            for what, word in (
                ("that the copy is stale", "stale copy"),
                ("what to do", f"switch {self.good} on"),
                ("what to do if it never comes back", "mirror force"),
            )
            if word not in self.said
        ]
        return found
