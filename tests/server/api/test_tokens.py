"""Who calls: tokens with a part of their owner's permissions, sessions with the CSRF token, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from tests.server.api.program import Program, program

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def nobody_has_failed_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.api import tokens
    from everprint.server.people.attempts import Attempts

    monkeypatch.setattr(tokens, "attempts", Attempts())


def test_a_token_may_what_it_was_given_and_no_more() -> None:
    from everprint.server.access.permissions import Permission

    reader = program(permissions=[Permission.USE_OWN, Permission.VIEW_USERS])
    assert reader.get("/me")["permissions"] == ["use-own", "view-users"]
    assert reader.get("/users")["count"] == 1
    assert reader.refused("POST", "/users", {"name": "zoe"}) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert reader.refused("GET", "/jobs") == (HTTPStatus.FORBIDDEN, "forbidden")


def test_a_token_may_no_more_than_its_owner_may_now() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import change_role

    program("administrator")  # somebody stays one
    admin = program("administrator")
    assert admin.get("/users")["count"] == 2
    change_role(admin.user, Role.USER)
    assert admin.refused("GET", "/users") == (HTTPStatus.FORBIDDEN, "forbidden")
    assert admin.get("/me")["permissions"] == ["use-own"]


def test_nobody_gives_what_they_have_not() -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import NotYoursToGive, make_token

    operator = program("operator").user
    with pytest.raises(NotYoursToGive, match="manage-users"):
        make_token(operator, "more", [Permission.VIEW_USERS, Permission.MANAGE_USERS])


def test_the_secret_is_kept_nowhere() -> None:
    from everprint.server.api.models import ApiToken

    secret = program().token.partition(".")[2]
    kept = ApiToken.objects.get()
    assert secret not in repr(vars(kept))
    assert secret.encode() not in bytes(kept.secret_hash)


def refusals() -> dict[str, Program]:
    """Programs whose token does not work, by why."""
    from django.utils import timezone

    from everprint.server.api.models import ApiToken
    from everprint.server.api.tokens import make_token, revoke_token
    from everprint.server.people.users import change_active

    program("administrator")
    revoked, expired, disabled, other = program(), program(), program(), program()
    revoke_token(ApiToken.objects.get(owner=revoked.user))
    ApiToken.objects.filter(owner=expired.user).update(expires_at=timezone.now() - timedelta(seconds=1))
    change_active(disabled.user, False)
    wrong = Program(other.user, make_token(other.user, "another", []).text)
    wrong.token = f"{wrong.token.partition('.')[0]}.{other.token.partition('.')[2]}"
    return {"revoked": revoked, "expired": expired, "owner disabled": disabled, "another's secret": wrong}


def test_a_token_that_does_not_work_says_nothing_about_why() -> None:
    answers = {why: program.ask("GET", "/me") for why, program in refusals().items()}
    assert {answer.status for answer in answers.values()} == {HTTPStatus.UNAUTHORIZED}
    assert len({answer.body["detail"] for answer in answers.values()}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {"Bearer"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer everprint_", "Basic cm9vdDp4", "Bearer everprint_x.y", "Bearer \x00"]
)
def test_anything_else_in_the_header_is_nobody_even_with_a_session(header: str) -> None:
    admin = program()
    admin.client.force_login(admin.user, "everprint.server.people.backend.UserBackend")
    answer = admin.ask("GET", "/me", Authorization=header)
    assert (answer.status, answer.body["code"]) == (HTTPStatus.UNAUTHORIZED, "not-signed-in")


def test_a_secret_that_is_sent_without_its_key_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    secret = program().token.partition(".")[2]
    stranger = Program(program().user, secret)
    assert stranger.refused("GET", "/me") == (HTTPStatus.UNAUTHORIZED, "not-signed-in")
    assert "API token refused key=malformed" in caplog.text
    assert secret[:10] not in caplog.text


def test_wrong_tokens_are_slowed_down_and_right_ones_never() -> None:
    from everprint.server.people.attempts import PER_NAME_AND_ADDRESS

    admin = program()
    stranger = Program(admin.user, "everprint_0123456789abcdef.guess")
    for _ in range(PER_NAME_AND_ADDRESS):
        assert stranger.refused("GET", "/me") == (HTTPStatus.UNAUTHORIZED, "not-signed-in")
    answer = stranger.ask("GET", "/me")
    assert (answer.status, answer.body["code"]) == (HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts")
    assert int(answer.headers["Retry-After"]) > 0
    assert admin.get("/me")["user"]["name"] == admin.user.name, "the same address, but a right token"


def test_a_token_is_worth_nothing_at_a_page() -> None:
    admin = program()
    answer = admin.client.get("/users", headers={"Authorization": f"Bearer {admin.token}"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_a_session_reads_and_writes_only_with_the_csrf_token() -> None:
    user = program().user
    browser = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    browser.force_login(user, "everprint.server.people.backend.UserBackend")
    assert browser.get("/api/v1/me").json()["user"]["name"] == user.name
    wanted = {"name": "pupils"}
    answer = browser.post("/api/v1/groups", wanted, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.FORBIDDEN, "csrf")
    browser.get("/me/password")
    token = browser.cookies["everprint-csrf"].value
    answer = browser.post("/api/v1/groups", wanted, content_type="application/json", headers={"X-CSRFToken": token})
    assert answer.status_code == HTTPStatus.CREATED


def test_when_and_from_where_a_token_was_last_used_is_noted() -> None:
    from everprint.server.api.models import ApiToken

    admin = program()
    assert ApiToken.objects.get().last_used_at is None
    admin.get("/me")
    used = ApiToken.objects.get()
    assert used.last_used_at is not None
    assert used.last_address == "127.0.0.1"


def test_a_name_is_used_again_once_its_token_is_over() -> None:
    from django.utils import timezone

    from everprint.server.api.models import ApiToken
    from everprint.server.api.tokens import TokenNameTaken, make_token, revoke_token

    owner = program().user
    with pytest.raises(TokenNameTaken, match="revoke it first"):
        make_token(owner, " test ", [])
    revoke_token(ApiToken.objects.get())
    make_token(owner, "test", [])
    ApiToken.objects.filter(revoked_at=None).update(expires_at=timezone.now())
    make_token(owner, "test", [])
    assert ApiToken.objects.count() == 3


def test_tokens_are_made_shown_once_and_revoked_on_a_page() -> None:
    from everprint.server.api.models import ApiToken

    user = program().user
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user, "everprint.server.people.backend.UserBackend")
    page = browser.post(
        "/tokens/new", {"name": "report", "permissions": ["view-jobs"], "days": "30"}
    ).content.decode()
    text = page.split('id="token">')[1].split("<")[0]
    assert Program(user, text).get("/jobs")["count"] == 0
    listed = browser.get("/tokens").content.decode()
    assert "report" in listed
    assert text not in listed
    token = ApiToken.objects.get(name="report")
    assert token.expires_at is not None
    browser.post(f"/tokens/{token.pk}/revoke")
    assert Program(user, text).refused("GET", "/jobs")[0] == HTTPStatus.UNAUTHORIZED
    again = browser.post("/tokens/new", {"name": "test", "permissions": ["view-jobs"], "days": "30"}).content.decode()
    assert "revoke it first" in again
    page = browser.post("/tokens/new", {"name": "x", "permissions": ["fly"], "days": "30"}).content.decode()
    assert "Select a valid choice" in page


def test_who_may_make_tokens_sees_own_ones_only_unless_they_manage_users() -> None:
    from everprint.server.api.models import ApiToken

    other = program()
    token = ApiToken.objects.get()
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(program("operator").user, "everprint.server.people.backend.UserBackend")
    assert browser.get("/tokens").status_code == HTTPStatus.FORBIDDEN
    assert browser.post(f"/tokens/{token.pk}/revoke").status_code == HTTPStatus.FORBIDDEN
    browser.force_login(program("administrator").user, "everprint.server.people.backend.UserBackend")
    assert other.user.name in browser.get("/tokens").content.decode()


def test_a_password_is_no_token() -> None:
    admin = program()
    answer = admin.ask("GET", "/me", Authorization="Bearer correct horse battery")
    assert answer.status == HTTPStatus.UNAUTHORIZED
