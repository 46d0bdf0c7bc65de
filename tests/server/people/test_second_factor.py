"""The second factor: the password alone is not enough, no code is good twice, and guessing is slowed down."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import pyotp
import pytest
from click.testing import CliRunner
from django.test import Client

from tests.server.pages.signed_in import SignedIn, administrator

if TYPE_CHECKING:
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")


NOW = 1_800_000_000.0


@pytest.fixture
def alice() -> User:
    from everprint.server.people.users import create_user

    return create_user("alice", password="correct horse")


def set_up(user: User, now: float | None = None) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator, whose code of that moment is used up, and the recovery codes."""
    from everprint.server.people.second_factor import begin_second_factor, confirm_second_factor

    authenticator = pyotp.TOTP(begin_second_factor(user, "Everprint").secret)
    return authenticator, confirm_second_factor(user, authenticator.at(now or time.time()), "192.0.2.1", now)


def is_good(user: User, code: str, address: str, now: float | None = None) -> bool:
    from everprint.server.people.second_factor import WrongCode, check_code

    try:
        check_code(user, code, address, now)
    except WrongCode:
        return False
    return True


def next_code(authenticator: pyotp.TOTP) -> str:
    """Of the step after this one, which is good already; that of this one was used to set up."""
    return authenticator.at(time.time() + 30)


def test_a_code_is_good_once_and_only_near_its_time(alice: User) -> None:
    authenticator, _ = set_up(alice, NOW)
    now = NOW + 30
    code = authenticator.at(now)
    assert is_good(alice, f" {code[:3]} {code[3:]}", "192.0.2.1", now)
    assert not is_good(alice, code, "192.0.2.1", now)
    later = authenticator.at(now + 300)
    assert not is_good(alice, later, "192.0.2.1", now)
    assert not is_good(alice, later, "192.0.2.1", now + 360)
    assert is_good(alice, later, "192.0.2.1", now + 330)


def test_the_clock_is_that_of_the_machine(alice: User) -> None:
    authenticator, _ = set_up(alice)
    assert is_good(alice, next_code(authenticator), "192.0.2.1")
    assert not is_good(alice, authenticator.at(NOW), "192.0.2.1")


def test_a_recovery_code_is_good_once_for_its_owner(alice: User) -> None:
    from everprint.server.people.models import SecondFactor
    from everprint.server.people.users import create_user

    _, codes = set_up(alice)
    bob = create_user("bob")
    set_up(bob)
    assert len(set(codes)) == 10
    assert not is_good(bob, codes[0], "192.0.2.2")
    assert is_good(alice, codes[0].upper().replace("-", " "), "192.0.2.2")
    assert not is_good(alice, codes[0], "192.0.2.2")
    kept = SecondFactor.objects.get(user=alice)
    assert not {code for code in codes if code in str(kept.recovery)}


def test_the_secret_is_not_kept_as_it_is_and_is_worth_nothing_before_a_code_of_it(alice: User) -> None:
    from everprint.server.people.models import SecondFactor
    from everprint.server.people.second_factor import (
        WrongCode,
        begin_second_factor,
        confirm_second_factor,
        has_second_factor,
    )

    begun = begin_second_factor(alice, "Everprint")
    assert begin_second_factor(alice, "Everprint") == begun
    assert begun.secret not in SecondFactor.objects.get().secret
    for code in ("", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666"):
        with pytest.raises(WrongCode):
            confirm_second_factor(alice, code, "192.0.2.6")
    assert not has_second_factor(alice)


def test_guessing_codes_is_slowed_down(alice: User) -> None:
    from everprint.server.people.attempts import TooManyAttempts

    authenticator, _ = set_up(alice)
    for _ in range(5):
        assert not is_good(alice, "wrong", "192.0.2.3")
    with pytest.raises(TooManyAttempts):
        is_good(alice, next_code(authenticator), "192.0.2.3")


def test_the_password_alone_opens_nothing(alice: User) -> None:
    authenticator, codes = set_up(alice)
    client = Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.4")
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    answer = client.post("/sign-in", {"user_name": "alice", "password": "correct horse", "next": "/me/jobs"})
    assert answer.headers["Location"] == "/sign-in/code?next=%2Fme%2Fjobs"
    assert client.get("/me").status_code == HTTPStatus.UNAUTHORIZED
    assert "no code that is good" in client.post("/sign-in/code", {"code": "000000"}).content.decode()
    assert client.get("/me").status_code == HTTPStatus.UNAUTHORIZED
    answer = client.post("/sign-in/code", {"code": next_code(authenticator), "next": "/me/jobs"})
    assert answer.headers["Location"] == "/me/jobs"
    assert client.get("/me").status_code == HTTPStatus.OK
    late = Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.5")
    late.post("/sign-in", {"user_name": "alice", "password": "correct horse"})
    session = late.session
    session["second-factor"]["until"] -= 3600
    session.save()
    assert late.post("/sign-in/code", {"code": codes[0]}).headers["Location"] == "/sign-in"


def test_people_set_it_up_on_their_page_and_an_administrator_removes_it(alice: User) -> None:
    from everprint.cli.server import server
    from everprint.server.people.second_factor import has_second_factor

    own = SignedIn(alice)
    secret = re.findall(r"\b[A-Z2-7]{32}\b", own.see("/me/second-factor"))[0]
    assert "not the code" in own.fill("/me/second-factor", code="000000")
    page = own.fill("/me/second-factor", code=pyotp.TOTP(secret).now())
    codes = re.findall(r"\b[a-z2-9]{5}-[a-z2-9]{5}\b", page)
    assert len(codes) == 10
    assert secret not in own.see("/me/second-factor")
    assert "is enough from now on" in own.fill("/me/second-factor", code=codes[3])
    set_up(alice)
    admin = administrator()
    assert "Second factor yes" in admin.see(f"/users/{alice.pk}")
    admin.send(f"/users/{alice.pk}/second-factor/remove")
    assert not has_second_factor(alice)
    set_up(alice)
    assert "password alone" in CliRunner().invoke(server, ["user", "remove-second-factor", "alice"]).output
    assert not has_second_factor(alice)
