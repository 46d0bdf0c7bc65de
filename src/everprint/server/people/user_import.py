"""Imports a table of users with their balances: all of it or nothing; or says what it would change."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import BelowFloor, new_key, open_personal_account, set_limits
from everprint.server.accounts.ledger import adjust
from everprint.server.audit_log.acting import acting_now
from everprint.server.database import transact
from everprint.server.people.authority import BeyondOwn
from everprint.server.people.cards import (
    BadCard,
    CardDigest,
    PinDigest,
    digest_of_pin,
    digests_of,
    set_card,
    set_pin,
)
from everprint.server.people.changes import BadLastDay, UserChanges, change_user
from everprint.server.people.csv_table import BadCsv, BadLine
from everprint.server.people.groups import create_group
from everprint.server.people.import_result import ImportResult, LineChange, line_change
from everprint.server.people.models import Department, FormerName, Group, Office, User
from everprint.server.people.queries import users_matching
from everprint.server.people.user_table import CARDS, WantedUser, read_users
from everprint.server.people.users import LastAdministrator, create_user
from everprint.server.people.workplaces import name_of

_AT_ONCE = 500


def plan_import(data: bytes) -> ImportResult:
    """What import_users would do now; nothing is stored.

    Raises BadCsv.
    """
    return _planned(read_users(data))


def import_users(data: bytes) -> ImportResult:
    """Makes the users that are not there and changes the others; fields that are empty stay as they are.

    A balance is reached by an adjustment of the difference, with the comment "CSV import". Groups that are not there
    are made. Raises BadCsv, and then nothing was changed.
    """
    wanted = read_users(data)

    def work() -> ImportResult:
        result = _planned(wanted)
        changing = {change.line for change in result.changes}
        problems: list[BadLine] = []
        for user in wanted:
            if user.line not in changing:
                continue
            try:
                with transaction.atomic():
                    _apply(user)
            except (BelowFloor, LastAdministrator, BeyondOwn, BadCard, BadLastDay) as error:
                problems.append(BadLine(user.line, str(error)))
        if problems:
            raise BadCsv(problems)
        return result

    return transact(work)


def _planned(wanted: Sequence[WantedUser]) -> ImportResult:
    changes: list[LineChange] = []
    problems: list[BadLine] = []
    for start in range(0, len(wanted), _AT_ONCE):
        piece = wanted[start : start + _AT_ONCE]
        names = [user.name for user in piece]
        known = {user.name: user for user in users_matching().filter(name__in=names)}
        former = dict(FormerName.objects.filter(name__in=names).values_list("name", "user__name"))
        for user in piece:
            there = known.get(user.name)
            if there is None and user.name in former:
                problems.append(BadLine(user.line, f"{user.name} is what {former[user.name]} was called before"))
                continue
            after = _said(user, there)
            before = _stored(there) if there is not None else {}
            if (change := line_change(user.line, user.name, before, after)) is not None:
                changes.append(change)
    if problems:
        raise BadCsv(problems)
    return ImportResult(tuple(changes), len(wanted) - len(changes))


def _said(user: WantedUser, known: User | None) -> dict[str, object]:
    """What the line says, by the names of its columns; `known`: whom it is about."""
    said = {
        "full_name": user.full_name,
        "email": user.email,
        "department": _same(user.department, known.department if known else None),
        "office": _same(user.office, known.office if known else None),
        "role": user.role.value if user.role else None,
        "groups": sorted(user.groups) if user.groups else None,
        "enabled": user.enabled,
        "last_day": user.last_day,
        "restricted": user.restricted,
        "overdraft": user.overdraft,
        "balance": user.balance,
        **{CARDS[place]: card for place, card in user.cards.items()},
        "pin": _said_pin(user.pin, known),
    }
    return {key: value for key, value in said.items() if value is not None}


def _same(said: str | None, there: Department | Office | None) -> str | None:
    """As it is called already, if only the case of letters differs."""
    return there.name if said and there and said.casefold() == there.name.casefold() else said


def _said_pin(pin: str | None, known: User | None) -> PinDigest | None:
    """Compared with the one that is kept; of a new user there is none, and any is another."""
    if pin is None:
        return None
    return PinDigest("new") if known is None else digest_of_pin(known, pin)


def _stored(user: User) -> dict[str, object]:
    account = open_personal_account(user) if not hasattr(user, "account") else user.account
    return {
        "full_name": user.full_name,
        "email": user.email,
        "department": name_of(user.department),
        "office": name_of(user.office),
        "role": user.role,
        "groups": sorted(group.name for group in user.print_groups.all()),
        "enabled": user.is_active,
        "last_day": user.last_day,
        "restricted": account.restricted,
        "overdraft": account.overdraft,
        "balance": account.balance,
        **dict.fromkeys(CARDS.values(), CardDigest("")),
        **{CARDS[place]: card for place, card in digests_of(user.cards.all()).items()},
        "pin": PinDigest(user.pin_digest),
    }


def _apply(wanted: WantedUser) -> None:
    user = User.objects.filter(name=wanted.name).first() or create_user(wanted.name)
    changes: UserChanges = {}
    if wanted.full_name is not None:
        changes["full_name"] = wanted.full_name
    if wanted.email is not None:
        changes["email"] = wanted.email
    if wanted.department is not None:
        changes["department"] = wanted.department
    if wanted.office is not None:
        changes["office"] = wanted.office
    if wanted.role is not None:
        changes["role"] = wanted.role.value
    if wanted.enabled is not None:
        changes["is_active"] = wanted.enabled
    if wanted.last_day is not None:
        changes["last_day"] = wanted.last_day
    if wanted.groups is not None:
        changes["groups"] = [_group(name).pk for name in wanted.groups]
    _set_balance(user, wanted)
    if wanted.restricted is not None:
        changes["restricted"] = wanted.restricted
    if wanted.overdraft is not None:
        changes["overdraft"] = wanted.overdraft
    user = change_user(user.pk, changes, None)
    for place, number in wanted.card_numbers.items():
        set_card(user, place, number)
    if wanted.pin is not None:
        set_pin(user, wanted.pin)


def _set_balance(user: User, wanted: WantedUser) -> None:
    """Books the difference. The floor is lifted for this moment and checked at its end: the line may move both."""
    account = open_personal_account(user)
    if wanted.balance is None or wanted.balance == account.balance:
        return
    restricted = account.restricted
    own = account.overdraft if account.overdraft_is_own else None
    set_limits(account.pk, restricted=False, overdraft=own)
    account.refresh_from_db()  # from here on it is ours: what a job took meanwhile is seen
    acting = acting_now()
    if acting is not None and acting.user is not None and not acting.user.may(Permission.ADJUST_ACCOUNTS):
        raise BeyondOwn("to set a balance you need the permission adjust-accounts")
    adjust(
        account.pk,
        wanted.balance - account.balance,
        "CSV import",
        acting.user if acting else None,
        new_key("csv-import"),
    )
    if wanted.overdraft is not None:
        own = wanted.overdraft
    set_limits(account.pk, restricted=restricted if wanted.restricted is None else wanted.restricted, overdraft=own)


def _group(name: str) -> Group:
    return Group.objects.filter(name__iexact=name).first() or create_group(name)
