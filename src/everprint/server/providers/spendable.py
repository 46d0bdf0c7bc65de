"""What people can spend, page by page, and then only what changed: for providers that must decide alone.

A pass goes through people in the order of their ids. The first pass has everybody; each later one has those whose
account moved, or whose limits changed, since the last pass began. What moves during a pass comes again in the next.
The cursor carries all of that, so the server keeps nothing about who asked for what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
from django.utils import timezone

from everprint.contract.failure_modes import Spendable, SpendableAccount, SpendablePage
from everprint.contract.pricing import HUNDRED
from everprint.contract.selection import Selection, SelectionMode
from everprint.server import sql
from everprint.server.accounts.closing import CLOSED_AFTER
from everprint.server.accounts.every_entry import newest_booking
from everprint.server.accounts.money import ZERO, from_units

PAGE = 2_000
# A booking carries the time at which it was made and is seen once it is committed; clocks of several servers differ.
OVERLAP = timedelta(seconds=60)
_ONE_PASS = timedelta(hours=1)  # far longer than one takes
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"\A(\d{1,18})\.(\d{1,18})\.(\d{1,18})\.(\d{1,18})\Z", re.ASCII)

# What is in a person's purses can be spent beside the balance.
_IN_PURSES = (
    "(SELECT coalesce(sum(extra.balance), 0) FROM accounts_account extra JOIN accounts_purse purse "
    "ON purse.id = extra.purse_id AND purse.is_active WHERE extra.holder_id = person.id AND extra.is_active)"
)
# The person's own selection, else that of the first group that has one: mode and account in one text.
_SELECTION = (
    "(SELECT selection.mode || ':' || coalesce(shared.name, '') FROM charging_accountselection selection "
    "LEFT JOIN people_group grp ON grp.id = selection.group_id "
    "LEFT JOIN accounts_account shared ON shared.id = selection.account_id "
    "WHERE selection.user_id = person.id OR selection.group_id IN "
    "(SELECT group_id FROM people_group_members WHERE user_id = person.id) "
    "ORDER BY CASE WHEN selection.user_id IS NULL THEN 1 ELSE 0 END, grp.name LIMIT 1)"
)
# The person's own percentage of all costs, else the lowest of their groups (printers.terms.percent_of).
_PERCENT = (
    "coalesce((SELECT percent FROM printers_costadjustment WHERE user_id = person.id), "
    "(SELECT min(adjustment.percent) FROM printers_costadjustment adjustment JOIN people_group_members member "
    "ON member.group_id = adjustment.group_id WHERE member.user_id = person.id))"
)
_COLUMNS = (
    "person.id, person.name, person.is_active, account.is_active, account.restricted, account.overdraft, "
    f"account.balance, account.offline_credit, {_IN_PURSES}, {_SELECTION}, {_PERCENT}"
)
_CHANGED = (
    "AND person.id IN (SELECT coalesce(owner_id, holder_id) FROM accounts_account WHERE id IN "
    "(SELECT account_id FROM accounts_transaction WHERE at >= %s "
    "UNION SELECT id FROM accounts_account WHERE terms_changed_at >= %s)) "
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a provider stands: in a pass that began at `began` and has what changed since `since` (None: all)."""

    began: datetime
    since: datetime | None
    newest: int  # the newest booking when the pass began: a database without it was restored from a backup
    last_user: int

    def __str__(self) -> str:
        since = 0 if self.since is None else _number(self.since)
        return f"{_number(self.began)}.{since}.{self.newest}.{self.last_user}"


def read_cursor(text: str) -> Cursor | None:
    """The cursor that we made; None for anything else."""
    found = _CURSOR.match(text)
    if found is None:
        return None
    began, since, newest, last_user = map(int, found.groups())
    try:
        return Cursor(_moment(began), _moment(since) if since else None, newest, last_user)
    except OverflowError:
        return None


