"""Guests: people who may print until a day. After it they are disabled; nothing of them is removed."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone

from everprint.server.accounts.money import ZERO
from everprint.server.database import transact
from everprint.server.people.changes import change_user, check_last_day
from everprint.server.people.models import User
from everprint.server.people.users import LastAdministrator, UserExists, change_active, create_user

log = logging.getLogger(__name__)

# Letters and digits that nobody mistakes for each other when they read them out or copy them by hand.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_NAME_LENGTH, _PASSWORD_LENGTH = 5, 12  # 31**12: 59 bits, against a limit of attempts


@dataclass(frozen=True, slots=True)
class NewGuest:
    """A guest, and what they sign in with: known to nobody once this is forgotten."""

    user: User
    password: str = field(repr=False)


def create_guest(*, full_name: str, last_day: date, email: str = "", credit: Decimal = ZERO) -> NewGuest:
    """A new user until that day, with a name and a password made for them.

    Raises BadEmail, BadLastDay.
    """
    password = "-".join(_letters(4) for _ in range(_PASSWORD_LENGTH // 4))

    def work() -> User:
        check_last_day(User(name=full_name, last_day=last_day))
        user = create_user(_free_name(), full_name=full_name, email=email, password=password, credit=credit)
        return change_user(user.pk, {"last_day": last_day}, None)

    return NewGuest(transact(work), password)


def end_what_is_over(still_ours: Callable[[], bool] = lambda: True, today: date | None = None) -> str:
    """Disables everybody whose last day is over; in words, how many. Breaks off when the work is another server's."""
    today = timezone.localdate() if today is None else today
    ended = 0
    for user_id in User.objects.filter(is_active=True, last_day__lt=today).values_list("pk", flat=True):
        if not still_ours():
            return f"{ended} guests disabled, then another server took over"
        ended += _end(user_id, today)
    return f"{ended} guests disabled" if ended else ""


def _end(user_id: int, today: date) -> bool:
    def work() -> bool:
        user = User.objects.select_for_update().get(pk=user_id)
        if not user.is_active or user.last_day is None or user.last_day >= today:
            return False  # somebody was faster
        change_active(user, False)
        return True

    try:
        return transact(work)
    except LastAdministrator as error:
        log.warning("last day is over, but the user stays enabled user=%d error=%s", user_id, error)
        return False


def _free_name() -> str:
    for _ in range(10):
        name = f"guest-{_letters(_NAME_LENGTH)}"
        if not User.objects.filter(name=name).exists():
            return name
    raise UserExists("no name for a guest was free: try again")


def _letters(number: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(number))
