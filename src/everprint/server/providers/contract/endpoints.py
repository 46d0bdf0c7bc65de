"""What each endpoint does: decode, check, call the rule, encode. Runs in a worker thread, but for the long poll."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

import msgspec

from everprint.contract.elsewhere import FindJob, ListJobs
from everprint.contract.job_ids import WantJobIds
from everprint.contract.messages import (
    Authenticate,
    Authenticated,
    Authorise,
    Authority,
    CupsQueues,
    CupsQueuesTaken,
    Enrol,
    EventBatch,
    EventsTaken,
    Previews,
    PreviewsTaken,
)
from everprint.contract.version import NoCommonVersion
from everprint.server.access.permissions import Permission
from everprint.server.jobs.decide import NotDecidable, Terms, UnknownQueue, decide
from everprint.server.jobs.elsewhere import find_job, list_jobs
from everprint.server.jobs.previews import BadPreview, UnknownJob, keep_previews
from everprint.server.jobs.replay import EventGap, take_events
from everprint.server.jobs.text import kept
from everprint.server.people.attempts import Attempts, TooManyAttempts
from everprint.server.people.sign_in import sign_in
from everprint.server.printers.adoption import NotOfCups, adopt_queues
from everprint.server.printers.queues import BadPrinter
from everprint.server.providers.contract.bounds import (
    MOST_CUPS_QUEUES,
    MOST_EVENTS,
    check_asker,
    check_event,
    check_previews,
    check_question,
    check_uuid,
)
from everprint.server.providers.contract.call import Answer, Call
from everprint.server.providers.contract.problem import Refused, bad_message
from everprint.server.providers.credentials import Caller
from everprint.server.providers.enrolment import BadChoice, BadCode, NameTaken, enrol
from everprint.server.providers.job_ids import NoneLeft, give_block
from everprint.server.providers.snapshot import snapshot_of
from everprint.server.providers.spendable import spendable_after

_enrol = msgspec.json.Decoder(Enrol)
_authenticate = msgspec.json.Decoder(Authenticate)
_authorise = msgspec.json.Decoder(Authorise)
_batch = msgspec.json.Decoder(EventBatch)
_previews = msgspec.json.Decoder(Previews)

_CERTIFICATES = re.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_want_job_ids = msgspec.json.Decoder(WantJobIds)
_find_job = msgspec.json.Decoder(FindJob)
_list_jobs = msgspec.json.Decoder(ListJobs)
_cups_queues = msgspec.json.Decoder(CupsQueues)

_enrolment_attempts = Attempts()


def take_enrolment(call: Call) -> Answer:
    """POST /contract/enrol"""
    message = call.message(_enrol)
    try:
        _enrolment_attempts.check("", call.address)
        enrolled = enrol(message)
    except NoCommonVersion as error:
        raise Refused(HTTPStatus.UPGRADE_REQUIRED, "contract-version", str(error)) from None
    except TooManyAttempts as error:
        raise too_many(error) from None
    except BadCode:
        _enrolment_attempts.failed("", call.address)
        raise Refused(
            HTTPStatus.FORBIDDEN,
            "enrolment-code",
            "This code was never made, is used or has expired: make another.",
        ) from None
    except BadChoice:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "credential", "A credential is 256 random bits, as 43 characters of base64 (URL)."
        ) from None
    except NameTaken as error:
        raise Refused(HTTPStatus.CONFLICT, "name-taken", f"{error}.") from None
    return Answer(msgspec.json.encode(enrolled))


def tell_authority(certificate: Path | None) -> Answer:
    """GET /contract/authority: the last certificate of the server's chain; it is public, as every handshake shows."""
    try:
        chain = certificate.read_text("ascii") if certificate is not None else ""
    except (OSError, UnicodeDecodeError):
        chain = ""
    found = _CERTIFICATES.findall(chain)
    if not found:
        raise Refused(HTTPStatus.NOT_FOUND, "no-certificate", "This server has no certificate.")
    return Answer(msgspec.json.encode(Authority(pem=f"{found[-1]}\n")))


def check_password(caller: Caller, call: Call) -> Answer:
    """POST /contract/authenticate"""
    message = call.message(_authenticate)
    try:
        behind = kept(message.client_address, 64)
        user = sign_in(
            message.user_name, message.password, f"provider:{caller.id}:{behind}", shared_address=not behind
        )
    except TooManyAttempts as error:
        raise too_many(error) from None
    if user is None:
        return Answer(msgspec.json.encode(Authenticated(user_name=None)))
    operator = user.may(Permission.MANAGE_JOBS)
    return Answer(msgspec.json.encode(Authenticated(user_name=user.name, operator=operator)))


