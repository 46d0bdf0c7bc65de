"""Two users who are one person become one: jobs, money, groups and cards of the one are the other's from then on.

Nothing of the ledger is rewritten: what the one had is booked over. What comes back to the one's account later (money
given back for an old job) is booked over too, by scheduled work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from everprint.server.access.permissions import Permission, Role
from everprint.server.accounts.booking import book, lock
from everprint.server.accounts.holders import new_key, open_personal_account, tell_print_servers
from everprint.server.accounts.ledger import RESERVED
from everprint.server.accounts.models import Account, TransactionKind
from everprint.server.accounts.money import ZERO, literal
from everprint.server.accounts.purses import open_purse
from everprint.server.api.models import ApiToken
from everprint.server.api.tokens import revoke_token
from everprint.server.audit_log.acting import acting_now
from everprint.server.audit_log.note import note
from everprint.server.charging.models import SharedAccount
from everprint.server.database import transact
from everprint.server.directory.models import DirectoryEntry
from everprint.server.jobs.models import Job
from everprint.server.oidc.unlinking import hand_links_over
from everprint.server.people.authority import BeyondOwn, check_may_change, check_may_join
from everprint.server.people.cards import PLACES
from everprint.server.people.models import Card, FormerName, Group, SecondFactor, User
from everprint.server.people.renaming import name_that_is_free, set_name
from everprint.server.people.users import change_active, change_role
from everprint.server.release.delegates import hand_delegates_on
from everprint.server.release.models import PrinterGroup
from everprint.server.rules.setting import put_in_place_of


class BadMerge(Exception):
    """These two cannot be merged, or not now; the text says why."""


def merge_users(source_id: int, target_id: int) -> User:
    """Makes all that was `source`'s that of `target`; `source` is disabled, and its name leads to `target`.

    Raises User.DoesNotExist, BadMerge, BeyondOwn, LastAdministrator.
    """

    def work() -> User:
        both = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=(source_id, target_id))}
        if source_id == target_id:
            raise BadMerge("choose another user: nobody is merged into themselves")
        if len(both) < 2:
            raise User.DoesNotExist
        source, target = both[source_id], both[target_id]
        _check(source, target)
        moved = _move_all(source, target)
        _move_belongings(source, target)
        name = source.name
        _retire(source, target)
        tell_print_servers([source, target])
        note("user.merge", target, None, {"merged": name, "money": moved}, name=target.name)
        return target

    return transact(work)


def sweep_merged(still_ours: Callable[[], bool] = lambda: True) -> str:
    """Books over what came back to accounts of people who were merged; in words, how many bookings."""
    swept = 0
    mine = Q(account__balance__gt=literal(ZERO)) | Q(purses__balance__gt=literal(ZERO))
    for source in User.objects.filter(mine, merged_into__isnull=False).distinct():
        if not still_ours():
            return f"{swept} merged users, then another server took over"
        swept += _sweep(source)
    return f"money of {swept} merged users" if swept else ""


def _sweep(source: User) -> bool:
    return bool(transact(lambda: _move_all(source, _last(source), only_credit=True)))


def _last(user: User) -> User:
    """Whoever a merged user is by now: no circle is possible, as nobody is merged into who was merged."""
    while user.merged_into is not None:
        user = user.merged_into
    return user


def _check(source: User, target: User) -> None:
    for user in (source, target):
        if user.merged_into is not None:
            raise BadMerge(f"{user.name} was merged before")
        check_may_change(user)
    if Job.objects.filter(owner=source, cost_reserved__gt=literal(ZERO)).exists():
        raise BadMerge(f"jobs of {source.name} are being printed: wait until they are done, or cancel them")
    check_may_join(Group.objects.filter(members=source).exclude(members=target))


def _move_all(source: User, target: User, *, only_credit: bool = False) -> Decimal:
    """Books all balances over; what was moved, debts as minus."""
    moved = ZERO
    for giving, taking in _accounts(source, target):
        moved += _move(giving, taking, source, target, only_credit=only_credit)
    return moved


def _accounts(source: User, target: User) -> Iterator[tuple[Account, Account]]:
    yield open_personal_account(source), open_personal_account(target)
    for account in Account.objects.filter(holder=source).select_related("purse"):
        assert account.purse is not None
        yield account, open_purse(target, account.purse)


def _move(giving: Account, taking: Account, source: User, target: User, *, only_credit: bool) -> Decimal:
    # Whatever moves several people's money holds this account first, as reservations do.
    accounts = lock({RESERVED, giving.pk, taking.pk})
    amount = accounts[giving.pk].balance
    if amount == ZERO or (only_credit and amount < 0):
        return ZERO
    acting = acting_now()
    actor = acting.user if acting is not None else None
    if actor is not None and not actor.may(Permission.ADJUST_ACCOUNTS):
        raise BeyondOwn(f"{source.name} has money: to merge them you need the permission adjust-accounts")
    kept = accounts[taking.pk]
    if amount < 0 and kept.restricted and kept.balance + amount < -kept.overdraft:
        raise BadMerge(f"{source.name} owes {-amount:.2f}, which {target.name} could not pay: credit it first")
    movements = {giving.pk: -amount, taking.pk: amount}
    words = f"{source.name} was merged into {target.name}"[:500]
    book(accounts, TransactionKind.TRANSFER, new_key("merge"), giving.pk, movements, actor=actor, comment=words)
    # The booking is the giver's: print servers must hear of the taker's balance, too.
    Account.objects.filter(pk=taking.pk).update(terms_changed_at=timezone.now())
    return amount


def _move_belongings(source: User, target: User) -> None:
    Job.objects.filter(owner=source).update(owner=target)
    target.print_groups.add(*source.print_groups.all())
    source.print_groups.clear()
    for shared in SharedAccount.objects.filter(access_users=source):
        shared.access_users.add(target)
        shared.access_users.remove(source)
    put_in_place_of(source, target)
    hand_delegates_on(source, target)
    for operated in PrinterGroup.objects.filter(users=source):
        operated.users.add(target)
        operated.users.remove(source)
    hand_links_over(source, target)
    target.department, target.office = target.department or source.department, target.office or source.office
    target.save(update_fields=["department", "office"])
    taken = set(target.cards.values_list("place", flat=True))
    free = [place for place in PLACES if place not in taken]
    for card, place in zip(source.cards.all(), free, strict=False):
        Card.objects.filter(pk=card.pk).update(user=target, place=place)
    source.cards.all().delete()
    SecondFactor.objects.filter(user=source).delete()
    entries = DirectoryEntry.objects.filter(user=source)
    if DirectoryEntry.objects.filter(user=target).exists():
        entries.delete()
    else:
        entries.update(user=target)
    FormerName.objects.filter(user=source).update(user=target)
    FormerName.objects.create(user=target, name=source.name)


def _retire(source: User, target: User) -> None:
    """Nobody signs in as the source, and nothing of it says any more who it was."""
    change_role(source, Role.USER)
    change_active(source, False)
    source.own_roles.clear()
    for token in ApiToken.objects.filter(owner=source, revoked_at=None):
        revoke_token(token)
    source.merged_into = target
    source.full_name = source.email = source.pin_digest = ""
    source.department = source.office = None
    source.set_unusable_password()
    source.save()
    set_name(source, name_that_is_free(f"merged-{source.pk}"))
