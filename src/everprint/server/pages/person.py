"""Who asks: the guard has let only a signed-in user through to a view that requires a permission."""

from __future__ import annotations

from django.http import HttpRequest

from everprint.server.people.models import User


def person(request: HttpRequest) -> User:
    """The signed-in user."""
    assert isinstance(request.user, User), "the view does not declare a permission"
    return request.user