def answer_question(caller: Caller, call: Call, terms: Terms) -> Answer:
    """POST /contract/authorise"""
    question = call.message(_authorise)
    check_question(question)
    try:
        return Answer(msgspec.json.encode(decide(caller.id, question, terms)))
    except UnknownQueue as error:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-queue", f"{error}.") from None
    except NotDecidable as error:
        raise Refused(HTTPStatus.CONFLICT, "not-decidable", f"{error}.") from None


def take_batch(caller: Caller, call: Call, terms: Terms) -> Answer:
    """POST /contract/events"""
    batch = call.message(_batch)
    events = batch.events
    if len(events) > MOST_EVENTS:
        raise bad_message(f"events has {len(events)} items, expected at most {MOST_EVENTS}")
    for number, event in enumerate(events):
        check_event(event, f"events[{number}]")
    try:
        return Answer(msgspec.json.encode(EventsTaken(taken=take_events(caller.id, events, terms, batch.oldest))))
    except EventGap as gap:
        headers = {"Everprint-Expected-Sequence": str(gap.expected)}
        raise Refused(HTTPStatus.CONFLICT, "event-gap", f"{gap}.", headers) from None


def take_previews(caller: Caller, call: Call) -> Answer:
    """POST /contract/previews"""
    message = call.message(_previews)
    check_previews(message)
    try:
        return Answer(msgspec.json.encode(PreviewsTaken(kept=keep_previews(caller.id, message))))
    except BadPreview as error:
        raise bad_message(str(error)) from None
    except UnknownJob as error:
        raise Refused(HTTPStatus.CONFLICT, "unknown-job", f"{error}.") from None


def take_cups_queues(caller: Caller, call: Call) -> Answer:
    """POST /contract/cups-queues"""
    queues = call.message(_cups_queues).queues
    if len(queues) > MOST_CUPS_QUEUES:
        raise bad_message(f"queues has {len(queues)} items, expected at most {MOST_CUPS_QUEUES}")
    try:
        return Answer(msgspec.json.encode(CupsQueuesTaken(added=adopt_queues(caller.id, queues))))
    except BadPrinter as error:
        raise bad_message(str(error)) from None
    except NotOfCups as error:
        raise Refused(HTTPStatus.CONFLICT, "name-taken", f"{error}.") from None


def give_job_ids(caller: Caller, call: Call) -> Answer:
    """POST /contract/job-ids"""
    message = call.message(_want_job_ids)
    try:
        return Answer(msgspec.json.encode(give_block(caller.id, message.highest)))
    except NoneLeft as error:
        raise Refused(HTTPStatus.CONFLICT, "no-job-ids", f"{error}.") from None


def tell_of_job(caller: Caller, call: Call) -> Answer:
    """POST /contract/jobs/find"""
    question = call.message(_find_job)
    check_asker(question.asker, () if question.job_id else (question.ipp_job_id,))
    if question.job_id:
        check_uuid("job_id", question.job_id)
    return Answer(msgspec.json.encode(find_job(question)))


def tell_of_jobs(caller: Caller, call: Call) -> Answer:
    """POST /contract/jobs/list"""
    question = call.message(_list_jobs)
    check_asker(question.asker, question.ipp_job_ids)
    return Answer(msgspec.json.encode(list_jobs(caller.id, question)))


def tell_snapshot(caller: Caller, call: Call, server_name: str, terms: Terms) -> Answer:
    """GET /contract/snapshot"""
    snapshot = snapshot_of(caller.id, server_name, terms.currency, terms.offline)
    tag = f'"{snapshot.revision}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if call.header("If-None-Match") == tag:
        return Answer(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Answer(msgspec.json.encode(snapshot), headers=headers)


def tell_spendable(caller: Caller, call: Call) -> Answer:
    """GET /contract/spendable; the same for all providers, as everybody may print everywhere."""
    after = parse_qs(call.query.decode("latin-1"), max_num_fields=10).get("after", [""])
    return Answer(msgspec.json.encode(spendable_after(after[0])))


def too_many(error: TooManyAttempts) -> Refused:
    """429, with how long to wait."""
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts", str(error), {"Retry-After": str(error.wait_s)})
