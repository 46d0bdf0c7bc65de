"""Every view declares who may call it: `@requires(Permission.X)`, or `@public("why")`; endpoints of the API do so by
method.

The declaration sits on the view function itself and is checked by guard.AccessMiddleware, so that no URL pattern
decides about access. A view without a declaration is refused to everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class AccessByMethod:
    """Who may call a view of the JSON API, which is several endpoints on one path: a permission a method."""

    needs: Mapping[str, Permission]

    def of(self, method: str) -> Access:
        """Who may ask with that method. One that the path does not have is answered by the API itself (405)."""
        asked = "GET" if method == "HEAD" else method
        return Access(self.needs[asked] if asked in self.needs else min(self.needs.values()))


def declare_by_method(view: Callable[..., Any], needs: Mapping[str, Permission]) -> None:
    """Declares who may call a view of the JSON API."""
    setattr(view, ATTRIBUTE, AccessByMethod(needs))


def declared_access(view: Callable[..., Any], method: str = "GET") -> Access | None:
    """What the view declares for requests with that method; None if it forgot."""
    found = getattr(view, ATTRIBUTE, None)
    if isinstance(found, AccessByMethod):
        return found.of(method)
    return found if isinstance(found, Access) else None


def is_of_api(view: Callable[..., Any]) -> bool:
    """True if the view is an endpoint of the JSON API, which takes tokens too."""
    return isinstance(getattr(view, ATTRIBUTE, None), AccessByMethod)
