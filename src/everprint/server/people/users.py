"""Making and changing users. Whoever calls this has checked that the actor may."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from everprint.contract.user_names import canonical_user_name
from everprint.server.access.permissions import Role, permissions_of
from everprint.server.accounts.holders import open_personal_account, tell_print_servers
from everprint.server.accounts.money import ZERO
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.authority import check_may_change, check_may_give, check_may_give_credit
from everprint.server.people.models import Department, FormerName, Office, User
from everprint.server.people.workplaces import workplace_named


class UserExists(Exception):
    """The name is taken."""


class WeakPassword(Exception):
    """The password does not meet the rules; the text says which."""


class BadEmail(Exception):
    """What was given is no e-mail address."""


class MergedUser(Exception):
    """Somebody who was merged into another is that one now, and is not enabled again."""


class LastAdministrator(Exception):
    """Nobody could administer this installation any more."""


def create_user(
    name: str,
    *,
    full_name: str = "",
    email: str = "",
    department: str = "",
    office: str = "",
    role: Role = Role.USER,
    password: str | None = None,
    credit: Decimal = ZERO,
) -> User:
    """A new user with an account of their own; without a password nobody can sign in as them.

    Raises BadUserName, UserExists, WeakPassword, BadEmail, BeyondOwn.
    """
    user = User(name=canonical_user_name(name), full_name=full_name.strip(), email=_email(email), role=role.value)
    if password is None:
        user.set_unusable_password()
    else:
        _set_password(user, password)

    def work() -> User:
        if role is not Role.USER:
            check_may_give(permissions_of(role))
        check_may_give_credit(credit)
        if User.objects.filter(name=user.name).exists():
            raise UserExists(f"there is already a user called {user.name}")
        former = FormerName.objects.select_related("user").filter(name=user.name).first()
        if former is not None:
            raise UserExists(f"{user.name} is what {former.user.name} was called before")
        user.department, user.office = workplace_named(Department, department), workplace_named(Office, office)
        user.pk = None
        user._state.adding = True  # the work may be repeated
        user.save()
        open_personal_account(user, credit)
        note("user.make", user, after={"role": role.value, "credit": credit}, name=user.name)
        return user

    return transact(work)


def find_user(name: str) -> User | None:
    """The user with that name in any spelling.

    Raises BadUserName.
    """
    return User.objects.filter(name=canonical_user_name(name)).first()


def change_password(user: User, password: str) -> None:
    """Sets a new password; sessions signed in with the old one end.

    Raises WeakPassword, BeyondOwn.
    """
    check_may_change(user)
    _set_password(user, password)

    def work() -> None:
        user.save(update_fields=["password"])
        note("user.password", user, name=user.name)

    transact(work)


def change_details(user: User, *, full_name: str, email: str) -> None:
    """Sets what people call the user, and where messages go.

    Raises BadEmail.
    """
    user.full_name, user.email = full_name.strip(), _email(email)
    user.save(update_fields=["full_name", "email"])


def change_workplace(user: User, *, department: str | None, office: str | None) -> None:
    """Sets where the user works, by name; empty is nowhere, and None leaves it as it is."""
    if department is not None:
        user.department = workplace_named(Department, department)
    if office is not None:
        user.office = workplace_named(Office, office)
    user.save(update_fields=["department", "office"])


def change_role(user: User, role: Role) -> None:
    """Gives the user another built-in role.

    Raises LastAdministrator, BeyondOwn.
    """
    if user.role != role:
        check_may_give(permissions_of(role))
    _keep_an_administrator(user, still_one=user.is_active and role is Role.ADMINISTRATOR)
    user.role = role.value
    user.save(update_fields=["role"])


def change_active(user: User, active: bool) -> None:
    """Disables the user (no sign-in, no printing) or enables them again.

    Raises LastAdministrator, MergedUser.
    """
    if active and user.merged_into is not None:
        raise MergedUser(f"{user.name} was merged into {user.merged_into.name}: change that user")
    _keep_an_administrator(user, still_one=active and user.role == Role.ADMINISTRATOR)
    user.is_active = active

    def work() -> None:
        user.save(update_fields=["is_active"])
        tell_print_servers([user])

    transact(work)


def _keep_an_administrator(user: User, *, still_one: bool) -> None:
    others = User.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True).exclude(pk=user.pk)
    if user.role == Role.ADMINISTRATOR and not still_one and not others.exists():
        raise LastAdministrator(f"{user.name} is the only administrator: make another one first")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from None
    user.set_password(password)


def _email(email: str) -> str:
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise BadEmail(f"{email!r} is not an e-mail address") from None
    return email
