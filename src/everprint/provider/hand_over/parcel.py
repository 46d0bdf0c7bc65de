"""A job as it goes from one print server to another, and back: pure."""

from __future__ import annotations

from dataclasses import replace

from everprint.contract.hand_over import ByRules as SaidByRules
from everprint.contract.hand_over import OpenHandOver, Parcel, Pin
from everprint.contract.job_life import JobState
from everprint.documents.ticket import Ticket
from everprint.ipp.codec import encode_attributes
from everprint.provider.by_rules import ByRules
from everprint.provider.job import Document, Job, Owner
from everprint.provider.job_password import JobPassword
from everprint.provider.journal.rows import decode_attributes
from everprint.provider.queue import Queue
from everprint.provider.redirection import moved_to


def parcel_of(job: Job, sha256: str) -> Parcel:
    """The job as it waited, before it was given away."""
    assert job.moving is not None and job.document is not None
    pin, rules = job.job_password, job.by_rules
    return Parcel(
        job_id=job.uuid,
        ipp_job_id=job.job_id,
        is_unique=job.job_id_unique,
        queue=job.queue,
        first_queue=job.first_queue,
        user_name=job.owner.user_name,
        authenticated=job.owner.authenticated,
        client_address=job.owner.client_address,
        job_name=job.job_name,
        attributes=encode_attributes(job.attributes),
        created_at=job.created_at,
        state=job.moving.was,
        job_state_reasons=job.moving.reasons,
        attempt=job.attempt,
        hold_wanted=job.hold_wanted,
        rules=SaidByRules(forced=rules.forced, held_by=rules.held_by, let_go=rules.let_go, sent_back=rules.sent_back),
        pin=None
        if pin is None
        else Pin(
            method=pin.method,
            salt=pin.salt,
            digest=pin.digest,
            guesses=pin.guesses,
            given=pin.given or job.moving.password_given,
        ),
        document_format=job.document.document_format,
        document_name=job.document.document_name,
        octets=job.document.octets,
        sha256=sha256,
    )


def job_for(queue: Queue, hand_over: OpenHandOver, job_id: int, *, is_unique: bool) -> Job:
    """The job as it is in the taker's queue: what it puts on paper is found out anew, and it is decided anew."""
    parcel, pin, rules = hand_over.parcel, hand_over.parcel.pin, hand_over.parcel.rules
    waited = Job(
        job_id=job_id,
        uuid=parcel.job_id,
        queue=parcel.queue,
        owner=Owner(parcel.user_name, parcel.authenticated, parcel.client_address),
        job_name=parcel.job_name,
        attributes=decode_attributes(parcel.attributes),
        ticket=Ticket(),  # read anew for the queue
        created_at=parcel.created_at,
        first_queue=parcel.first_queue,
        state=parcel.state,
        document=Document(parcel.document_format, parcel.octets, parcel.document_name),
        attempt=parcel.attempt,
        hold_wanted=parcel.hold_wanted,
        job_password=None if pin is None else JobPassword(pin.method, pin.salt, pin.digest, pin.guesses, pin.given),
        job_state_reasons=parcel.job_state_reasons,
        job_id_unique=is_unique,
        by_rules=ByRules(forced=rules.forced, held_by=rules.held_by, let_go=rules.let_go, sent_back=rules.sent_back),
    )
    return replace(moved_to(queue, hand_over.by, waited, release=hand_over.release), state=JobState.ACCEPTED)
