"""The second factor over the API: the same as on the page, and a token alone neither sets it up nor ends it."""

from __future__ import annotations

import time
import uuid
from http import HTTPStatus

import pyotp
import pytest

from tests.server.api.program import Program, program_of

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = {"password": "correct horse"}
WRONG_CODE = (HTTPStatus.FORBIDDEN, "wrong-code")


@pytest.fixture
def alice() -> Program:
    """At an address of her own: whoever guessed wrong in another test is another one."""
    from everprint.server.people.users import create_user

    owner = program_of(create_user("alice", password=PASSWORD["password"]))
    owner.client.defaults["REMOTE_ADDR"] = f"2001:db8::{uuid.uuid4().hex[:4]}"
    return owner


def set_up(owner: Program) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator, whose code of this moment is used up, and the recovery codes."""
    authenticator = pyotp.TOTP(owner.done("POST", "/me/second-factor", PASSWORD)["secret"])
    codes: list[str] = owner.done("POST", "/me/second-factor/confirm", {"code": authenticator.now()})[
        "recovery_codes"
    ]
    return authenticator, codes


def next_code(authenticator: pyotp.TOTP) -> dict[str, str]:
    """Of the step after this one, which is good already."""
    return {"code": authenticator.at(time.time() + 30)}


def test_it_is_set_up_and_ended_with_codes(alice: Program) -> None:
    assert alice.get("/me/second-factor") == {"is_on": False, "since": None, "recovery_codes_left": 0}
    begun = alice.done("POST", "/me/second-factor", PASSWORD)
    assert begun["uri"] == pyotp.TOTP(begun["secret"]).provisioning_uri(name="alice", issuer_name="Everprint")
    assert alice.done("POST", "/me/second-factor", PASSWORD) == begun
    assert not alice.get("/me/second-factor")["is_on"]
    authenticator, codes = set_up(alice)
    now = alice.get("/me/second-factor")
    assert (now["is_on"], now["recovery_codes_left"], len(set(codes))) == (True, 10, 10)
    alice.done("POST", "/me/second-factor/remove", next_code(authenticator))
    assert not alice.get("/me/second-factor")["is_on"]


def test_a_recovery_code_ends_it_too(alice: Program) -> None:
    _, codes = set_up(alice)
    alice.done("POST", "/me/second-factor/remove", {"code": codes[7]})
    assert not alice.get("/me/second-factor")["is_on"]


def test_signing_in_needs_a_code_from_then_on(alice: Program) -> None:
    from django.test import Client

    set_up(alice)
    signing_in = {"user_name": "alice", **PASSWORD}
    answer = Client(SERVER_NAME="localhost").post("/sign-in", signing_in)
    assert answer.headers["Location"].startswith("/sign-in/code")


def test_a_token_alone_begins_nothing(alice: Program) -> None:
    from everprint.server.people.models import SecondFactor

    assert alice.refused("POST", "/me/second-factor", {})[1] == "invalid"
    for _ in range(5):
        answer = alice.refused("POST", "/me/second-factor", {"password": "a thief's guess"})
        assert answer == (HTTPStatus.FORBIDDEN, "wrong-password")
    assert alice.refused("POST", "/me/second-factor", PASSWORD)[1] == "too-many-attempts"
    assert not SecondFactor.objects.exists()
    assert alice.refused("POST", "/me/second-factor/confirm", {"code": "000000"}) == WRONG_CODE


def test_a_token_alone_ends_nothing(alice: Program) -> None:
    authenticator, codes = set_up(alice)
    assert alice.refused("POST", "/me/second-factor", PASSWORD) == (HTTPStatus.CONFLICT, "has-second-factor")
    assert alice.refused("POST", "/me/second-factor/remove", {})[1] == "invalid"
    for guess in ("", "000000", codes[0][:-1], "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666"):
        assert alice.refused("POST", "/me/second-factor/remove", {"code": guess}) == WRONG_CODE
    answer = alice.refused("POST", "/me/second-factor/remove", next_code(authenticator))
    assert answer == (HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts")
    assert alice.get("/me/second-factor")["is_on"]


def test_guessing_at_the_confirmation_is_slowed_down(alice: Program) -> None:
    authenticator = pyotp.TOTP(alice.done("POST", "/me/second-factor", PASSWORD)["secret"])
    for _ in range(5):
        assert alice.refused("POST", "/me/second-factor/confirm", {"code": "000000"}) == WRONG_CODE
    code = {"code": authenticator.now()}
    assert alice.refused("POST", "/me/second-factor/confirm", code)[1] == "too-many-attempts"
    assert not alice.get("/me/second-factor")["is_on"]


def test_an_administrators_token_ends_others_but_never_its_owners() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.second_factor import has_second_factor
    from everprint.server.people.users import create_user
    from tests.server.pages.signed_in import SignedIn

    root, zoe = (program_of(create_user(name, role=Role.ADMINISTRATOR, **PASSWORD)) for name in ("root", "zoe"))
    for one in (root, zoe):
        set_up(one)
    answer = root.refused("DELETE", f"/users/{root.user.pk}/second-factor")
    assert answer == (HTTPStatus.FORBIDDEN, "beyond-own")
    page = SignedIn(root.user).send(f"/users/{root.user.pk}/second-factor/remove")
    assert "write a code" in page
    assert has_second_factor(root.user)
    root.done("DELETE", f"/users/{zoe.user.pk}/second-factor")
    assert not has_second_factor(zoe.user)
