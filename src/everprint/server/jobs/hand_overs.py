"""Jobs that go from one provider to another: this server is the referee between the two (contract.hand_over).

Invariant: a hand-over's row is read and written under its lock, and its state only goes forward; so of *the taker
claims it* and *the giver takes it back* exactly one happens, whoever asks again after whichever crash. The document
is in the database, in pieces, for as long as it is under way: any server process can take and give them.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

import msgspec
from django.db.models import Sum

from everprint.contract.hand_over import (
    MOST_OPEN,
    PIECE_OCTETS,
    HandOverState,
    Offer,
    OpenHandOver,
    Parcel,
    Piece,
    Standing,
    WantPiece,
    Withdraw,
)
from everprint.contract.job_life import JobState
from everprint.contract.messages import CancelJob, HandOverEnded, HandOverJob, TakeJobs
from everprint.server.database import transact
from everprint.server.jobs.models import HandOver, HandOverPiece, Job
from everprint.server.jobs.text import kept
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.orders import make_order, make_orders
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)

_OPEN = (HandOverState.ORDERED, HandOverState.OFFERED, HandOverState.TAKEN)
_MIB = 1 << 20

_parcel = msgspec.json.Decoder(Parcel)


class NoSuchPiece(Exception):
    """The hand-over is over, or is not the asker's."""


def order_hand_overs(
    jobs: Sequence[Job],
    target: Printer,
    by: str,
    *,
    release: bool,
    password: bytes = b"",
    password_encryption: str = "",
) -> None:
    """Has each job's provider give it to the target's, in the caller's transaction. They are all of one provider."""
    for job in jobs:
        # One that its giver never began, perhaps because it is of an older release.
        for old in HandOver.objects.select_for_update().filter(job=job, state=HandOverState.ORDERED.value):
            _end(old, HandOverState.WITHDRAWN, "ordered anew")
    rows = [
        HandOver(
            uuid=uuid.uuid4(),
            job=job,
            giver_id=job.provider_id,
            taker_id=target.provider_id,
            target=target,
            by=kept(by, 128),
            release=release,
        )
        for job in jobs
    ]
    HandOver.objects.bulk_create(rows)
    orders = [
        HandOverJob(
            job_id=str(job.uuid), by=by, hand_over=str(row.uuid), queue=target.name, release=release,
            password=password, password_encryption=password_encryption,
        )
        for job, row in zip(jobs, rows, strict=True)
    ]  # fmt: skip
    make_orders(jobs[0].provider_id, orders)


def is_open(job: Job) -> bool:
    """True if it is on its way, and its giver has not got it back."""
    return HandOver.objects.filter(job=job, state__in=_OPEN).exists()


def offer(giver: uuid.UUID, message: Offer) -> Standing:
    """How far it is; the parcel is kept as soon as its giver has reported that it gave the job away."""

    def work() -> Standing:
        row = _of_giver(giver, message.hand_over)
        if row is None:
            return Standing(state=HandOverState.UNKNOWN)
        if row.state == HandOverState.ORDERED and row.parcel is None:
            if Job.objects.values_list("state", flat=True).get(pk=row.job_id) != JobState.MOVING:
                return Standing(state=HandOverState.ORDERED)  # its report is on the way
            most = CONFIGURATION.hand_over_mib * _MIB
            if message.parcel.octets > most:
                _end(row, HandOverState.WITHDRAWN, f"the server hands over at most {CONFIGURATION.hand_over_mib} MiB")
            elif _under_way() + message.parcel.octets > most:
                return Standing(state=HandOverState.ORDERED)  # others go first
            else:
                row.parcel, row.octets = msgspec.json.encode(message.parcel), message.parcel.octets
                _offer_if_whole(row)
                row.save()
        return _standing(row)

    return transact(work)


def keep_piece(giver: uuid.UUID, piece: Piece) -> Standing:
    """Keeps the next piece of the document. With the last one the job is the taker's to claim."""

    def work() -> Standing:
        row = _of_giver(giver, piece.hand_over)
        if row is None:
            return Standing(state=HandOverState.UNKNOWN)
        if row.state == HandOverState.ORDERED and row.parcel is not None and piece.number == row.pieces:
            missing = row.octets - row.pieces * PIECE_OCTETS
            if len(piece.octets) == min(missing, PIECE_OCTETS):
                HandOverPiece.objects.create(hand_over=row, number=piece.number, octets=piece.octets)
                row.pieces += 1
                _offer_if_whole(row)
                row.save()
        return _standing(row)

    return transact(work)


def withdraw(giver: uuid.UUID, message: Withdraw) -> Standing:
    """Gives the job back to its giver, if the taker did not claim it; else passes on that it was cancelled."""

    def work() -> Standing:
        row = _of_giver(giver, message.hand_over)
        if row is None:
            return Standing(state=HandOverState.UNKNOWN)
        match HandOverState(row.state):
            case HandOverState.ORDERED | HandOverState.OFFERED:
                _end(row, HandOverState.WITHDRAWN, message.reason)
            case HandOverState.TAKEN if message.cancelled_by:
                row.cancelled_by = kept(message.cancelled_by, 128)
                row.save(update_fields=["cancelled_by"])
            case HandOverState.KEPT if message.cancelled_by:
                job = Job.objects.get(pk=row.job_id)
                make_order(job.provider_id, CancelJob(job_id=str(job.uuid), by=message.cancelled_by))
            case _:
                pass
        return _standing(row)

    return transact(work)


