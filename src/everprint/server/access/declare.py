"""Every view declares who may call it: `@requires(Permission.X)`, or `@public("why")`.

The declaration sits on the view function itself and is checked by guard.AccessMiddleware, so that no URL pattern
decides about access. A view without a declaration is refused to everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from everprint.server.access.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])

ATTRIBUTE = "everprint_access"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a view: anybody (and why), or who has the permission."""

    permission: Permission | None
    reason: str = ""

    @property
    def is_public(self) -> bool:
        """True if no sign-in is needed."""
        return self.permission is None


def requires(permission: Permission) -> Callable[[View], View]:
    """The view is for signed-in people who have the permission."""
    return _declare(Access(permission))


def public(reason: str) -> Callable[[View], View]:
    """The view is for everybody, signed in or not, for a reason that the route test's list repeats."""
    return _declare(Access(None, reason))


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, ATTRIBUTE, access)
        return view

    return mark


def declared_access(view: Callable[..., Any]) -> Access | None:
    """What the view declares; None if it forgot."""
    found = getattr(view, ATTRIBUTE, None)
    return found if isinstance(found, Access) else None
