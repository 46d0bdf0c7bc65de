"""Another name for somebody: jobs, ledger and audit log stay, and what still comes by the old name is theirs.

A held job, and a client that nobody has told, go on under the old name: so it leads to the same person for ever, and
nobody else can have it.
"""

from __future__ import annotations

from everprint.contract.user_names import canonical_user_name
from everprint.server.accounts.holders import tell_print_servers
from everprint.server.accounts.models import Account
from everprint.server.accounts.purses import purse_account_name
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.authority import check_may_change
from everprint.server.people.models import FormerName, User
from everprint.server.people.users import UserExists


def rename_user(user_id: int, name: str) -> User:
    """Gives the user another name; their accounts follow.

    Raises User.DoesNotExist, BadUserName, UserExists, BeyondOwn.
    """
    name = canonical_user_name(name)

    def work() -> User:
        user = User.objects.select_for_update().get(pk=user_id)
        check_may_change(user)
        old = user.name
        if old != name:
            _check_free(name, user)
            FormerName.objects.filter(name=name).delete()  # they were called so before, and are again
            FormerName.objects.create(user=user, name=old)
            set_name(user, name)
        note("user.rename", user, {"name": old}, {"name": name}, name=name)
        return user

    return transact(work)


def set_name(user: User, name: str) -> None:
    """Stores the name, where it stands in the names of accounts too, and lets print servers hear of it."""
    user.name = name
    user.save(update_fields=["name"])
    Account.objects.filter(owner=user).update(name=name)
    for account in Account.objects.filter(holder=user).select_related("purse"):
        assert account.purse is not None
        account.name = purse_account_name(user, account.purse)
        account.save(update_fields=["name"])
    tell_print_servers([user])


def name_that_is_free(name: str) -> str:
    """That name, or one that begins with it: for who has no name of their own any more."""
    number, wanted = 1, name
    while User.objects.filter(name=wanted).exists() or FormerName.objects.filter(name=wanted).exists():
        number += 1
        wanted = f"{name}-{number}"
    return wanted


def _check_free(name: str, user: User) -> None:
    if User.objects.filter(name=name).exists():
        raise UserExists(f"there is already a user called {name}")
    former = FormerName.objects.select_related("user").filter(name=name).exclude(user=user).first()
    if former is not None:
        raise UserExists(f"{name} is what {former.user.name} was called before")
