"""Credit that comes by itself or from others: settings of money, quotas, transfers, refunds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.models import Purse
from everprint.server.accounts.transfers import transfer
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.endpoints.accounts import Adjusted
from everprint.server.api.fields import AmountFromZero, Body, Comment, Day, Flag, Id, Money, Name, ShortText
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.charging.shared import find_shared
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.installation.file_policies import file_policies
from everprint.server.installation.settings import (
    MOST_DAYS,
    InstallationSettings,
    change_settings,
    lock_settings,
    read_settings,
)
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.languages import Language
from everprint.server.pages.person import person
from everprint.server.people.models import Group
from everprint.server.people.users import find_user
from everprint.server.quotas.models import Quota
from everprint.server.quotas.periods import Period
from everprint.server.quotas.setting import BadQuota, QuotaTerms, add_quota, change_quota, settable
from everprint.server.refunds.models import RefundRequest, RefundState
from everprint.server.refunds.requests import ask_refund, deny_refund, grant_refund
from everprint.server.settings import CONFIGURATION

Hour = Annotated[int, Field(ge=0, le=23, strict=True)]
WholeNumber = Annotated[int, Field(ge=0, le=MOST_DAYS, strict=True)]

settings_area = Area("Settings")
quotas_area = Area("Quotas")
refunds_area = Area("Refunds")
transfers_area = Area("Transfers")


class SettingsRecord(BaseModel):
    """The installation's settings."""

    overdraft: Money
    largest_payment: Money
    transfers: bool
    refund_requests: bool
    own_cards: bool
    card_needs_pin: bool
    hold_hours: int
    job_details_days: int
    archive_jobs: bool
    language: Language
    low_balance: Money
    notify_low_balance: bool
    notify_job_refused: bool
    notify_job_expires: bool
    notify_quota_renewed: bool
    notify_printer_trouble: bool
    notify_provider_offline: bool
    notify_provider_back: bool
    quiet_from_h: int
    quiet_until_h: int
    paper_co2_g_a_kg: int
    sheets_a_tree: int


class SettingsWanted(Body):
    """Those that are to be changed."""

    overdraft: AmountFromZero | None = None
    largest_payment: AmountFromZero | None = None
    transfers: Flag | None = None
    refund_requests: Flag | None = None
    own_cards: Flag | None = None
    card_needs_pin: Flag | None = None
    hold_hours: WholeNumber | None = None
    job_details_days: WholeNumber | None = None
    archive_jobs: Flag | None = None
    language: Language | None = None
    low_balance: AmountFromZero | None = None
    notify_low_balance: Flag | None = None
    notify_job_refused: Flag | None = None
    notify_job_expires: Flag | None = None
    notify_quota_renewed: Flag | None = None
    notify_printer_trouble: Flag | None = None
    notify_provider_offline: Flag | None = None
    notify_provider_back: Flag | None = None
    quiet_from_h: Hour | None = None
    quiet_until_h: Hour | None = None
    paper_co2_g_a_kg: WholeNumber | None = None
    sheets_a_tree: WholeNumber | None = None


def _settings(now: InstallationSettings, response: HttpResponse) -> SettingsRecord:
    tag(response, msgspec.structs.asdict(now))
    return SettingsRecord.model_validate(msgspec.structs.asdict(now))


@settings_area.get("", SettingsRecord, needs=Permission.MANAGE_SETTINGS)
def get_settings(request: HttpRequest, response: HttpResponse) -> SettingsRecord:
    """Get the installation's settings; the answer has an ETag."""
    return _settings(read_settings(), response)


@settings_area.patch("", SettingsRecord, needs=Permission.MANAGE_SETTINGS)
def patch_settings(
    request: HttpRequest, wanted: SettingsWanted, response: HttpResponse, if_match: IfMatch
) -> SettingsRecord:
    """Change some of the installation's settings; with If-Match, only if nobody else did meanwhile."""
    said = {key: value for key, value in wanted.model_dump().items() if value is not None}

    def work() -> InstallationSettings:
        lock_settings()
        check_edition(msgspec.structs.asdict(read_settings()), seen(if_match))
        return change_settings(said)

    return _settings(transact(work), response)


