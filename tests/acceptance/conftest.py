"""One world for all acceptance tests: server, provider with TLS, two printers (one that we did not write), and CUPS.

Starting it takes seconds, so it is shared; each test brings its own users, and looks only at their jobs and money.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rig.certificates import make_certificates
from rig.cupsd import Cupsd, run_cupsd
from rig.everprint import Provider, Row, Server, run_provider, run_server
from rig.ippeveprinter import Ippeveprinter, run_ippeveprinter
from rig.virtual_printer import VirtualPrinter, run_virtual_printer
from rig.waiting import wait_for

PASSWORD = "correct-horse-1"
A5, A5_SIDE = "iso_a5_148x210mm", Decimal("0.03")


@dataclass(frozen=True)
class World:
    """What runs. Queues: office (virtual printer), private (the same with passwords), pull (the same, holding all
    jobs), refusing (the same without patience over the limit), foreign (ippeveprinter)."""

    server: Server
    provider: Provider
    printer: VirtualPrinter
    foreign: Ippeveprinter
    cups: Cupsd

    def jobs_of(self, user: str, count: int = 1) -> list[Row]:
        """The user's jobs at the server, oldest first, once there are so many and all are in a final state."""
        final = {"completed", "cancelled", "refused", "aborted"}

        def look() -> list[Row]:
            jobs = self.server.listing("job", "list", "--user", user)
            return jobs[::-1] if len(jobs) >= count and all(job["state"] in final for job in jobs) else []

        return wait_for(f"{count} finished jobs of {user}", look, within_s=120, every_s=0.5)

    def charged(self, user: str) -> list[Decimal]:
        """What each of the user's finished jobs cost."""
        return [Decimal(str(job["charged"])) for job in self.jobs_of(user)]

    def printed(self, user: str) -> list[tuple[int, int, int]]:
        """Sheets, impressions and colour impressions that the virtual printer put out for the user, a job each."""
        return [
            (job.sheets_completed, job.impressions_completed, job.colour_impressions_completed)
            for job in self.printer.jobs()
            if job.user_name == user
        ]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    certificates = make_certificates(tmp_path_factory.mktemp("tls"))
    with (
        run_virtual_printer("--pictures", "none") as printer,
        run_ippeveprinter(seconds_a_job=0.5) as foreign,
        run_server() as server,
        run_provider(server, certificates=certificates, decision_wait_s="30") as provider,
        run_cupsd(log_level="info") as cups,
    ):
        server.add_printer("office", provider.name, printer.uri)
        server.add_printer("private", provider.name, printer.uri, trusted=False)
        server.add_printer("refusing", provider.name, printer.uri, "--over-limit", "refuse")
        server.add_printer("pull", provider.name, printer.uri, "--hold")
        server.add_printer("foreign", provider.name, foreign.uri)
        for queue in ("office", "private", "pull", "refusing", "foreign"):
            server.set_cost(queue, "0.05", "0.20", "--grey-two-sided", "0.04", "--colour-two-sided", "0.15")
        for queue in ("office", "private", "pull", "refusing", "foreign"):
            provider.wait_for_queue(queue)
        cups.add_driverless_queue("office", provider.uri("office"))
        cups.add_driverless_queue("refusing", provider.uri("refusing"))
        cups.add_driverless_queue("pull", provider.uri("pull"))
        for queue in ("office", "pull"):
            server.set_cost(queue, str(A5_SIDE), str(A5_SIDE), "--media", A5)
        cups.add_driverless_queue("foreign", provider.uri("foreign"))
        yield World(server, provider, printer, foreign, cups)


@pytest.fixture
def new_user(world: World) -> Callable[..., str]:
    """Makes users that nobody else prints as."""
    numbers = itertools.count(1)

    def make(credit: str = "5.00", *, password: str | None = None) -> str:
        name = f"user-{next(numbers)}-{uuid.uuid4().hex[:8]}"
        world.server.add_user(name, credit, password)
        return name

    return make


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pages, the second one in colour."""
    path = tmp_path_factory.mktemp("documents") / "report.pdf"
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page in (1, 2, 3):
        canvas.drawString(72, 760, f"Page {page} of the report")
        if page == 2:
            canvas.setFillColorRGB(0.8, 0.1, 0.1)
            canvas.rect(72, 300, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return path
