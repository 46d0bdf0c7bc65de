"""Whom jobs are charged to and how prices are reckoned: for users, groups, printers, and one job."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field

from everprint.contract.selection import SelectionMode
from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import AmountFromZero, Body, Flag, Id, Money, ShortText
from everprint.server.charging.choice import choose_account
from everprint.server.charging.models import AccountSelection, SharedAccount
from everprint.server.charging.selection import select_for
from everprint.server.charging.shared import BadSharedAccount, find_shared
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.pages.person import person
from everprint.server.people.models import Group, User
from everprint.server.printers.costs import CostTerms, adjust_costs_for, change_cost_terms, costs_of
from everprint.server.printers.models import CostAdjustment, Printer

area = Area("Charging")


class PayingRecord(BaseModel):
    """How the account is selected, and what is paid of all costs; null where nothing is set."""

    mode: SelectionMode | None
    account: str | None
    percent: Money | None


class SelectionWanted(Body):
    """How the account is selected; null: not set here."""

    mode: SelectionMode | None = None
    account: ShortText = Field("", description="The whole name, for the mode shared")


class PayingWanted(SelectionWanted):
    """The same, and what is paid of all costs in percent; null: not set here."""

    percent: AmountFromZero | None = None


class TermsRecord(BaseModel):
    """How the account is selected on a printer, and how its prices are reckoned."""

    mode: SelectionMode | None
    account: str | None
    by_area: bool
    colour_by_document: bool
    two_sided_discount: Money
    minimum: Money
    maximum: Money | None


class TermsWanted(SelectionWanted):
    """The same, as it is to be."""

    by_area: Flag = False
    colour_by_document: Flag = False
    two_sided_discount: AmountFromZero = Field(default="0.00", validate_default=True)
    minimum: AmountFromZero = Field(default="0.00", validate_default=True)
    maximum: AmountFromZero | None = None


class ChargeWanted(Body):
    """The account of one job; without a name its owner's own."""

    account: ShortText = ""
    pin: ShortText = ""
    comment: ShortText = ""
    invoice: Flag | None = None


def _selected(whose: User | Group | Printer) -> tuple[SelectionMode | None, str | None]:
    stored: AccountSelection | None = getattr(whose, "account_selection", None)
    if stored is None:
        return None, None
    return SelectionMode(stored.mode), stored.account.account.name if stored.account else None


def _paying(whose: User | Group) -> PayingRecord:
    fresh = type(whose).objects.get(pk=whose.pk)
    mode, account = _selected(fresh)
    stored: CostAdjustment | None = getattr(fresh, "cost_adjustment", None)
    return PayingRecord(mode=mode, account=account, percent=stored.percent if stored else None)


def _account_of(wanted: SelectionWanted) -> SharedAccount | None:
    if wanted.mode is not SelectionMode.SHARED:
        return None
    account = find_shared(wanted.account)
    if account is None:
        raise BadSharedAccount("account", f"there is no shared account {wanted.account}")
    return account


def _set_paying(whose: User | Group, wanted: PayingWanted, response: HttpResponse, match: str | None) -> PayingRecord:
    def work() -> None:
        type(whose).objects.select_for_update().get(pk=whose.pk)  # one after the other
        check_edition(_paying(whose).model_dump(), seen(match))
        select_for(whose, wanted.mode, _account_of(wanted))
        adjust_costs_for(whose, wanted.percent)

    transact(work)
    return _with_tag(_paying(whose), response)


Charging = TypeVar("Charging", PayingRecord, TermsRecord)


def _with_tag(record: Charging, response: HttpResponse) -> Charging:
    tag(response, record.model_dump())
    return record


@area.get("/users/{int:user_id}", PayingRecord, needs=Permission.VIEW_USERS)
def get_user_charging(request: HttpRequest, user_id: Id, response: HttpResponse) -> PayingRecord:
    """Get how a user's jobs are charged; the answer has an ETag."""
    return _with_tag(_paying(get_object_or_404(User, pk=user_id)), response)


@area.put("/users/{int:user_id}", PayingRecord, needs=Permission.MANAGE_USERS)
def set_user_charging(
    request: HttpRequest, user_id: Id, wanted: PayingWanted, response: HttpResponse, if_match: IfMatch
) -> PayingRecord:
    """Set how a user's jobs are charged; with If-Match, only if nobody else did meanwhile."""
    return _set_paying(get_object_or_404(User, pk=user_id), wanted, response, if_match)


@area.get("/groups/{int:group_id}", PayingRecord, needs=Permission.VIEW_USERS)
def get_group_charging(request: HttpRequest, group_id: Id, response: HttpResponse) -> PayingRecord:
    """Get how the jobs of a group's members are charged; the answer has an ETag."""
    return _with_tag(_paying(get_object_or_404(Group, pk=group_id)), response)


@area.put("/groups/{int:group_id}", PayingRecord, needs=Permission.MANAGE_USERS)
def set_group_charging(
    request: HttpRequest, group_id: Id, wanted: PayingWanted, response: HttpResponse, if_match: IfMatch
) -> PayingRecord:
    """Set how the jobs of a group's members are charged; with If-Match, only if nobody else did meanwhile."""
    return _set_paying(get_object_or_404(Group, pk=group_id), wanted, response, if_match)


@area.get("/printers/{int:printer_id}", TermsRecord, needs=Permission.VIEW_PRINTERS)
def get_printer_charging(request: HttpRequest, printer_id: Id, response: HttpResponse) -> TermsRecord:
    """Get how the account is selected on a printer and how its prices are reckoned; the answer has an ETag."""
    return _with_tag(_terms(printer_id), response)


@area.put("/printers/{int:printer_id}", TermsRecord, needs=Permission.MANAGE_PRINTERS)
def set_printer_charging(
    request: HttpRequest, printer_id: Id, wanted: TermsWanted, response: HttpResponse, if_match: IfMatch
) -> TermsRecord:
    """Set how a printer selects the account and reckons prices; with If-Match, only if nobody else did meanwhile."""
    printer = get_object_or_404(Printer, pk=printer_id)
    terms = CostTerms(
        wanted.by_area, wanted.colour_by_document, wanted.two_sided_discount, wanted.minimum, wanted.maximum
    )

    def work() -> None:
        Printer.objects.select_for_update().get(pk=printer.pk)  # one after the other
        check_edition(_terms(printer_id).model_dump(), seen(if_match))
        select_for(printer, wanted.mode, _account_of(wanted))
        change_cost_terms(printer, terms)

    transact(work)
    return _with_tag(_terms(printer_id), response)


@area.put("/jobs/{int:number}", None, needs=Permission.USE_OWN)
def set_job_account(request: HttpRequest, number: Id, wanted: ChargeWanted) -> None:
    """Choose the account of a job, while it can be chosen; one that waits for it is released."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user).select_related("owner"), pk=number)
    choose_account(
        job,
        user,
        wanted.account,
        pin=wanted.pin,
        comment=wanted.comment,
        invoice=wanted.invoice,
        address=request.META.get("REMOTE_ADDR", ""),
    )


def _terms(printer_id: int) -> TermsRecord:
    printer = get_object_or_404(Printer, pk=printer_id)
    mode, account = _selected(printer)
    costs = costs_of(printer)
    return TermsRecord(
        mode=mode,
        account=account,
        by_area=costs.by_area,
        colour_by_document=costs.colour_by_document,
        two_sided_discount=costs.two_sided_discount,
        minimum=costs.minimum,
        maximum=costs.maximum,
    )
