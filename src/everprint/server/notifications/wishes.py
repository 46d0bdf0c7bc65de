"""How somebody wishes to be told: in which language, and of what not by mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.languages import Language, language_named
from everprint.server.notifications.kinds import KINDS, PRINTER_TROUBLE, Kind
from everprint.server.notifications.models import Wishes
from everprint.server.people.models import User
from everprint.server.release.operators import operated_by


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody said; `language` None: nothing."""

    language: Language | None = None
    no_mail: frozenset[str] = frozenset()


def wish_of(user: User) -> Wish:
    """What this person wishes."""
    row = Wishes.objects.filter(user=user).first()
    if row is None:
        return Wish()
    return Wish(language_named(row.language) if row.language else None, frozenset(row.no_mail))


def change_wishes(user: User, language: Language | None, no_mail: Collection[str]) -> None:
    """They wish so from now on; kinds that there are not are left out."""
    values = {
        "language": "" if language is None else language.value,
        "no_mail": [key for key in KINDS if key in no_mail],
    }
    transact(lambda: Wishes.objects.update_or_create(user=user, defaults=values))


def mail_language(user: User, wish: Wish | None = None) -> Language:
    """The language that this person is written to in."""
    wish = wish_of(user) if wish is None else wish
    return wish.language or language_named(read_settings().language)


def kinds_for(user: User) -> list[Kind]:
    """The kinds that this person can be told of."""

    def concerns(kind: Kind) -> bool:
        if kind.audience is None or user.may(kind.audience):
            return True
        return kind is PRINTER_TROUBLE and bool(operated_by(user))

    return [kind for kind in KINDS.values() if concerns(kind)]
