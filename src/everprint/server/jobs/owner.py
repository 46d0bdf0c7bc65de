"""Who prints and who pays, from the name that a job came with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from everprint.contract.messages import Authentication, JobDescription, RefusalReason
from everprint.server.accounts.models import Account
from everprint.server.accounts.money import ZERO
from everprint.server.people.models import User
from everprint.server.people.names import BadUserName, canonical_user_name
from everprint.server.people.users import create_user
from everprint.server.printers.models import Printer


class NotAllowed(Exception):
    """The job must not print; `reason` for the client, the text for its owner."""

    def __init__(self, reason: RefusalReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NewUsers:
    """What becomes of a name that never printed before."""

    create: bool = False
    credit: Decimal = ZERO


def find_owner(user_name: str) -> User | None:
    """The user with that name, if there is one."""
    try:
        name = canonical_user_name(user_name)
    except BadUserName:
        return None
    return User.objects.select_related("account").filter(name=name).first()


def owner_of(job: JobDescription, printer: Printer, new_users: NewUsers) -> User:
    """The job's owner, made now if this is the name's first job and the settings allow that.

    Raises NotAllowed.
    """
    failed = RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    if printer.authentication == Authentication.BASIC and not job.authenticated:
        raise NotAllowed(failed, f"The queue {printer.name} needs your name and password.")
    try:
        name = canonical_user_name(job.user_name)
    except BadUserName as error:
        raise NotAllowed(failed, f"The user name cannot be used: {error}.") from None
    user = User.objects.select_related("account").filter(name=name).first()
    if user is None:
        if not new_users.create:
            raise NotAllowed(failed, f"{name} is not known here. Ask the print administrator for an account.")
        user = create_user(name, credit=new_users.credit)
    if not user.is_active:
        raise NotAllowed(RefusalReason.ACCOUNT_CLOSED, f"The account of {name} is closed.")
    return user


def account_of(user: User) -> Account:
    """The account that pays for the user's jobs.

    Raises NotAllowed.
    """
    account: Account | None = getattr(user, "account", None)
    if account is None:
        raise NotAllowed(RefusalReason.ACCOUNT_INFO_NEEDED, f"{user.name} has no account to charge.")
    return account
