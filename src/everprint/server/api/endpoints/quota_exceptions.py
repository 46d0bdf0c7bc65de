"""Who gets an amount of their own of a group's quota."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import AmountFromZero, Body, Id, Money
from everprint.server.people.models import User
from everprint.server.quotas.models import Quota, QuotaException
from everprint.server.quotas.setting import set_exception

area = Area("Quotas")


class ExceptionRecord(BaseModel):
    """Somebody's own amount."""

    user: Id
    name: str
    amount: Money


class OwnAmount(Body):
    """How much somebody gets each time."""

    amount: AmountFromZero


@area.get("/{int:quota_id}", list[ExceptionRecord], needs=Permission.VIEW_ACCOUNTS)
def list_quota_exceptions(request: HttpRequest, quota_id: Id) -> list[ExceptionRecord]:
    """List who gets an amount of their own of a quota."""
    quota = get_object_or_404(Quota, pk=quota_id)
    rows = QuotaException.objects.filter(quota=quota).select_related("user").order_by("user__name")
    return [ExceptionRecord(user=row.user.pk, name=row.user.name, amount=row.amount) for row in rows]


@area.put("/{int:quota_id}/{int:user_id}", None, needs=Permission.ADJUST_ACCOUNTS)
def set_quota_exception(request: HttpRequest, quota_id: Id, user_id: Id, wanted: OwnAmount) -> None:
    """Give somebody an amount of their own of a quota, from the next grant on."""
    set_exception(get_object_or_404(Quota, pk=quota_id), get_object_or_404(User, pk=user_id), wanted.amount)


@area.delete("/{int:quota_id}/{int:user_id}", needs=Permission.ADJUST_ACCOUNTS)
def remove_quota_exception(request: HttpRequest, quota_id: Id, user_id: Id) -> None:
    """Let somebody get of a quota what everybody gets, from the next grant on."""
    set_exception(get_object_or_404(Quota, pk=quota_id), get_object_or_404(User, pk=user_id), None)
