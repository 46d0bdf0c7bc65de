"""Vouchers that were made elsewhere, from CSV."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest
from pydantic import Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints.vouchers import BatchRecord, batch_record
from everprint.server.api.fields import Body, ShortText
from everprint.server.pages.person import person
from everprint.server.topup.voucher_csv import read_vouchers
from everprint.server.topup.vouchers import import_batch

area = Area("Vouchers")


class VoucherCsv(Body):
    """A file of vouchers."""

    name: ShortText = Field(min_length=1, max_length=100, description="What the batch is called")
    csv: str = Field(max_length=1_000_000, description="Lines, the first with the names of the columns")


@area.post("", BatchRecord, needs=Permission.ADJUST_ACCOUNTS, status=HTTPStatus.CREATED)
def import_vouchers_from_csv(request: HttpRequest, wanted: VoucherCsv) -> BatchRecord:
    """Import vouchers from CSV, all or nothing."""
    vouchers = read_vouchers(wanted.csv.encode("utf-8", "surrogatepass"))
    return batch_record(import_batch(wanted.name, vouchers, person(request)))