class FilePolicyRecord(BaseModel):
    """What this server's own file settles."""

    key: str = Field(description="What it is called in the file")
    about: str
    value: bool | int | str


@settings_area.get("/of-the-file", list[FilePolicyRecord], needs=Permission.MANAGE_SETTINGS)
def list_settings_of_the_file(request: HttpRequest) -> list[FilePolicyRecord]:
    """List what this server's file settles about people, jobs and money; it is changed there alone."""
    return [
        FilePolicyRecord(key=policy.key, about=policy.about, value=policy.value)
        for policy in file_policies(CONFIGURATION)
    ]


class QuotaRecord(BaseModel):
    """A quota of a group, or the budget of a shared account."""

    id: Id
    group: str | None
    account: str | None
    amount: Money
    period: Period
    starts_on: date
    cap: Money | None
    resets: bool
    purse: str | None
    is_active: bool
    granted_through: date | None


class QuotaWanted(Body):
    """A quota as it is to be; what is left of the balance can be taken away from budgets only."""

    amount: AmountFromZero
    period: Period
    starts_on: Day
    cap: AmountFromZero | None = None
    resets: Flag = False
    is_active: Flag = True


class NewQuota(QuotaWanted):
    """Whose it is: a group's, or a shared account's; and the purse of each member that it goes into."""

    group: Name | None = None
    account: ShortText | None = None
    purse: ShortText | None = Field(None, description="By name; none: into the balance")


def _quota(quota: Quota) -> QuotaRecord:
    return QuotaRecord(
        id=quota.pk,
        group=quota.group.name if quota.group else None,
        account=quota.shared.account.name if quota.shared else None,
        amount=quota.amount,
        period=Period(quota.period),
        starts_on=quota.starts_on,
        cap=quota.cap,
        resets=quota.resets,
        purse=quota.purse.name if quota.purse else None,
        is_active=quota.is_active,
        granted_through=quota.granted_through,
    )


def _terms(wanted: QuotaWanted, purse: Purse | None) -> QuotaTerms:
    return QuotaTerms(
        amount=wanted.amount,
        period=wanted.period,
        starts_on=wanted.starts_on,
        cap=wanted.cap,
        resets=wanted.resets,
        purse=purse,
        is_active=wanted.is_active,
    )


@quotas_area.get("", Found[QuotaRecord], needs=Permission.VIEW_ACCOUNTS)
def list_quotas(request: HttpRequest, asked: Query[Asked]) -> Found[QuotaRecord]:
    """List quotas and budgets."""
    rows = Quota.objects.select_related("group", "shared__account", "purse").order_by("pk")
    return cut(rows, asked, _quota)


@quotas_area.post("", QuotaRecord, needs=Permission.ADJUST_ACCOUNTS, status=HTTPStatus.CREATED)
def make_quota(request: HttpRequest, wanted: NewQuota, response: HttpResponse) -> QuotaRecord:
    """Make a quota of a group, or a budget of a shared account."""
    shared = find_shared(wanted.account) if wanted.account else None
    if (wanted.group is None) == (shared is None):
        raise BadQuota("group", "name a group, or a shared account that is there")
    purse = get_object_or_404(Purse, name=wanted.purse, is_active=True) if wanted.purse else None
    whose = shared if shared is not None else get_object_or_404(Group, name=wanted.group)
    return _with_tag(add_quota(whose, _terms(wanted, purse)).pk, response)


@quotas_area.get("/{int:quota_id}", QuotaRecord, needs=Permission.VIEW_ACCOUNTS)
def get_quota(request: HttpRequest, quota_id: Id, response: HttpResponse) -> QuotaRecord:
    """Get one quota or budget; the answer has an ETag."""
    return _with_tag(quota_id, response)


