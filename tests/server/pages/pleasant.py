"""A pleasant small world for the pages: a school with people, printers, weeks of history and jobs in every state.

Everything comes about as in life: users by create_user, jobs by the contract's questions and events, so that the
figures on the pages agree with the ledger.
"""

from __future__ import annotations

import io
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from django.utils import timezone
from PIL import Image, ImageDraw

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    DeliveryBegun,
    DocumentSent,
    DocumentSummary,
    Enrol,
    Event,
    JobAnalysed,
    JobDescription,
    JobFact,
    JobFinished,
    JobHeld,
    JobReceived,
    PageRun,
    Print,
    PrinterState,
    PrinterStatus,
)
from everprint.documents.result import NOTHING, Confidence, Output, Sides
from tests.server.world import terms

if TYPE_CHECKING:
    from everprint.server.jobs.models import Job
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider

A4 = "iso_a4_210x297mm"
A3 = "iso_a3_297x420mm"

PEOPLE = (
    ("amelie.weber", "Amelie Weber", "25.00", "Teachers"),
    ("tom.okafor", "Tom Okafor", "8.40", "Year 12"),
    ("sara.lind", "Sara Lind", "3.10", "Year 12"),
    ("jonas.meyer", "Jonas Meyer", "0.25", "Year 13"),
    ("li.wei", "Li Wei", "12.00", "Year 13"),
    ("fatima.haddad", "Fatima Haddad", "30.00", "Teachers"),
    ("pedro.alves", "Pedro Alves", "5.50", "Year 12"),
)
DOCUMENTS = (
    ("Quarterly report.pdf", 12, 4, True),
    ("Lecture notes 7", 24, 0, True),
    ("Seating plan A3", 1, 1, False),
    ("Essay, second draft.docx", 6, 0, True),
    ("Photo of the team.jpg", 1, 1, False),
    ("Worksheet fractions", 2, 0, True),
    ("Poster summer concert", 1, 1, False),
    ("Thesis_draft_with_an_exceptionally_long_file_name_v12_final_FINAL.pdf", 86, 9, True),
    ("Invoice 2026-114", 1, 0, False),
    ("Minutes of the staff meeting", 4, 0, True),
)


def document(pages: int, colour: int, two_sided: bool, media: str = A4) -> DocumentSummary:
    """A document whose first pages are in colour, printed on as few sheets as the sides allow."""
    width, height = (297.0, 420.0) if media == A3 else (210.0, 297.0)
    runs = []
    if colour:
        runs.append(PageRun(first=1, last=colour, width_mm=width, height_mm=height, media=media, colour=True))
    if pages > colour:
        runs.append(
            PageRun(first=colour + 1, last=pages, width_mm=width, height_mm=height, media=media, colour=False)
        )
    return DocumentSummary(
        language="PDF",
        confidence=Confidence.EXACT,
        pages=pages,
        output=output(pages, colour, two_sided, media),
        page_runs=runs,
    )