def spendable_after(text: str, page: int = PAGE) -> SpendablePage:
    """The page after that cursor; it begins with everybody if we cannot go on from there."""
    newest = newest_booking()
    cursor = read_cursor(text)
    from_start = cursor is None or cursor.newest > newest or _is_too_old(cursor)
    if cursor is None or from_start:
        cursor = Cursor(timezone.now(), None, newest, 0)
    rows = _rows(cursor, page)
    more = len(rows) == page
    if more:
        following = Cursor(cursor.began, cursor.since, cursor.newest, int(rows[-1][0]))
    else:
        following = Cursor(timezone.now(), cursor.began, newest, 0)
    return SpendablePage(
        users=[*(_spendable(row) for row in rows), *_under_former_names(rows)],
        next=str(following),
        more=more,
        accounts=None if more else _accounts(),
        from_start=from_start,
    )


def _rows(cursor: Cursor, page: int) -> list[sql.Row]:
    values: list[sql.Value] = [cursor.last_user]
    changed = ""
    if cursor.since is not None:
        since = sql.of_moment(cursor.since - OVERLAP)
        changed = _CHANGED
        values += [since, since]
    return sql.rows(
        f"SELECT {_COLUMNS} FROM people_user person "  # noqa: S608 - no value in it
        f"JOIN accounts_account account ON account.owner_id = person.id WHERE person.id > %s {changed}"
        "ORDER BY person.id LIMIT %s",
        [*values, page],
    )


def _spendable(row: sql.Row) -> Spendable:
    (
        _,
        name,
        user_active,
        account_active,
        restricted,
        overdraft,
        balance,
        offline_credit,
        in_purses,
        selection,
        percent,
    ) = row
    return Spendable(
        user_name=name,
        amount=_amount_to_spend(balance, overdraft, in_purses) if restricted else None,
        offline_credit=_amount(offline_credit),
        is_active=bool(user_active) and bool(account_active),
        selection=None if selection is None else _selection(selection),
        percent=HUNDRED if percent is None else from_units(int(percent)),
    )


def _under_former_names(rows: list[sql.Row]) -> list[Spendable]:
    """The same people by what they were called before: a job may still come under such a name."""
    if not rows:
        return []
    people = {row[0]: row for row in rows}
    former = sql.rows(
        "SELECT user_id, name FROM people_formername WHERE user_id >= %s AND user_id <= %s ORDER BY name",
        (rows[0][0], rows[-1][0]),
    )
    return [
        msgspec.structs.replace(_spendable(people[user]), user_name=name) for user, name in former if user in people
    ]


def _selection(text: str) -> Selection:
    mode, _, account = text.partition(":")
    return Selection(SelectionMode(mode), account)


def _accounts() -> list[SpendableAccount]:
    """The shared accounts that somebody's jobs, or a printer's, are charged to without a choice."""
    found = sql.rows(
        "SELECT account.name, account.restricted, account.balance, account.overdraft, account.is_active, "
        "coalesce(parent.is_active, account.is_active) FROM accounts_account account "
        "JOIN charging_sharedaccount shared ON shared.account_id = account.id "
        "LEFT JOIN accounts_account parent ON parent.id = shared.parent_id "
        "WHERE account.id IN (SELECT account_id FROM charging_accountselection) ORDER BY account.name",
        (),
    )
    return [
        SpendableAccount(
            name,
            max(from_units(balance) + from_units(overdraft), ZERO) if restricted else None,
            bool(is_active) and bool(parent_is_active),
        )
        for name, restricted, balance, overdraft, is_active, parent_is_active in found
    ]


def _amount_to_spend(balance: int, overdraft: int, in_purses: int) -> Decimal:
    return max(from_units(balance) + from_units(overdraft), ZERO) + from_units(int(in_purses))


def _amount(units: int | None) -> Decimal | None:
    return None if units is None else from_units(units)


def _is_too_old(cursor: Cursor) -> bool:
    """True if bookings since then may be closed already: they are not looked at one by one any more."""
    return cursor.since is not None and cursor.since - OVERLAP < timezone.now() - CLOSED_AFTER + _ONE_PASS


def _number(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