@quotas_area.put("/{int:quota_id}", QuotaRecord, needs=Permission.ADJUST_ACCOUNTS)
def set_quota(
    request: HttpRequest, quota_id: Id, wanted: QuotaWanted, response: HttpResponse, if_match: IfMatch
) -> QuotaRecord:
    """Change a quota from the next grant on; with If-Match, only if nobody else did meanwhile."""
    quota = _found_quota(quota_id)
    change_quota(quota, _terms(wanted, quota.purse), seen(if_match))
    return _with_tag(quota_id, response)


def _found_quota(quota_id: int) -> Quota:
    return get_object_or_404(Quota.objects.select_related("group", "shared__account", "purse"), pk=quota_id)


def _with_tag(quota_id: int, response: HttpResponse) -> QuotaRecord:
    quota = _found_quota(quota_id)  # as it is stored: the tag is made of that
    tag(response, settable(quota))
    return _quota(quota)


class Transfer(Body):
    """Credit for somebody else."""

    to: Name
    amount: AmountFromZero
    comment: ShortText = ""
    key: Name = Field(description="A word of yours, unique for this transfer: sent again, it is booked once")


@transfers_area.post("", Adjusted, needs=Permission.USE_OWN)
def give_credit(request: HttpRequest, wanted: Transfer) -> Adjusted:
    """Give credit from one's own balance to somebody else, once for a key."""
    giver = person(request)
    key = f"api-transfer:{giver.pk}:{wanted.key}"
    return Adjusted(balance=transfer(giver, find_user(wanted.to), wanted.amount, wanted.comment, key))


class RefundRecord(BaseModel):
    """A request for money back."""

    id: Id
    job: int
    asked_by: str
    amount: Money
    reason: str
    state: RefundState
    granted: Money
    answer: str
    asked_at: datetime


class RefundWanted(Body):
    """Money that is asked back; without an amount all of it."""

    job: Id
    amount: AmountFromZero | None = None
    reason: Comment


class Verdict(Body):
    """What is decided: an amount that is given back, or nothing with a reason."""

    amount: AmountFromZero
    answer: ShortText = ""


def _refund(asked: RefundRequest) -> RefundRecord:
    return RefundRecord(
        id=asked.pk,
        job=asked.job_id,
        asked_by=asked.asked_by.name,
        amount=asked.amount,
        reason=asked.reason,
        state=RefundState(asked.state),
        granted=asked.granted,
        answer=asked.answer,
        asked_at=asked.asked_at,
    )


@refunds_area.get("", Found[RefundRecord], needs=Permission.REFUND_JOBS)
def list_refunds(request: HttpRequest, asked: Query[Asked]) -> Found[RefundRecord]:
    """List requests for money back, newest first."""
    return cut(RefundRequest.objects.select_related("asked_by").order_by("-pk"), asked, _refund)


@refunds_area.post("", RefundRecord, needs=Permission.USE_OWN, status=HTTPStatus.CREATED)
def request_refund(request: HttpRequest, wanted: RefundWanted) -> RefundRecord:
    """Ask for money back for a job: one's own, or anybody's for those who may give refunds."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user), pk=wanted.job)
    return _refund(ask_refund(job, user, wanted.amount, wanted.reason))


@refunds_area.post("/{int:refund_id}/decision", RefundRecord, needs=Permission.REFUND_JOBS)
def decide_refund(request: HttpRequest, refund_id: Id, verdict: Verdict) -> RefundRecord:
    """Give money back, or deny it (an amount of 0, and why)."""
    asked = get_object_or_404(RefundRequest, pk=refund_id)
    if verdict.amount == Decimal(0):
        return _refund(deny_refund(asked, person(request), verdict.answer))
    return _refund(grant_refund(asked, person(request), verdict.amount, verdict.answer))
