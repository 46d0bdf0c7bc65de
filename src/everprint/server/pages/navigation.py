"""What the head of every page offers: the areas that this person may see."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from everprint.server.access.permissions import Permission
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION


@dataclass(frozen=True, slots=True)
class Item:
    """A link; `current` as aria-current says it: *page* here, *true* somewhere inside, else empty."""

    title: str
    url: str
    current: str


AREAS = (
    ("Dashboard", "pages:dashboard", Permission.VIEW_DASHBOARD),
    ("Jobs", "pages:jobs", Permission.VIEW_JOBS),
    ("Printers", "pages:printers", Permission.VIEW_PRINTERS),
    ("Providers", "pages:providers", Permission.VIEW_PROVIDERS),
    ("Users", "pages:users", Permission.VIEW_USERS),
    ("Groups", "pages:groups", Permission.VIEW_USERS),
    ("Accounts", "pages:accounts", Permission.VIEW_ACCOUNTS),
    ("Settings", "pages:settings", Permission.MANAGE_SETTINGS),
    ("Roles", "pages:roles", Permission.MANAGE_ROLES),
    ("Audit log", "pages:audit-log", Permission.VIEW_AUDIT_LOG),
    ("API tokens", "pages:tokens", Permission.MAKE_TOKENS),
    ("My printing", "pages:me", Permission.USE_OWN),
)


def navigation(request: HttpRequest) -> dict[str, object]:
    """The context of every template: the links, what they may do, and the currency."""
    user = getattr(request, "user", None)
    items = []
    if isinstance(user, User):
        items = [_item(request.path, title, reverse(name)) for title, name, needs in AREAS if user.may(needs)]
    return {"navigation": items, "may": may(user), "currency": CONFIGURATION.currency}


def may(user: object) -> dict[str, bool]:
    """For templates: `{% if may.manage_users %}`. It only decides what is offered; views decide what is done."""
    return {permission.name.lower(): isinstance(user, User) and user.may(permission) for permission in Permission}


def _item(path: str, title: str, url: str) -> Item:
    inside = path.startswith(url + "/")
    return Item(title, url, "page" if path == url else "true" if inside else "")
