"""What the head of every page offers: areas, and beneath them the pages of the area that one is in.

An area shows only what this person may see, and leads to the first page of it; one with nothing to see is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from everprint.server.access.permissions import Permission
from everprint.server.pages.language import active_language
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
    _("Dashboard"): [(_("Dashboard"), "pages:dashboard", Permission.VIEW_DASHBOARD)],
    _("Jobs"): [
        (_("Jobs"), "pages:jobs", Permission.VIEW_JOBS),
        (_("Refunds"), "pages:refunds", Permission.REFUND_JOBS),
    ],
    _("Printers"): [
        (_("Printers"), "pages:printers", Permission.VIEW_PRINTERS),
        (_("Print Providers"), "pages:providers", Permission.VIEW_PROVIDERS),
        (_("Rules"), "pages:rules", Permission.VIEW_PRINTERS),
        (_("Printer groups"), "pages:printer-groups", Permission.MANAGE_ROLES),
        (_("Release stations"), "pages:stations", Permission.MANAGE_PRINTERS),
    ],
    _("People"): [
        (_("Users"), "pages:users", Permission.VIEW_USERS),
        (_("Groups"), "pages:groups", Permission.VIEW_USERS),
        (_("Departments"), "pages:departments", Permission.VIEW_USERS),
        (_("Offices"), "pages:offices", Permission.VIEW_USERS),
        (_("Roles"), "pages:roles", Permission.MANAGE_ROLES),
        (_("Directory"), "pages:directory", Permission.MANAGE_USERS),
    ],
    _("Accounts"): [
        (_("Shared accounts"), "pages:accounts", Permission.VIEW_ACCOUNTS),
        (_("Quotas"), "pages:quotas", Permission.VIEW_ACCOUNTS),
        (_("Vouchers"), "pages:vouchers", Permission.ADJUST_ACCOUNTS),
        (_("Ledger audit"), "pages:ledger-audit", Permission.MANAGE_SETTINGS),
    ],
    _("Reports"): [(_("Reports"), "pages:reports", Permission.VIEW_REPORTS)],
    _("Installation"): [
        (_("Settings"), "pages:settings", Permission.MANAGE_SETTINGS),
        (_("Notifications"), "pages:notifications", Permission.MANAGE_SETTINGS),
        (_("Mails"), "pages:mails", Permission.MANAGE_SETTINGS),
        (_("OpenID providers"), "pages:oidc-providers", Permission.MANAGE_SETTINGS),
        (_("Clusters"), "pages:clusters", Permission.VIEW_CLUSTERS),
        (_("Doctor"), "pages:doctor", Permission.MANAGE_SETTINGS),
        (_("Audit log"), "pages:audit-log", Permission.VIEW_AUDIT_LOG),
        (_("API tokens"), "pages:tokens", Permission.MAKE_TOKENS),
    ],
    _("My printing"): [(_("My printing"), "pages:me", Permission.USE_OWN)],
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
        "page_language": active_language().value,
        "currency": CONFIGURATION.currency,
    }


def may(user: object) -> dict[str, bool]:
    """For templates: `{% if may.manage_users %}`. It only decides what is offered; views decide what is done."""
    return {permission.name.lower(): isinstance(user, User) and user.may(permission) for permission in Permission}


def _item(path: str, title: str, url: str) -> Item:
    inside = path.startswith(url + "/")
    return Item(title, url, "page" if path == url else "true" if inside else "")
