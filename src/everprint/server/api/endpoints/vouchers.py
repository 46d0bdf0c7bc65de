"""Vouchers: batches of them, their cards as JSON, CSV or PDF, and one that somebody uses."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import AmountFromZero, Body, Day, Id, Money, ShortText
from everprint.server.api.files import CSV, PDF, Format, wanted_format
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.pages.person import person
from everprint.server.pages.voucher_files import csv_answer, pdf_answer
from everprint.server.topup.models import VoucherBatch
from everprint.server.topup.vouchers import MOST, cards_of, grouped, make_batch, use_voucher, void_batch

area = Area("Vouchers")


class BatchRecord(BaseModel):
    """Vouchers that were made together."""

    id: Id
    name: str
    count: int
    used: int


class BatchWanted(Body):
    """Vouchers that are to be made."""

    name: ShortText
    count: int = Field(ge=1, le=MOST)
    value: AmountFromZero
    expires_on: Day | None = None


class CardRecord(BaseModel):
    """A voucher with its code."""

    number: int
    code: str
    value: Money
    expires_on: date | None
    state: str


class CardsAsked(BaseModel):
    """How they are written."""

    format: Format | None = Field(
        None,
        description="PDF has those that are still good, ten cards on a sheet. "
        "Without it: as the header Accept says, else JSON",
    )


class Code(Body):
    """A voucher's code."""

    code: ShortText


class Used(BaseModel):
    """What a voucher was worth."""

    value: Money


def batch_record(batch: VoucherBatch) -> BatchRecord:
    """The batch as the API shows it."""
    used = batch.vouchers.filter(used_at__isnull=False).count()
    return BatchRecord(id=batch.pk, name=batch.name, count=batch.vouchers.count(), used=used)


@area.get("", Found[BatchRecord], needs=Permission.ADJUST_ACCOUNTS)
def list_voucher_batches(request: HttpRequest, asked: Query[Asked]) -> Found[BatchRecord]:
    """List batches of vouchers, newest first."""
    return cut(VoucherBatch.objects.order_by("-pk"), asked, batch_record)


@area.post("", BatchRecord, needs=Permission.ADJUST_ACCOUNTS, status=HTTPStatus.CREATED)
def make_vouchers(request: HttpRequest, wanted: BatchWanted) -> BatchRecord:
    """Make a batch of vouchers."""
    return batch_record(make_batch(wanted.name, wanted.count, wanted.value, wanted.expires_on, person(request)))


@area.get("/{int:batch_id}/cards", list[CardRecord], needs=Permission.ADJUST_ACCOUNTS, files=(CSV, PDF))
def list_voucher_cards(
    request: HttpRequest, batch_id: Id, asked: Query[CardsAsked]
) -> list[CardRecord] | HttpResponseBase:
    """List the vouchers of a batch that was made here, with their codes; or have them as CSV, or as PDF to be cut."""
    batch = get_object_or_404(VoucherBatch, pk=batch_id)
    match wanted_format(request, asked.format):
        case Format.CSV:
            return csv_answer(batch)
        case Format.PDF:
            return pdf_answer(batch)
    return [
        CardRecord(
            number=card.number,
            code=grouped(card.code),
            value=card.value,
            expires_on=card.expires_on,
            state=card.state,
        )
        for card in cards_of(batch)
    ]


@area.post("/{int:batch_id}/void", BatchRecord, needs=Permission.ADJUST_ACCOUNTS)
def void_vouchers(request: HttpRequest, batch_id: Id) -> BatchRecord:
    """Make all vouchers of a batch worthless that were not used."""
    batch = get_object_or_404(VoucherBatch, pk=batch_id)
    void_batch(batch)
    return batch_record(batch)


@area.post("/use", Used, needs=Permission.USE_OWN)
def use_my_voucher(request: HttpRequest, wanted: Code) -> Used:
    """Put a voucher's value onto one's own balance."""
    return Used(value=use_voucher(person(request), wanted.code, request.META.get("REMOTE_ADDR", "")).value)
