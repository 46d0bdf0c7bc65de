"""Making, changing and signing in users."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.server.world import balance_of

pytestmark = pytest.mark.usefixtures("database")


def test_a_new_user_has_an_account_with_the_credit_to_start_with() -> None:
    from everprint.server.people.users import create_user

    user = create_user("Alice", full_name=" Alice Adams ", email="alice@school.example", credit=Decimal("2.50"))
    assert (user.name, user.full_name, str(user)) == ("alice", "Alice Adams", "Alice Adams")
    assert balance_of("alice") == Decimal("2.50")
    assert not user.has_usable_password()


def test_a_name_is_taken_in_every_spelling_but_not_by_a_shared_account() -> None:
    from everprint.server.charging.shared import SharedTerms, add_shared_account
    from everprint.server.people.users import UserExists, create_user

    create_user("alice")
    add_shared_account("library", SharedTerms())
    for name in ("ALICE", "\uff21lice"):
        with pytest.raises(UserExists):
            create_user(name)
    assert create_user("Library").account.kind == "personal"


@pytest.mark.parametrize("password", ["short", "password123", ""])
def test_a_weak_password_is_refused_and_nobody_is_made(password: str) -> None:
    from everprint.server.people.models import User
    from everprint.server.people.users import WeakPassword, create_user

    with pytest.raises(WeakPassword):
        create_user("alice", password=password)
    assert not User.objects.exists()


def test_an_address_that_is_none_is_refused() -> None:
    from everprint.server.people.users import BadEmail, create_user

    with pytest.raises(BadEmail):
        create_user("alice", email="alice at school")


def test_passwords_are_kept_as_argon2() -> None:
    from everprint.server.people.users import create_user

    assert create_user("alice", password="correct horse").password.startswith("argon2")


def test_only_the_right_password_of_an_active_user_signs_in() -> None:
    from everprint.server.people.sign_in import sign_in
    from everprint.server.people.users import change_active, change_password, create_user

    alice = create_user("alice", password="correct horse")
    create_user("bob")
    assert sign_in("Alice", "correct horse", "192.0.2.10") == alice
    for name, password in (
        ("alice", "Correct horse"),
        ("alice", ""),
        ("alice", "x" * 5000),
        ("bob", ""),
        ("bob", "!"),
        ("nobody", "correct horse"),
        ("al\u0456ce", "correct horse"),
    ):
        assert sign_in(name, password, f"192.0.2.{len(password) % 200}-{name!r}") is None
    change_password(alice, "battery staple")
    assert sign_in("alice", "correct horse", "192.0.2.11") is None
    assert sign_in("alice", "battery staple", "192.0.2.12") == alice
    change_active(alice, False)
    assert sign_in("alice", "battery staple", "192.0.2.13") is None


def test_signing_in_is_slowed_down_even_with_the_right_password() -> None:
    from everprint.server.people.attempts import TooManyAttempts
    from everprint.server.people.sign_in import sign_in
    from everprint.server.people.users import create_user

    create_user("alice", password="correct horse")
    for _ in range(5):
        assert sign_in("alice", "guess", "198.51.100.1") is None
    with pytest.raises(TooManyAttempts):
        sign_in("alice", "correct horse", "198.51.100.1")


def test_the_last_administrator_stays_one() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import LastAdministrator, change_active, change_role, create_user

    first = create_user("first", role=Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        change_role(first, Role.USER)
    with pytest.raises(LastAdministrator):
        change_active(first, False)
    create_user("second", role=Role.ADMINISTRATOR)
    change_role(first, Role.OPERATOR)
    assert first.role == "operator"


def test_an_unknown_role_may_nothing() -> None:
    from everprint.server.access.permissions import Permission, permissions_of

    assert permissions_of("emperor") == frozenset()
    assert permissions_of("administrator") == frozenset(Permission)
