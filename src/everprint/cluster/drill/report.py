"""What a drill saw, for people, for programs, and to keep."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from everprint.cluster.drill.balance import Balance
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.watching import Times


@dataclass(frozen=True, slots=True)
class Report:
    """One drill."""

    kind: Kind
    cluster: str
    where: str
    """*lab* or *live*."""
    resource: str
    host: str
    """Where the resource was when it happened."""
    injected_at: datetime
    times: Times
    balance: Balance

    @property
    def is_right(self) -> bool:
        """Was every job printed once and paid once?"""
        return self.balance.is_right

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {
            "kind": self.kind.value,
            "cluster": self.cluster,
            "where": self.where,
            "resource": self.resource,
            "host": self.host,
            "injected_at": self.injected_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            **{name: None if value is None else round(value, 2) for name, value in asdict(self.times).items()},
            "rto_s": round(self.times.service_s, 2),
            "jobs": {
                name: round(value, 2) if isinstance(value, float) else value
                for name, value in asdict(self.balance).items()
            },
            "well": self.is_right,
        }

    def lines(self) -> list[str]:
        """In words."""
        times, balance = self.times, self.balance
        fenced = [] if times.fenced_s is None else [f"{self.host} certainly off after {times.fenced_s:.1f} s"]
        passed = [f"detected after {times.detected_s:.1f} s", *fenced]
        passed += [f"started again after {times.started_s:.1f} s", f"service after {times.service_s:.1f} s (RTO)"]
        at = self.injected_at.astimezone().strftime("%H:%M:%S")
        return [
            f"Drill {self.kind} at {at}, {self.resource} on {self.host}: {self.kind.words}",
            "  " + "; ".join(passed),
            f"  {balance.accepted} jobs accepted of {balance.tried} tries; "
            f"the longest pause between two was {balance.longest_pause_s:.1f} s",
            f"  lost: {_named(balance.lost)}; printed twice: {_named(balance.printed_twice)}; "
            f"charged twice: {_named(balance.charged_twice)}; printed and not charged: {_named(balance.not_charged)}"
            + (f"; not in a final state: {_named(balance.unsettled)}" if balance.unsettled else ""),
        ]


def keep_report(report: Report, folder: Path) -> Path:
    """Writes it down, and says where."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = report.injected_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"{stamp}-{report.kind}-{report.resource}.json"
    path.write_text(json.dumps(report.as_json(), indent=1) + "\n", "utf-8")
    return path


def _named(titles: tuple[str, ...]) -> str:
    return f"{len(titles)}" + (f" ({', '.join(titles[:5])})" if titles else "")
