"""Making and changing shared accounts, and who may charge to which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from everprint.server.accounts.holders import set_limits
from everprint.server.accounts.models import Account, AccountKind
from everprint.server.accounts.money import ZERO
from everprint.server.audit_log.note import note
from everprint.server.charging.models import CommentOption, InvoiceOption, SharedAccount
from everprint.server.database import transact
from everprint.server.edits import check_edition
from everprint.server.people.models import Group, User

SEPARATOR = "\\"
LONGEST_PART = 100
LONGEST_PIN = 50
_SALT = "everprint.shared-account-pin"


class BadSharedAccount(ValueError):
    """A shared account that cannot be; `field` is what is wrong, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class SharedTerms:
    """All that can be set of a shared account but its name, its balance and its PIN."""

    restricted: bool = True
    overdraft: Decimal = ZERO
    is_active: bool = True
    for_everybody: bool = False
    as_parent: bool = True
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    comment_option: CommentOption = CommentOption.OPTIONAL
    invoice_option: InvoiceOption = InvoiceOption.ALWAYS
    notes: str = ""


def add_shared_account(name: str, terms: SharedTerms, pin: str = "") -> SharedAccount:
    """A new one; TOP\\SUB is one below TOP, which must be there.

    Raises BadSharedAccount.
    """

    def work() -> SharedAccount:
        whole, parent = _checked_name(name, None)
        account = Account.objects.create(name=whole, kind=AccountKind.SHARED.value, overdraft_is_own=True)
        shared = SharedAccount.objects.create(account=account, parent=parent, pin_digest=_checked_pin(pin))
        _write(shared, terms)
        note("shared-account.make", shared.account, after=settable(shared))
        return shared

    return transact(work)


def change_shared_account(shared: SharedAccount, name: str, terms: SharedTerms, seen: str | None = None) -> None:
    """Changes all of it but the PIN; sub-accounts follow a new name. `seen` is the edition that the editor saw.

    Raises BadSharedAccount, BelowFloor, EditedMeanwhile.
    """

    def work() -> None:
        rows = SharedAccount.objects.select_for_update(of=("self",)).select_related("account", "parent__account")
        check_edition(settable(rows.get(pk=shared.pk)), seen)
        whole, parent = _checked_name(name, shared)
        if parent is not None and shared.subs.exists():
            raise BadSharedAccount(
                "name", f"{shared.account.name} has sub-accounts itself: there are two levels only"
            )
        before = settable(shared)
        old = shared.account.name
        shared.parent = parent
        shared.account.name = whole
        shared.account.save(update_fields=["name"])
        for sub in shared.subs.select_related("account"):
            sub.account.name = whole + sub.account.name.removeprefix(old)
            sub.account.save(update_fields=["name"])
        _write(shared, terms)
        note("shared-account.change", shared.account, before, settable(shared))

    transact(work)


def set_pin(shared: SharedAccount, pin: str) -> None:
    """Who knows the PIN may charge to the account; empty: nobody by PIN.

    Raises BadSharedAccount.
    """
    shared.pin_digest = _checked_pin(pin)

    def work() -> None:
        shared.save(update_fields=["pin_digest"])
        note("shared-account.pin", shared.account, after={"has_pin": bool(pin)})

    transact(work)


def is_pin_of(shared: SharedAccount, pin: str) -> bool:
    """True if that is the account's PIN. Whoever asks limits the attempts."""
    return bool(pin) and bool(shared.pin_digest) and constant_time_compare(shared.pin_digest, digest_of_pin(pin))


def digest_of_pin(pin: str) -> str:
    """A digest under the server's own key: PINs are short, and a stolen database must not give them away."""
    return salted_hmac(_SALT, pin, algorithm="sha256").hexdigest()


def accounts_open_to(user: User) -> QuerySet[SharedAccount]:
    """The open shared accounts to which this person may charge without a PIN."""
    groups = Group.objects.filter(members=user)
    own = Q(for_everybody=True) | Q(access_users=user) | Q(access_groups__in=groups)
    of_parent = Q(as_parent=True) & (
        Q(parent__for_everybody=True) | Q(parent__access_users=user) | Q(parent__access_groups__in=groups)
    )
    return (
        SharedAccount.objects.filter(own | of_parent, account__is_active=True)
        .filter(Q(parent=None) | Q(parent__account__is_active=True))
        .select_related("account", "parent__account")
        .distinct()
    )


def find_shared(name: str) -> SharedAccount | None:
    """The shared account of that name, in any case of its letters."""
    found = SharedAccount.objects.select_related("account", "parent__account")
    return found.filter(account__name__iexact=SEPARATOR.join(_parts(name))).first()


def _parts(name: str) -> list[str]:
    return [" ".join(part.split()) for part in name.split(SEPARATOR)]


def _checked_name(name: str, shared: SharedAccount | None) -> tuple[str, SharedAccount | None]:
    parts = _parts(name)
    if len(parts) > 2 or not all(1 <= len(part) <= LONGEST_PART and part.isprintable() for part in parts):
        raise BadSharedAccount(
            "name", f"a name is TOP or TOP{SEPARATOR}SUB, each part of at most {LONGEST_PART} characters"
        )
    parent = None
    if len(parts) == 2:
        parent = find_shared(parts[0])
        if parent is None or parent == shared:
            raise BadSharedAccount("name", f"there is no shared account {parts[0]} yet: make it first")
        parts[0] = parent.account.name
    whole = SEPARATOR.join(parts)
    other = find_shared(whole)
    if other is not None and other != shared:
        raise BadSharedAccount("name", f"there is already a shared account {other.account.name}")
    return whole, parent


def _checked_pin(pin: str) -> str:
    if len(pin) > LONGEST_PIN or not pin.isprintable():
        raise BadSharedAccount("pin", f"a PIN has at most {LONGEST_PIN} characters that can be seen")
    return digest_of_pin(pin) if pin else ""


def settable(shared: SharedAccount) -> dict[str, object]:
    """What can be set of it, as the audit log keeps it; its edition is made of this."""
    account = shared.account
    return {
        "name": account.name,
        "restricted": account.restricted,
        "overdraft": account.overdraft,
        "is_active": account.is_active,
        "for_everybody": shared.for_everybody,
        "as_parent": shared.as_parent,
        "users": sorted(user.name for user in shared.access_users.all()),
        "groups": sorted(group.name for group in shared.access_groups.all()),
        "comment_option": shared.comment_option,
        "invoice_option": shared.invoice_option,
        "notes": shared.notes,
    }


def _write(shared: SharedAccount, terms: SharedTerms) -> None:
    shared.for_everybody, shared.as_parent = terms.for_everybody, terms.as_parent
    shared.comment_option, shared.invoice_option = terms.comment_option.value, terms.invoice_option.value
    shared.notes = terms.notes
    shared.save()
    shared.access_users.set(terms.users)
    shared.access_groups.set(terms.groups)
    set_limits(shared.pk, restricted=terms.restricted, overdraft=terms.overdraft)
    Account.objects.filter(pk=shared.pk).update(is_active=terms.is_active, terms_changed_at=timezone.now())
    shared.account.refresh_from_db()


def people_named(names: Iterable[str]) -> tuple[User, ...]:
    """The users with those names.

    Raises BadSharedAccount for a name that nobody has.
    """
    from everprint.contract.user_names import BadUserName
    from everprint.server.people.users import find_user

    found = []
    for name in names:
        try:
            user = find_user(name)
        except BadUserName as error:
            raise BadSharedAccount("users", str(error)) from None
        if user is None:
            raise BadSharedAccount("users", f"there is no user {name}")
        found.append(user)
    return tuple(found)
