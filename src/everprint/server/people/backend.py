"""Finds the user of a session. Passwords are checked by people.sign_in, which also limits the rate."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend

from everprint.server.people.models import User


class UserBackend(BaseBackend):
    """A session of a user who has been disabled since then is nobody's session."""

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
