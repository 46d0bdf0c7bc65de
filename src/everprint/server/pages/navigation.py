"""What the head of every page offers: areas, and beneath them the pages of the area that one is in.

An area shows only what this person may see, and leads to the first page of it; one with nothing to see is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from everprint.server.access.permissions import Permission
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION

Page = tuple[str, str, Permission]


@dataclass(frozen=True, slots=True)
class Item:
    """A link; `current` as aria-current says it: *page* here, *true* somewhere inside, else empty."""

    title: str
    url: str
    current: str


AREAS: dict[str, Sequence[Page]] = {
    "Dashboard": [("Dashboard", "pages:dashboard", Permission.VIEW_DASHBOARD)],
    "Jobs": [
        ("Jobs", "pages:jobs", Permission.VIEW_JOBS),
        ("Refunds", "pages:refunds", Permission.REFUND_JOBS),
    ],
    "Printers": [
        ("Printers", "pages:printers", Permission.VIEW_PRINTERS),
        ("Print Providers", "pages:providers", Permission.VIEW_PROVIDERS),
        ("Rules", "pages:rules", Permission.VIEW_PRINTERS),
        ("Release stations", "pages:stations", Permission.MANAGE_PRINTERS),
    ],
    "People": [
        ("Users", "pages:users", Permission.VIEW_USERS),
        ("Groups", "pages:groups", Permission.VIEW_USERS),
        ("Roles", "pages:roles", Permission.MANAGE_ROLES),
        ("Directory", "pages:directory", Permission.MANAGE_USERS),
    ],
    "Accounts": [
        ("Shared accounts", "pages:accounts", Permission.VIEW_ACCOUNTS),
        ("Quotas", "pages:quotas", Permission.VIEW_ACCOUNTS),
        ("Vouchers", "pages:vouchers", Permission.ADJUST_ACCOUNTS),
        ("Ledger audit", "pages:ledger-audit", Permission.MANAGE_SETTINGS),
    ],
    "Reports": [("Reports", "pages:reports", Permission.VIEW_REPORTS)],
    "Installation": [
        ("Settings", "pages:settings", Permission.MANAGE_SETTINGS),
        ("Notifications", "pages:notifications", Permission.MANAGE_SETTINGS),
        ("Mails", "pages:mails", Permission.MANAGE_SETTINGS),
        ("Doctor", "pages:doctor", Permission.MANAGE_SETTINGS),
        ("Audit log", "pages:audit-log", Permission.VIEW_AUDIT_LOG),
        ("API tokens", "pages:tokens", Permission.MAKE_TOKENS),
    ],
    "My printing": [("My printing", "pages:me", Permission.USE_OWN)],
}


def navigation(request: HttpRequest) -> dict[str, object]:
    """The context of every template: the links, what they may do, and the currency."""
    user = getattr(request, "user", None)
    areas: list[Item] = []
    beside: list[Item] = []
    area = ""
    if isinstance(user, User):
        for title, pages in AREAS.items():
            items = [_item(request.path, page, reverse(name)) for page, name, needs in pages if user.may(needs)]
            if not items:
                continue
            inside = any(item.current for item in items)
            areas.append(Item(title, items[0].url, items[0].current or ("true" if inside else "")))
            if inside and len(items) > 1:
                area, beside = title, items
    return {
        "navigation": areas,
        "area": area,
        "area_pages": beside,
        "may": may(user),
        "currency": CONFIGURATION.currency,
    }


def may(user: object) -> dict[str, bool]:
    """For templates: `{% if may.manage_users %}`. It only decides what is offered; views decide what is done."""
    return {permission.name.lower(): isinstance(user, User) and user.may(permission) for permission in Permission}


def _item(path: str, title: str, url: str) -> Item:
    inside = path.startswith(url + "/")
    return Item(title, url, "page" if path == url else "true" if inside else "")
