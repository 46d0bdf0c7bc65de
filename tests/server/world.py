"""Makes what a server test needs: accounts, users, printers, providers, jobs. For tests that use `database`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
from django.db import connection
from django.utils import timezone

from everprint.contract.messages import (
    Authorise,
    Decision,
    DocumentSummary,
    Event,
    JobDescription,
    JobFact,
    PrinterStatus,
)
from everprint.documents.result import Confidence, Output, Sides

if TYPE_CHECKING:
    from everprint.server.accounts.models import Account
    from everprint.server.jobs.decide import Terms
    from everprint.server.jobs.models import Job
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider

A4 = "iso_a4_210x297mm"
GREY, COLOUR = Decimal("0.05"), Decimal("0.20")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def account_with(credit: str) -> int:
    """A personal account with that balance; its id."""
    from everprint.server.people.users import create_user

    return create_user(f"user-{uuid.uuid4().hex[:8]}", credit=Decimal(credit)).account.pk


def balance_of(account: int | str) -> Decimal:
    """The cached balance of an account, by id or name."""
    return account_named(account).balance


def account_named(account: int | str) -> Account:
    """An account, by id or name."""
    from everprint.server.accounts.models import Account

    return Account.objects.get(name=account) if isinstance(account, str) else Account.objects.get(pk=account)


def long_migrated() -> None:
    """The day in which all servers are upgraded is over, and those of the release before were told to stop."""
    from everprint.server.accounts.closing import close_books
    from everprint.server.jobs.packing import pack_what_is_over

    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(days=3))
        cursor.execute("UPDATE django_migrations SET applied = %s", [moment])
    for work in (close_books, pack_what_is_over):
        assert work(now=datetime(2000, 1, 1, tzinfo=UTC)) == "", "nothing is so old"


def audit_is_clean() -> None:
    """Fails with what the audit found."""
    from everprint.server.accounts.audit import audit

    assert audit().findings == ()


def pages(grey: int, colour: int = 0, *, two_sided: bool = False) -> Output:
    """So many A4 sides."""
    kinds = [
        Sides(media=A4, colour=in_colour, two_sided=two_sided, impressions=count)
        for in_colour, count in ((False, grey), (True, colour))
        if count
    ]
    sides = grey + colour
    return Output(sheets=-(-sides // 2) if two_sided else sides, sides=tuple(kinds))


def summary(output: Output | None) -> DocumentSummary:
    """What analysis says of a document with that output."""
    if output is None:
        return DocumentSummary(
            language="unknown", confidence=Confidence.UNKNOWN, pages=0, output=None, reason="nobody reads Klingon"
        )
    return DocumentSummary(
        language="PDF", confidence=Confidence.EXACT, pages=output.impressions, output=output, page_runs=[]
    )


def terms(*, create_users: bool = False, credit: str = "0") -> Terms:
    """The installation's terms in euros."""
    from everprint.server.jobs.decide import Terms
    from everprint.server.jobs.owner import NewUsers

    return Terms(new_users=NewUsers(create_users, Decimal(credit)), currency="EUR", currency_decimals=2)


def new_provider(name: str = "north") -> tuple[Provider, str]:
    """An enrolled provider and its whole credential, as it goes into the Authorization header."""
    from everprint.contract.messages import Enrol
    from everprint.server.providers.enrolment import enrol, make_code
    from everprint.server.providers.models import Provider

    enrolled = enrol(Enrol(code=make_code(None).code, name=name, software_version="0.1.0"))
    credential = f"{enrolled.provider_id}.{enrolled.credential}"
    return Provider.objects.get(pk=enrolled.provider_id), credential


def new_printer(provider: Provider, name: str = "office", **settings: object) -> Printer:
    """A queue at 0.05 a grey and 0.20 a colour side."""
    from everprint.contract.pricing import SideCosts
    from everprint.server.printers.costs import change_costs
    from everprint.server.printers.queues import add_printer

    printer = add_printer(provider, name=name, device_uri="ipp://192.0.2.7/ipp/print", **settings)
    change_costs(printer, "", SideCosts(GREY, GREY, COLOUR, COLOUR))
    return printer


@dataclass
class PrintServer:
    """A provider with one queue and one user, and the events it has reported so far."""

    credit: str = "1.00"
    queue: dict[str, object] = field(default_factory=dict)
    sequence: int = 0

    def __post_init__(self) -> None:
        from everprint.server.people.users import create_user

        self.provider, self.credential = new_provider()
        self.printer = new_printer(self.provider, **self.queue)
        self.user = create_user("alice", credit=Decimal(self.credit))

    def job(self, **changes: object) -> JobDescription:
        """A job of alice's that was just accepted."""
        description = JobDescription(
            job_id=str(uuid.uuid4()),
            queue="office",
            user_name="alice",
            authenticated=True,
            job_name="report.pdf",
            document_format="application/pdf",
            octets=30_000,
            client_address="192.0.2.99",
            submitted_at=NOON,
        )
        return msgspec.structs.replace(description, **changes)

    def ask(self, job: JobDescription, output: Output | None, attempt: int = 1, **how: object) -> Decision:
        """Asks for a decision."""
        from everprint.server.jobs.decide import decide

        question = Authorise(job=job, document=summary(output), attempt=attempt)
        return decide(self.provider.pk, question, terms(**how))  # type: ignore[arg-type]

    def event(self, job: JobDescription | None, fact: JobFact | PrinterStatus) -> Event:
        """The next event."""
        self.sequence += 1
        return Event(sequence=self.sequence, at=NOON, job_id=job.job_id if job else None, fact=fact)

    def report(self, job: JobDescription | None, *facts: JobFact | PrinterStatus) -> int:
        """Reports facts in one batch."""
        from everprint.server.jobs.replay import take_events

        return take_events(self.provider.pk, [self.event(job, fact) for fact in facts], terms())

    def seen(self, job: JobDescription) -> Job:
        """The job as the server has it."""
        from everprint.server.jobs.models import Job

        return Job.objects.get(uuid=job.job_id)