def open_for(taker: uuid.UUID) -> tuple[OpenHandOver, ...]:
    """What is there for the taker, and what it claimed and has not reported.

    Whoever asks takes jobs: from now on they can be sent to its queues.
    """
    Provider.objects.filter(pk=taker, takes_jobs=False).update(takes_jobs=True)
    rows = HandOver.objects.filter(taker=taker, state__in=(HandOverState.OFFERED, HandOverState.TAKEN))
    return tuple(
        OpenHandOver(
            hand_over=str(row.uuid),
            queue=row.target.name,
            by=row.by,
            release=row.release,
            parcel=_parcel.decode(bytes(row.parcel)),
        )
        for row in rows.select_related("target").order_by("made_at", "pk")[:MOST_OPEN]
        if row.parcel is not None
    )


def piece_of(taker: uuid.UUID, wanted: WantPiece) -> Piece:
    """A piece of a document.

    Raises NoSuchPiece.
    """
    found = HandOverPiece.objects.filter(
        hand_over=uuid.UUID(wanted.hand_over),
        number=wanted.number,
        hand_over__taker=taker,
        hand_over__state__in=(HandOverState.OFFERED, HandOverState.TAKEN),
    ).first()
    if found is None:
        raise NoSuchPiece(f"hand-over {wanted.hand_over} has no piece {wanted.number} for this print server now")
    return Piece(hand_over=wanted.hand_over, number=wanted.number, octets=bytes(found.octets))


def claim(taker: uuid.UUID, hand_over: str) -> Standing:
    """Gives the job to the taker, if its giver did not take it back: from here on nobody else prints it."""

    def work() -> Standing:
        row = _of_taker(taker, hand_over)
        if row is None:
            return Standing(state=HandOverState.UNKNOWN)
        if row.state == HandOverState.OFFERED:
            row.state = HandOverState.TAKEN.value
            row.save(update_fields=["state"])
        return _standing(row)

    return transact(work)


def decline(taker: uuid.UUID, hand_over: str, reason: str) -> Standing:
    """Notes that the taker cannot print it, and tells the giver."""

    def work() -> Standing:
        row = _of_taker(taker, hand_over)
        if row is None:
            return Standing(state=HandOverState.UNKNOWN)
        if row.state == HandOverState.OFFERED:
            _end(row, HandOverState.DECLINED, reason)
            _tell_giver(row, kept_by_taker=False)
        return _standing(row)

    return transact(work)


def note_kept(job: Job, taker: uuid.UUID) -> HandOver | None:
    """Ends the hand-over that the taker claimed, as the job is in its journal; None if there is none.

    For whoever holds the job's lock (hand_over_reports). The taker's word stands, also where a restored database has
    forgotten the claim: paper may have moved.
    """
    possible = (*_OPEN, HandOverState.UNKNOWN)
    row = HandOver.objects.select_for_update().filter(job=job, taker=taker, state__in=possible).first()
    if row is None:
        return None
    cancelled_by = row.cancelled_by
    _end(row, HandOverState.KEPT, "")
    _tell_giver(row, kept_by_taker=True)
    if cancelled_by:
        make_order(taker, CancelJob(job_id=str(job.uuid), by=cancelled_by))
    return row


def doubt_after_restore() -> None:
    """Of what was under way when the backup was made nobody here knows how far it went since: the taker may have
    printed it, or the giver may have had it back and printed it. So neither gets it now. Its giver, if it is still on
    its way there, holds it in doubt; the taker's word that it has it counts. What the taker had claimed by then stays
    its own: nobody else can have printed that.
    """
    for row in HandOver.objects.filter(state__in=(HandOverState.ORDERED, HandOverState.OFFERED)):
        _end(row, HandOverState.UNKNOWN, "the server was restored from a backup")


def note_not_given(job: Job, reason: str) -> None:
    """Ends a hand-over that its giver could not begin."""
    for row in HandOver.objects.select_for_update().filter(job=job, state=HandOverState.ORDERED.value):
        _end(row, HandOverState.WITHDRAWN, reason)


def _of_giver(giver: uuid.UUID, hand_over: str) -> HandOver | None:
    return HandOver.objects.select_for_update().filter(pk=hand_over, giver=giver).first()


def _of_taker(taker: uuid.UUID, hand_over: str) -> HandOver | None:
    return HandOver.objects.select_for_update().filter(pk=hand_over, taker=taker).first()


def _standing(row: HandOver) -> Standing:
    state = HandOverState(row.state)
    wants = state is HandOverState.ORDERED and row.parcel is not None
    return Standing(state=state, wanted=row.pieces if wants else None, reason=row.reason)


def _offer_if_whole(row: HandOver) -> None:
    if row.pieces * PIECE_OCTETS >= row.octets:
        row.state = HandOverState.OFFERED.value
        make_order(row.taker_id, TakeJobs())


def _end(row: HandOver, state: HandOverState, reason: str) -> None:
    row.state, row.reason = state.value, kept(reason, 500)
    row.parcel, row.octets, row.pieces = None, 0, 0
    row.by = row.cancelled_by = ""  # the job's time line says who
    row.save()
    HandOverPiece.objects.filter(hand_over=row).delete()


def _tell_giver(row: HandOver, *, kept_by_taker: bool) -> None:
    job = Job.objects.values_list("uuid", flat=True).get(pk=row.job_id)
    make_order(row.giver_id, HandOverEnded(job_id=str(job), hand_over=str(row.uuid), kept=kept_by_taker))


def _under_way() -> int:
    return HandOver.objects.filter(octets__gt=0).aggregate(sum=Sum("octets"))["sum"] or 0
