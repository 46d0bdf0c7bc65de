"""Who prints and who pays, from the name that a job came with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from everprint.contract.messages import Authentication, JobDescription, RefusalReason
from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server import sql
from everprint.server.accounts.money import ZERO
from everprint.server.accounts.payers import Payers, in_order
from everprint.server.jobs.sentences import said
from everprint.server.people.users import create_user
from everprint.server.printers.terms import QueueTerms

_OWNER = (
    "SELECT person.id, person.name, person.is_active, account.id, account.name, purse.position, extra.id "
    "FROM people_user person JOIN accounts_account account ON account.owner_id = person.id "
    "LEFT JOIN (accounts_account extra JOIN accounts_purse purse "
    "ON purse.id = extra.purse_id AND purse.is_active) "
    "ON extra.holder_id = person.id AND extra.is_active"
)


class NotAllowed(Exception):
    """The job must not print; `reason` for the client, the text for its owner."""

    def __init__(self, reason: RefusalReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.sentence = message


class NotHereYet(Exception):
    """Nobody here has the name, but the directory may: ask it, and then again without asking."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class NewUsers:
    """What becomes of a name that never printed before."""

    create: bool = False
    credit: Decimal = ZERO
    ask_directory: bool = False  # where none is made, whoever the directory has is one


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, and the account that pays for their jobs; both by id and name."""

    user: int
    name: str
    is_active: bool
    account: int
    account_name: str
    payers: Payers  # the account, and the person's purses


def find_owner(user_name: str) -> Owner | None:
    """The user with that name, now or before, if there is one."""
    try:
        return _find(canonical_user_name(user_name))
    except BadUserName:
        return None


def owner_of(job: JobDescription, queue: QueueTerms, new_users: NewUsers) -> Owner:
    """The job's owner, made now if this is the name's first job and the settings allow that.

    Raises NotAllowed; NotHereYet where the directory is to be asked, for whoever can wait for it.
    """
    failed = RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    if queue.authentication == Authentication.BASIC and not job.authenticated:
        raise NotAllowed(failed, said("sign-in-needed", queue=queue.name))
    try:
        name = canonical_user_name(job.user_name)
    except BadUserName as error:
        raise NotAllowed(failed, f"The user name cannot be used: {error}.") from None
    owner = _find(name)
    if owner is None:
        if not new_users.create and new_users.ask_directory:
            raise NotHereYet(name)
        if not new_users.create:
            raise NotAllowed(failed, said("not-known", name=name))
        owner = newcomer(name, new_users)
    return owner


def newcomer(name: str, new_users: NewUsers) -> Owner:
    """The user of a name that prints for the first time, made now.

    Raises BadUserName.
    """
    user = create_user(name, credit=new_users.credit)
    owner = _find(user.name)
    assert owner is not None
    return owner


def check_active(owner: Owner) -> None:
    """Raises NotAllowed for a user who is disabled."""
    if not owner.is_active:
        raise NotAllowed(RefusalReason.ACCOUNT_CLOSED, said("user-closed", name=owner.name))


def _find(name: str) -> Owner | None:
    found = sql.rows(f"{_OWNER} WHERE person.name = %s", (name,))
    if not found:  # few are: then it costs a second look
        former = f"{_OWNER} JOIN people_formername former ON former.user_id = person.id WHERE former.name = %s"
        found = sql.rows(former, (name,))
    if not found:
        return None
    user, name, is_active, account, account_name = found[0][:5]
    purses = [(int(row[5]), int(row[6])) for row in found if row[6] is not None]
    return Owner(user, name, bool(is_active), account, account_name, in_order(account, purses))