def output(pages: int, colour: int, two_sided: bool, media: str = A4) -> Output:
    """What comes out of such a document."""
    paired = pages - pages % 2 if two_sided else 0
    kinds: dict[tuple[bool, bool], int] = {}
    for number in range(1, pages + 1):
        kind = (number <= colour, number <= paired)
        kinds[kind] = kinds.get(kind, 0) + 1
    sides = tuple(Sides(media, is_colour, is_two, number) for (is_colour, is_two), number in kinds.items())
    return Output(sheets=paired // 2 + pages - paired, sides=sides)


@dataclass
class Reporter:
    """A Print Provider as the server sees it: it asks for decisions and reports, in order."""

    provider: Provider

    def __post_init__(self) -> None:
        self._sequence = count(self.provider.events_taken + 1)

    def report(self, job: str | None, fact: JobFact | PrinterStatus, at: datetime | None = None) -> None:
        """Reports one event."""
        from everprint.server.jobs.replay import take_events

        event = Event(sequence=next(self._sequence), at=at or timezone.now(), job_id=job, fact=fact)
        take_events(self.provider.pk, [event], terms())

    def accept(self, printer: Printer, user: str, name: str, at: datetime | None = None, **more: object) -> str:
        """A job that was accepted; its id."""
        job = str(uuid.uuid4())
        settings: dict[str, object] = {
            "document_format": "application/pdf", "octets": 248_113, "client_address": "10.1.4.23",
            "sides": "two-sided-long-edge", "authenticated": True,
        } | more  # fmt: skip
        description = JobDescription(
            job_id=job, queue=printer.name, user_name=user, job_name=name, submitted_at=at or timezone.now(),
            **settings,  # type: ignore[arg-type]
        )  # fmt: skip
        self.report(job, JobReceived(job=description), at)
        return job

    def analyse(self, job: str, summary: DocumentSummary, at: datetime | None = None) -> None:
        """It was analysed."""
        self.report(job, JobAnalysed(document=summary), at)

    def decide(self, job: str, attempt: int = 1) -> object:
        """The server's answer."""
        from everprint.server.jobs.decide import Terms, decide
        from everprint.server.jobs.owner import NewUsers

        question = Authorise(job=describe(job), document=summary_of(job), attempt=attempt)
        return decide(self.provider.pk, question, Terms(new_users=NewUsers(), currency="EUR", currency_decimals=2))

    def picture(self, job: str) -> None:
        """Small pictures of its first twelve pages came."""
        from everprint.contract.messages import Preview, Previews
        from everprint.server.jobs.previews import keep_previews

        summary = summary_of(job)
        pictures = [
            Preview(page=page, png=drawn_page(page, run))
            for run in summary.page_runs
            for page in range(run.first, min(run.last, 12) + 1)
        ]
        keep_previews(self.provider.pk, Previews(job_id=job, pictures=pictures))

    def print_all(self, job: str, at: datetime | None = None, *, result: Output | None = None) -> None:
        """It is delivered and comes out, as analysed or as given."""
        self.report(job, DeliveryBegun(), at)
        self.report(job, DocumentSent(device_job_id=random.randrange(100, 999)), at)
        done = result or summary_of(job).output or NOTHING
        self.report(job, JobFinished(state=JobState.COMPLETED, output=done), at)


def drawn_page(number: int, run: PageRun) -> bytes:
    """A page at 24 dpi: its number, lines of text, and a coloured box if it is in colour."""
    width, height = (round(edge / 25.4 * 24) for edge in (run.width_mm, run.height_mm))
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((20, 14), f"Page {number}", fill="black")
    for line in range(40, height - 20, 7):
        pen.line((20, line, width - 20 - line * 37 % 60, line), fill=(120, 120, 120), width=2)
    if run.colour:
        pen.rectangle((width // 2, height // 3, width - 20, height // 2), fill=(200, 40, 60))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def describe(job: str) -> JobDescription:
    """The job as its provider described it."""
    row = job_row(job)
    return JobDescription(
        job_id=job, queue=row.printer.name, user_name=row.user_name, authenticated=row.authenticated,
        job_name=row.name, document_format=row.document_format, octets=row.octets,
        client_address=row.client_address, submitted_at=row.submitted_at, sides=row.sides,
    )  # fmt: skip


def summary_of(job: str) -> DocumentSummary:
    """What analysis found in it."""
    import msgspec

    return msgspec.convert(job_row(job).document, DocumentSummary)


def job_row(job: str) -> Job:
    """Its row."""
    from everprint.server.jobs.models import Job

    return Job.objects.select_related("printer").get(uuid=job)


def enrol(name: str) -> Provider:
    """A Print Provider with a credential."""
    from everprint.server.providers.enrolment import enrol, make_code
    from everprint.server.providers.models import Provider

    enrolled = enrol(Enrol(code=make_code(None).code, name=name, software_version="0.1.0"))
    return Provider.objects.get(pk=enrolled.provider_id)


def add_printer(provider: Provider, name: str, **settings: object) -> Printer:
    """A queue with prices: grey 5 and 4 cents, colour 25 and 20; A3 twice that."""
    from everprint.contract.pricing import SideCosts
    from everprint.server.printers.costs import change_costs
    from everprint.server.printers.queues import add_printer

    printer = add_printer(provider, name=name, **{"device_uri": f"ipp://{name.lower()}.example/ipp/print"} | settings)
    prices = [Decimal(text) for text in ("0.05", "0.04", "0.25", "0.20")]
    change_costs(printer, "", SideCosts(*prices))
    change_costs(printer, A3, SideCosts(*(2 * price for price in prices)))
    return printer


@dataclass
class World:
    """What seed() made."""

    provider: Provider
    reporter: Reporter
    library: Printer
    office: Printer
    staff: Printer
    held: str
    printing: str
    refused: str


def seed(days: int = 20, jobs_a_day: int = 12, password: str = "correct horse") -> World:
    """The whole world; an administrator *admin*, an operator *oper*, and everybody's password is the same."""
    from django.contrib.auth.hashers import make_password

    from everprint.server.access.permissions import Role
    from everprint.server.people.models import Group, User
    from everprint.server.people.users import change_workplace, create_user
    from everprint.server.printers.presets import add_preset

    create_user("admin", full_name="Ada Admin", role=Role.ADMINISTRATOR)
    create_user("oper", full_name="Otto Operator", role=Role.OPERATOR)
    for name, full_name, credit, group in PEOPLE:
        credit_now = Decimal(credit) + days * 2
        user = create_user(name, full_name=full_name, credit=credit_now, email=f"{name}@example.org")
        Group.objects.get_or_create(name=group)[0].members.add(user)
        if group == "Teachers":
            change_workplace(user, department="Sciences", office="Building 2")
    User.objects.update(password=make_password(password))  # hashed once: argon2 is slow on purpose
    provider = enrol("print-server-1")
    reporter = Reporter(provider)
    library = add_printer(
        provider, "Library-Colour", location="Library, ground floor", info="Colour, A4 and A3", over_limit="refuse"
    )
    add_preset(library, [], name="Everybody", sides_default="two-sided-long-edge", most_copies=50)
    office = add_printer(provider, "Main-Office", location="Room 104", info="Fast, grey")
    staff = add_printer(provider, "Staff-Room", location="Room 210", hold=True)
    _history(reporter, (library, office), days, jobs_a_day)
    _printer_states(reporter, library, office, staff)
    held, printing, refused = _jobs_now(reporter, library, office, staff)
    return World(provider, reporter, library, office, staff, held, printing, refused)


def _history(reporter: Reporter, printers: tuple[Printer, ...], days: int, jobs_a_day: int) -> None:
    chance = random.Random(7)
    now = timezone.localtime()
    for back in range(days, -1, -1):
        day = now - timedelta(days=back)
        if day.weekday() >= 5 and back:
            continue
        for _ in range(chance.randint(jobs_a_day // 2, jobs_a_day)):
            at = day.replace(hour=0, minute=0) + timedelta(minutes=chance.randint(7 * 60, 17 * 60))
            if at > now:
                at = now - timedelta(minutes=chance.randint(1, 90))
            name, pages, colour, two_sided = chance.choice(DOCUMENTS[:7])
            job = reporter.accept(chance.choice(printers), chance.choice(PEOPLE)[0], name, at)
            reporter.analyse(job, document(pages, colour, two_sided), at)
            if isinstance(reporter.decide(job), Print):
                reporter.print_all(job, at + timedelta(seconds=40))


def _printer_states(reporter: Reporter, library: Printer, office: Printer, staff: Printer) -> None:
    for printer, state, reasons in (
        (library, PrinterState.PROCESSING, []),
        (office, PrinterState.IDLE, ["toner-low-report"]),
        (staff, PrinterState.STOPPED, ["media-jam-error", "cover-open-error"]),
    ):
        model = "Example LaserPrint 4200"
        reporter.report(None, PrinterStatus(queue=printer.name, state=state, reasons=reasons, make_and_model=model))


def _jobs_now(reporter: Reporter, library: Printer, office: Printer, staff: Printer) -> tuple[str, str, str]:
    held = reporter.accept(staff, "sara.lind", "Exam paper physics.pdf")
    reporter.analyse(held, document(4, 0, True))
    reporter.picture(held)
    reporter.decide(held)
    reporter.report(held, JobHeld(reason="Waits until its owner releases it."))
    refused = reporter.accept(library, "jonas.meyer", DOCUMENTS[7][0])
    reporter.analyse(refused, document(400, 300, True, A3))
    reporter.decide(refused)
    waiting = reporter.accept(office, "tom.okafor", "Lecture notes 8")
    reporter.analyse(waiting, document(24, 0, True))
    reporter.decide(waiting)
    printing = reporter.accept(library, "amelie.weber", "Quarterly report 2026.pdf")
    reporter.analyse(printing, document(12, 4, True))
    reporter.picture(printing)
    reporter.decide(printing)
    reporter.report(printing, DeliveryBegun())
    reporter.report(printing, DocumentSent(device_job_id=412))
    reporter.accept(office, "li.wei", "Minutes of the staff meeting")
    return held, printing, refused
