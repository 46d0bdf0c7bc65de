"""Users: who they are, what they may, their password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission, Role
from everprint.server.accounts.holders import open_personal_account, set_limits
from everprint.server.api.area import Area
from everprint.server.api.edition import IfMatch, seen, tag
from everprint.server.api.fields import AmountFromZero, Body, Day, Flag, Id, Money, Name, ShortText
from everprint.server.api.listing import Asked, Found, found, sort_field
from everprint.server.api.problem import Refused
from everprint.server.database import transact
from everprint.server.pages.listing import Column
from everprint.server.people.authority import check_may_join
from everprint.server.people.changes import UserChanges, change_user, changeable
from everprint.server.people.guests import create_guest
from everprint.server.people.merging import merge_users
from everprint.server.people.models import Group, User
from everprint.server.people.queries import users_matching
from everprint.server.people.redaction import redact_user
from everprint.server.people.renaming import rename_user
from everprint.server.people.second_factor import remove_second_factor
from everprint.server.people.sign_in import LONGEST_PASSWORD
from everprint.server.people.users import change_password, create_user
from everprint.server.people.workplaces import LONGEST_NAME, name_of

area = Area("Users")

Workplace = Annotated[ShortText, Field(max_length=LONGEST_NAME)]  # the name of a department or an office

NULLABLE = ("overdraft", "last_day")  # of what can be changed: None is a value

COLUMNS = (
    Column("name", "User", "name"),
    Column("full_name", "Full name", "full_name"),
    Column("role", "Role", "role"),
    Column("department", "Department", "department__name"),
    Column("office", "Office", "office__name"),
    Column("balance", "Balance", "account__balance", number=True),
)


class UserRecord(BaseModel):
    """A user with the figures of their own account."""

    id: Id
    name: str = Field(description="What they sign in with and print as")
    full_name: str
    email: str
    department: str = Field(description="Its name; empty for none")
    office: str = Field(description="Its name; empty for none")
    role: Role
    is_active: bool
    last_day: date | None = Field(description="Of a guest: they are disabled after it. None: for ever")
    groups: list[str]
    account: Id = Field(description="The id of their own account")
    balance: Money
    restricted: bool = Field(description="The balance never falls below minus the overdraft")
    overdraft: Money
    overdraft_is_own: bool = Field(description="False: as far as the installation says")
    created_at: datetime


class UsersAsked(Asked):
    """Which users."""

    text: ShortText = Field("", description="In the name, the full name or the e-mail address")
    role: Role | None = None
    group: Id | None = Field(None, description="The id of a group to which they belong")
    department: Id | None = Field(None, description="The id of their department")
    office: Id | None = Field(None, description="The id of their office")
    sort: str = sort_field(COLUMNS, "name")


class NewUser(Body):
    """A user to be made, with an account of their own."""

    name: Name
    full_name: ShortText = ""
    email: ShortText = ""
    department: Workplace = Field("", description="Its name; made if there is none")
    office: Workplace = Field("", description="Its name; made if there is none")
    role: Role = Role.USER
    password: str | None = Field(
        None, max_length=LONGEST_PASSWORD, description="Without one nobody can sign in as them"
    )
    groups: list[Id] = Field(default=[], max_length=1000, description="Ids of groups")
    credit: AmountFromZero = Field(Decimal(0), description="What the account starts with")
    restricted: Flag = True
    overdraft: AmountFromZero | None = Field(None, description="None: as far as the installation says")


class NewGuest(Body):
    """A guest to be made."""

    full_name: ShortText = Field(min_length=1, description="Who it is")
    email: ShortText = ""
    last_day: Day
    credit: AmountFromZero = Field(Decimal(0), description="What the account starts with")


class GuestRecord(BaseModel):
    """A new guest."""

    user: UserRecord
    password: str = Field(description="What they sign in with; nobody is told again")


class UserPatch(Body):
    """What to change; what is left out stays."""

    full_name: ShortText | None = None
    email: ShortText | None = None
    department: Workplace | None = Field(None, description="Its name, made if there is none; empty: none")
    office: Workplace | None = Field(None, description="Its name, made if there is none; empty: none")
    role: Role | None = None
    is_active: Flag | None = None
    last_day: Day | None = Field(None, description="They are disabled after it. None: for ever")
    groups: list[Id] | None = Field(None, max_length=1000, description="Ids of all groups that they shall belong to")
    restricted: Flag | None = None
    overdraft: AmountFromZero | None = Field(None, description="None: as far as the installation says")


class NewName(Body):
    """A name to be had from now on."""

    name: Name


class Merge(Body):
    """Who shall have it all."""

    into: Id = Field(description="The id of the user who stays")


class NewPassword(Body):
    """A password to be set."""

    password: str = Field(max_length=LONGEST_PASSWORD)


def record_of(user: User) -> UserRecord:
    """The user as the API shows them."""
    account = open_personal_account(user) if not hasattr(user, "account") else user.account
    return UserRecord(
        id=user.pk,
        name=user.name,
        full_name=user.full_name,
        email=user.email,
        department=name_of(user.department),
        office=name_of(user.office),
        role=Role(user.role),
        is_active=user.is_active,
        last_day=user.last_day,
        groups=sorted(group.name for group in user.print_groups.all()),
        account=account.pk,
        balance=account.balance,
        restricted=account.restricted,
        overdraft=account.overdraft,
        overdraft_is_own=account.overdraft_is_own,
        created_at=user.created_at,
    )


@area.get("", Found[UserRecord], needs=Permission.VIEW_USERS)
def list_users(request: HttpRequest, asked: Query[UsersAsked]) -> Found[UserRecord]:
    """List users."""
    rows = users_matching(asked.text.strip(), asked.role or "", asked.group, asked.department, asked.office)
    return found(rows, COLUMNS, asked, asked.sort, record_of)


@area.post("", UserRecord, needs=Permission.MANAGE_USERS, status=HTTPStatus.CREATED)
def create_a_user(request: HttpRequest, wanted: NewUser, response: HttpResponse) -> UserRecord:
    """Make a user, with an account of their own."""
    groups = groups_with(wanted.groups)

    def work() -> User:
        user = create_user(
            wanted.name,
            full_name=wanted.full_name,
            email=wanted.email,
            department=wanted.department,
            office=wanted.office,
            role=wanted.role,
            password=wanted.password or None,
            credit=wanted.credit,
        )
        check_may_join(groups)
        user.print_groups.set(groups)
        set_limits(open_personal_account(user).pk, restricted=wanted.restricted, overdraft=wanted.overdraft)
        return user

    return _with_tag(transact(work).pk, response)


@area.post("/guests", GuestRecord, needs=Permission.MANAGE_USERS, status=HTTPStatus.CREATED)
def make_a_guest(request: HttpRequest, wanted: NewGuest) -> GuestRecord:
    """Make a guest with a name and a password of their own, which only this answer has, until their last day."""
    made = create_guest(
        full_name=wanted.full_name, email=wanted.email, last_day=wanted.last_day, credit=wanted.credit
    )
    return GuestRecord(user=record_of(user_with(made.user.pk)), password=made.password)


@area.get("/{int:user_id}", UserRecord, needs=Permission.VIEW_USERS)
def get_user(request: HttpRequest, user_id: Id, response: HttpResponse) -> UserRecord:
    """Get one user; the answer has an ETag."""
    return _with_tag(user_id, response)


@area.patch("/{int:user_id}", UserRecord, needs=Permission.MANAGE_USERS)
def change_a_user(
    request: HttpRequest, user_id: Id, wanted: UserPatch, response: HttpResponse, if_match: IfMatch
) -> UserRecord:
    """Change a user; with If-Match, only if nobody else did meanwhile."""
    said = wanted.model_dump(exclude_unset=True)
    changes = cast(UserChanges, {key: value for key, value in said.items() if value is not None or key in NULLABLE})
    if wanted.groups is not None:
        groups_with(wanted.groups)
    try:
        change_user(user_id, changes, seen(if_match))
    except User.DoesNotExist:
        raise Http404 from None
    return _with_tag(user_id, response)


@area.put("/{int:user_id}/password", None, needs=Permission.MANAGE_USERS)
def set_password(request: HttpRequest, user_id: Id, wanted: NewPassword) -> None:
    """Set a user's password; their sessions end."""
    change_password(get_object_or_404(User, pk=user_id), wanted.password)


