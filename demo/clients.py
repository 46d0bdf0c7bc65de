"""Who prints: CUPS, as on any Linux desktop, or its ipptool where there is no print system."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from demo.errands import Errand
from rig import ipptool
from rig.cupsd import Cupsd, JobStatus
from rig.everprint import Provider
from rig.waiting import wait_for

CUPSD = Path("/usr/sbin/cupsd")


class NoClient(Exception):
    """Neither CUPS nor ipptool is on this machine."""


class Client(Protocol):
    """Prints, and says what became of it."""

    name: str

    def add_queue(self, queue: str) -> None:
        """Makes the queue known to it."""
        ...

    def submit(self, errand: Errand, document: Path) -> None:
        """Prints for somebody."""
        ...

    def verdict(self, errand: Errand) -> list[tuple[str, str]]:
        """What its user is told of the errand's job: who says it, and what."""
        ...


def has_cups() -> bool:
    """True if a private CUPS can be started here."""
    return CUPSD.exists() and all(shutil.which(command) for command in ("lp", "lpadmin", "lpstat"))


def has_ipptool() -> bool:
    """True if ipptool is here."""
    return shutil.which("ipptool") is not None


@dataclass(slots=True)
class CupsClient:
    """`lp` to a driverless queue of a private CUPS."""

    cups: Cupsd
    provider: Provider
    job_ids: dict[str, int]
    name: str = "lp (CUPS)"

    def add_queue(self, queue: str) -> None:
        """A driverless queue, as `lpadmin -m everywhere` makes it."""
        self.cups.add_driverless_queue(queue, self.provider.uri(queue))

    def submit(self, errand: Errand, document: Path) -> None:
        """lp -d QUEUE -U PERSON -t TITLE FILE."""
        self.job_ids[errand.person] = self.cups.lp(
            document, errand.queue, user=errand.person, title=errand.title, options=errand.options
        )

    def verdict(self, errand: Errand) -> list[tuple[str, str]]:
        """CUPS's own state of the job, and what the queue answers."""
        job_id = self.job_ids[errand.person]

        def settled() -> JobStatus | None:
            status = self.cups.job_status(job_id)
            return status if status.is_final or status.state == "pending-held" else None

        status = wait_for(f"CUPS's verdict on {errand.title}", settled, every_s=0.1)
        assert status is not None
        said = f"{status.state} ({', '.join(status.reasons)}) {status.message}".strip()
        return [("lpstat", said), *_what_the_queue_says(self.provider, errand)]


@dataclass(slots=True)
class IpptoolClient:
    """ipptool's Print-Job, without a print system between."""

    provider: Provider
    name: str = "ipptool"

    def add_queue(self, queue: str) -> None:
        """There is nothing to make."""

    def submit(self, errand: Errand, document: Path) -> None:
        """Print-Job, with lp's options as job attributes."""
        attributes = [
            f"ATTR name requesting-user-name {errand.person}",
            f"ATTR name job-name '{errand.title}'",
            "ATTR mimeMediaType document-format application/octet-stream",
            "GROUP job-attributes-tag",
            *_job_attributes(errand.options),
        ]
        answer = ipptool.ask(self.provider.uri(errand.queue), "Print-Job", attributes, document=document)
        accepted = answer.status.startswith("successful-ok") or answer.status.startswith("client-error-account-")
        assert accepted, f"{errand.title}: {answer.status} {answer.message}"

    def verdict(self, errand: Errand) -> list[tuple[str, str]]:
        """What the queue answers."""
        return _what_the_queue_says(self.provider, errand)


def _job_attributes(options: Mapping[str, str]) -> list[str]:
    return [f"ATTR {'integer' if value.isdigit() else 'keyword'} {name} {value}" for name, value in options.items()]


def _what_the_queue_says(provider: Provider, errand: Errand) -> list[tuple[str, str]]:
    """Get-Jobs for that person: *job-state-reasons* and *job-state-message* (PWG 5100.16)."""
    attributes = [
        f"ATTR name requesting-user-name {errand.person}",
        "ATTR boolean my-jobs true",
        "ATTR keyword which-jobs completed",
        "ATTR keyword requested-attributes job-name,job-state-reasons,job-state-message",
    ]
    answer = ipptool.ask(provider.uri(errand.queue), "Get-Jobs", attributes)
    for group in answer.groups:
        if group.get("job-name") == errand.title:
            return [
                ("job-state-reasons", ", ".join(ipptool.strings(group, "job-state-reasons"))),
                ("job-state-message", str(group.get("job-state-message", ""))),
            ]
    return [("the queue", f"knows no finished job {errand.title!r} of {errand.person}")]
