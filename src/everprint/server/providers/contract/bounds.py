"""What a well-formed message may still not say: numbers, moments and ids that no honest provider sends.

Checked before anything is stored, so that no stored event can trouble the database or the arithmetic of money.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from everprint.contract.elsewhere import MOST_LISTED, Asker
from everprint.contract.hand_over import Parcel
from everprint.contract.limits import (
    MOST_COPIES,
    MOST_IMPRESSIONS,
    MOST_KINDS_OF_SIDES,
    MOST_NUMBER_UP,
    MOST_PREVIEWS,
)
from everprint.contract.messages import (
    Authorise,
    DecidedOffline,
    DocumentSent,
    DocumentSummary,
    Event,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobGiven,
    JobNoted,
    JobReceived,
    JobResubmitted,
    JobTaken,
    JobTakenBack,
    OfflinePeriod,
    OrderReported,
    Previews,
    Print,
    PrinterStatus,
)
from everprint.contract.pricing import Costs
from everprint.documents.result import Output
from everprint.server.accounts.money import NotExact, to_units
from everprint.server.providers.contract.problem import bad_message

MOST_EVENTS = 1000
# Kinds of paper with prices of their own.
_MOST_MEDIA = 1000
MOST_CUPS_QUEUES = 1000
_LONGEST_NAME = 1000
_MOST_ATTRIBUTE_OCTETS = 256 << 10
_INT32 = 2**31 - 1
_INT64 = 2**63 - 1


def check_question(question: Authorise) -> None:
    """Raises Refused."""
    check_job(question.job, "job")
    check_document(question.document, "document")
    _within("attempt", question.attempt, 1, _INT32)


def check_event(event: Event, where: str) -> None:
    """Raises Refused."""
    _within(f"{where}.sequence", event.sequence, 1, _INT64)
    _moment(f"{where}.at", event.at)
    if event.job_id is not None:
        check_uuid(f"{where}.job_id", event.job_id)
    match event.fact:
        case JobReceived(job=job):
            check_job(job, f"{where}.fact.job")
            if job.job_id != event.job_id:
                raise bad_message(f"{where}.fact.job.job_id is not the event's job_id")
        case JobAnalysed(document=document):
            check_document(document, f"{where}.fact.document")
        case JobFinished(output=output, counter=counter):
            check_output(output, f"{where}.fact.output")
            if counter is not None:
                _within(f"{where}.fact.counter.before", counter.before, 0, _INT64)
                _within(f"{where}.fact.counter.after", counter.after or 0, 0, _INT64)
        case DecidedOffline(attempt=attempt, decision=decision):
            _within(f"{where}.fact.attempt", attempt, 1, _INT32)
            if isinstance(decision, Print):
                _amount(f"{where}.fact.decision.cost", decision.cost)
                if decision.costs is not None:
                    _costs(f"{where}.fact.decision.costs", decision.costs)
        case OfflinePeriod(began=began, ended=ended, printed=printed, unlogged=unlogged, refused=refused):
            _moment(f"{where}.fact.began", began)
            _moment(f"{where}.fact.ended", ended)
            for name, count in (("printed", printed), ("unlogged", unlogged), ("refused", refused)):
                _within(f"{where}.fact.{name}", count, 0, _INT64)
        case JobNoted(completed_at=completed_at, document_until=until):
            for name, moment in (("completed_at", completed_at), ("document_until", until)):
                if moment is not None:
                    _moment(f"{where}.fact.{name}", moment)
        case JobResubmitted(new_job_id=new_job):
            check_uuid(f"{where}.fact.new_job_id", new_job)
        case JobGiven(hand_over=hand_over) | JobTakenBack(hand_over=hand_over):
            check_uuid(f"{where}.fact.hand_over", hand_over)
        case JobTaken(hand_over=hand_over, job=job):
            check_uuid(f"{where}.fact.hand_over", hand_over)
            check_job(job, f"{where}.fact.job")
        case OrderReported(request=request):
            check_uuid(f"{where}.fact.request", request)
        case PrinterStatus(life_count=count) if count is not None:
            _within(f"{where}.fact.life_count", count, 0, _INT64)
        case DocumentSent(device_job_id=number):
            _within(f"{where}.fact.device_job_id", number, 0, _INT64)
        case _:
            pass


def check_job(job: JobDescription, where: str) -> None:
    """Raises Refused."""
    check_uuid(f"{where}.job_id", job.job_id)
    _moment(f"{where}.submitted_at", job.submitted_at)
    _within(f"{where}.octets", job.octets, 0, _INT64)
    if job.ipp_job_id is not None:
        _within(f"{where}.ipp_job_id", job.ipp_job_id, 1, _INT32)
    _within(f"{where}.copies", job.copies, 1, MOST_COPIES)
    _within(f"{where}.number_up", job.number_up, 1, MOST_NUMBER_UP)


def check_document(document: DocumentSummary, where: str) -> None:
    """Raises Refused."""
    _within(f"{where}.pages", document.pages, 0, MOST_IMPRESSIONS)
    if document.ticket is not None:
        _within(f"{where}.ticket.copies", document.ticket.copies, 1, MOST_COPIES)
        _within(f"{where}.ticket.number_up", document.ticket.number_up, 1, MOST_NUMBER_UP)
    if document.output is not None:
        check_output(document.output, f"{where}.output")


def check_output(output: Output, where: str) -> None:
    """Raises Refused."""
    _within(f"{where}.sheets", output.sheets, 0, MOST_IMPRESSIONS)
    if len(output.sides) > MOST_KINDS_OF_SIDES:
        raise bad_message(f"{where}.sides has {len(output.sides)} kinds, more than {MOST_KINDS_OF_SIDES}")
    for number, kind in enumerate(output.sides):
        _within(f"{where}.sides[{number}].impressions", kind.impressions, 0, MOST_IMPRESSIONS)


def check_previews(message: Previews) -> None:
    """Raises Refused."""
    check_uuid("job_id", message.job_id)
    if len(message.pictures) > MOST_PREVIEWS:
        raise bad_message(f"pictures has {len(message.pictures)} items, expected at most {MOST_PREVIEWS}")


def check_asker(asker: Asker, ipp_job_ids: Sequence[int]) -> None:
    """Raises Refused."""
    if max(len(asker.user_name), len(asker.client_address)) > _LONGEST_NAME:
        raise bad_message(f"asker has names of more than {_LONGEST_NAME} characters")
    if len(ipp_job_ids) > MOST_LISTED:
        raise bad_message(f"{len(ipp_job_ids)} jobs are asked about, expected at most {MOST_LISTED}")
    for number in ipp_job_ids:
        _within("ipp_job_id", number, 1, _INT32)


def check_parcel(parcel: Parcel) -> None:
    """Raises Refused."""
    check_uuid("parcel.job_id", parcel.job_id)
    _within("parcel.ipp_job_id", parcel.ipp_job_id, 1, _INT32)
    _within("parcel.attempt", parcel.attempt, 1, _INT32)
    _within("parcel.octets", parcel.octets, 0, _INT64)
    _moment("parcel.created_at", parcel.created_at)
    if (octets := len(parcel.attributes)) > _MOST_ATTRIBUTE_OCTETS:
        raise bad_message(f"parcel.attributes has {octets} octets, more than {_MOST_ATTRIBUTE_OCTETS}")


def check_piece_number(number: int) -> None:
    """Raises Refused."""
    _within("number", number, 0, _INT32)


def _within(where: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise bad_message(f"{where} is {value}, expected {least} to {most}")


def _costs(where: str, costs: Costs) -> None:
    for name, papers in (("by_media", costs.by_media), ("up_to", costs.up_to)):
        if len(papers) > _MOST_MEDIA:
            raise bad_message(f"{where}.{name} has {len(papers)} items, expected at most {_MOST_MEDIA}")
    for media, side in [("other", costs.other), *costs.by_media.items(), *costs.up_to.items()]:
        for name in ("grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided"):
            _amount(f"{where}: {name} of {media[:50]!r}", getattr(side, name))
    for name in ("two_sided_discount", "minimum", "maximum", "percent"):
        if (amount := getattr(costs, name)) is not None:
            _amount(f"{where}.{name}", amount)


def _amount(where: str, amount: Decimal) -> None:
    try:
        right = to_units(amount) >= 0
    except NotExact:
        right = False
    if not right:
        raise bad_message(f"{where} is {amount}, expected an amount with at most four digits after the point")


def _moment(where: str, moment: datetime) -> None:
    if moment.tzinfo is None or not 2000 <= moment.year <= 9000:
        raise bad_message(f"{where} is {moment.isoformat()}, expected a moment of this age with a time zone")


def check_uuid(where: str, text: str) -> None:
    """Raises Refused."""
    try:
        canonical = str(uuid.UUID(text))
    except ValueError:
        canonical = ""
    if canonical != text:
        raise bad_message(f"{where} is {text[:50]!r}, expected a UUID in lower case with hyphens")