@area.delete("/{int:user_id}/second-factor", needs=Permission.MANAGE_USERS)
def remove_a_second_factor(request: HttpRequest, user_id: Id) -> None:
    """Let another user sign in with the password alone, as authenticator and recovery codes are lost."""
    remove_second_factor(get_object_or_404(User, pk=user_id))


@area.put("/{int:user_id}/name", UserRecord, needs=Permission.MANAGE_USERS)
def rename_a_user(request: HttpRequest, user_id: Id, wanted: NewName, response: HttpResponse) -> UserRecord:
    """Give a user another name; what still comes by the old one is theirs."""
    with _or_404():
        rename_user(user_id, wanted.name)
    return _with_tag(user_id, response)


@area.post("/{int:user_id}/merge", UserRecord, needs=Permission.MANAGE_USERS)
def merge_a_user(request: HttpRequest, user_id: Id, wanted: Merge, response: HttpResponse) -> UserRecord:
    """Make all that is a user's another user's, for ever; the answer is the other user."""
    with _or_404():
        merge_users(user_id, wanted.into)
    return _with_tag(wanted.into, response)


@area.post("/{int:user_id}/redact", UserRecord, needs=Permission.MANAGE_USERS)
def redact_a_user(request: HttpRequest, user_id: Id, response: HttpResponse) -> UserRecord:
    """Take away what says who a user was, for ever; ledger and audit log stay."""
    with _or_404():
        redact_user(user_id)
    return _with_tag(user_id, response)


@contextmanager
def _or_404() -> Iterator[None]:
    try:
        yield
    except User.DoesNotExist:
        raise Http404 from None


def groups_with(ids: list[int]) -> list[Group]:
    """The groups with those ids.

    Raises Refused for an id that no group has.
    """
    groups = list(Group.objects.filter(pk__in=ids))
    missing = sorted(set(ids) - {group.pk for group in groups})
    if missing:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-group", f"No group has the id {missing[0]}.")
    return groups


def user_with(user_id: int) -> User:
    """The user with that id, with account and groups at hand, or 404."""
    return get_object_or_404(users_matching(), pk=user_id)


def _with_tag(user_id: int, response: HttpResponse) -> UserRecord:
    user = user_with(user_id)
    tag(response, changeable(user, open_personal_account(user)))
    return record_of(user)
