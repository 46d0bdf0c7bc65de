"""Users, groups and accounts over the API."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.server.api.program import Program, program
from tests.server.world import audit_is_clean

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


def test_a_user_is_made_read_and_changed(admin: Program) -> None:
    group = admin.done("POST", "/groups", {"name": "Year 7"})
    made = admin.done(
        "POST",
        "/users",
        {"name": "Zoe", "full_name": "Zoe Zander", "credit": "4.50", "overdraft": "1.0025", "groups": [group["id"]]},
    )
    assert (made["name"], made["balance"], made["overdraft"]) == ("zoe", "4.50", "1.0025")
    assert made["groups"] == ["Year 7"]
    changed = admin.done(
        "PATCH", f"/users/{made['id']}", {"email": "zoe@example.org", "groups": [], "is_active": False}
    )
    assert changed == {**made, "email": "zoe@example.org", "groups": [], "is_active": False}
    assert admin.get(f"/users/{made['id']}") == changed
    audit_is_clean()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "root user ;"}, "bad-user-name"),
        ({"name": "zoe", "email": "nobody"}, "bad-email"),
        ({"name": "zoe", "password": "short"}, "weak-password"),
        ({"name": "zoe", "groups": [99]}, "no-such-group"),
        ({"name": "zoe", "credit": 4.5}, "invalid"),
        ({"name": "zoe", "credit": "4.50001"}, "invalid"),
        ({"name": "zoe", "credit": "-1"}, "invalid"),
        ({"name": "zoe", "role": "emperor"}, "invalid"),
        ({"name": "zoe\u0000"}, "invalid"),
        ({"name": "\ud800"}, "invalid"),
        ({"name": "zoe", "is_admin": True}, "invalid"),
        ({}, "invalid"),
        ([], "invalid"),
    ],
)
def test_a_user_that_cannot_be_is_not_made(admin: Program, body: object, code: str) -> None:
    assert admin.refused("POST", "/users", body) == (HTTPStatus.UNPROCESSABLE_ENTITY, code)
    assert admin.get("/users")["count"] == 1


def test_each_thing_that_is_wrong_is_named(admin: Program) -> None:
    answer = admin.ask("POST", "/users", {"name": "zoe", "credit": 5, "hat": "red"})
    assert {wrong["where"] for wrong in answer.body["errors"]} == {"body.credit", "body.hat"}


def test_a_name_is_given_once(admin: Program) -> None:
    admin.done("POST", "/users", {"name": "zoe"})
    assert admin.refused("POST", "/users", {"name": "ZOE"}) == (HTTPStatus.CONFLICT, "user-exists")
    admin.done("POST", "/groups", {"name": "Staff"})
    assert admin.refused("POST", "/groups", {"name": "STAFF"}) == (HTTPStatus.CONFLICT, "group-exists")


def test_of_two_programs_that_change_a_user_the_second_is_told(admin: Program) -> None:
    user = admin.done("POST", "/users", {"name": "zoe"})["id"]
    seen = admin.ask("GET", f"/users/{user}").headers["ETag"]
    admin.done("PATCH", f"/users/{user}", {"full_name": "Zoe Z"}, If_Match=seen)
    answer = admin.refused("PATCH", f"/users/{user}", {"full_name": "Zed"}, If_Match=seen)
    assert answer == (HTTPStatus.PRECONDITION_FAILED, "edited-meanwhile")
    assert admin.get(f"/users/{user}")["full_name"] == "Zoe Z"
    again = admin.ask("GET", f"/users/{user}").headers["ETag"]
    admin.done("PATCH", f"/users/{user}", {"full_name": "Zed"}, If_Match=again)
    admin.done("PATCH", f"/users/{user}", {"full_name": "Zoe"}, If_Match="*")


def test_a_change_is_stored_whole_or_not_at_all(admin: Program) -> None:
    user = admin.done("POST", "/users", {"name": "zoe", "restricted": False})
    admin.done("POST", f"/accounts/{user['account']}/adjustments", {"amount": "-3.00", "comment": "fine", "key": "1"})
    body = {"full_name": "Zoe Zander", "restricted": True}
    assert admin.refused("PATCH", f"/users/{user['id']}", body) == (HTTPStatus.CONFLICT, "below-floor")
    assert admin.get(f"/users/{user['id']}")["full_name"] == ""


def test_the_last_administrator_stays_one(admin: Program) -> None:
    answer = admin.refused("PATCH", f"/users/{admin.user.pk}", {"role": "user"})
    assert answer == (HTTPStatus.CONFLICT, "last-administrator")


def test_a_password_is_set_and_never_shown(admin: Program) -> None:
    from everprint.server.people.sign_in import sign_in

    user = admin.done("POST", "/users", {"name": "zoe", "password": "correct horse"})
    assert "password" not in user
    admin.done("PUT", f"/users/{user['id']}/password", {"password": "battery staple"})
    assert sign_in("zoe", "battery staple", "192.0.2.1") is not None
    assert admin.refused("PUT", f"/users/{user['id']}/password", {"password": "x"})[1] == "weak-password"
    assert admin.refused("PUT", "/users/999/password", {"password": "battery staple"})[0] == HTTPStatus.NOT_FOUND


def test_a_lost_second_factor_is_taken_away(admin: Program) -> None:
    from everprint.server.people.models import SecondFactor, User

    zoe = admin.done("POST", "/users", {"name": "zoe"})
    SecondFactor.objects.create(user=User.objects.get(pk=zoe["id"]), secret="x")
    admin.done("DELETE", f"/users/{zoe['id']}/second-factor")
    assert not SecondFactor.objects.exists()


def test_users_are_searched_filtered_sorted_and_paged(admin: Program) -> None:
    group = admin.done("POST", "/groups", {"name": "Year 7"})["id"]
    for name, credit, groups in (("zoe", "1.00", [group]), ("adam", "3.00", [group]), ("eve", "2.00", [])):
        admin.done("POST", "/users", {"name": name, "credit": credit, "groups": groups})

    def names(query: str) -> list[str]:
        return [user["name"] for user in admin.get(f"/users?{query}")["items"]]

    assert names("role=user") == ["adam", "eve", "zoe"]
    assert names("role=user&sort=-balance") == ["adam", "eve", "zoe"]
    assert names("role=user&sort=balance") == ["zoe", "eve", "adam"]
    assert names(f"group={group}") == ["adam", "zoe"]
    assert names("text=EV") == ["eve"]
    assert names("role=user&size=2&page=2") == ["zoe"]
    assert names("role=user&size=2&page=3") == []
    page = admin.get("/users?size=2")
    assert (page["count"], page["count_is_more"], page["page"], page["size"]) == (4, False, 1, 2)


@pytest.mark.parametrize(
    "query", ["sort=password", "page=0", "size=501", "size=x", "role=emperor", "group=0", "text=%00"]
)
def test_a_query_that_cannot_be_is_refused_not_guessed(admin: Program, query: str) -> None:
    assert admin.refused("GET", f"/users?{query}") == (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid")


def test_members_come_and_go(admin: Program) -> None:
    group = admin.done("POST", "/groups", {"name": "Year 7"})["id"]
    user = admin.done("POST", "/users", {"name": "zoe"})["id"]
    for _ in range(2):
        admin.done("PUT", f"/groups/{group}/members/{user}")
    assert admin.get(f"/groups/{group}")["members"] == 1
    assert [member["name"] for member in admin.get(f"/groups/{group}/members")["items"]] == ["zoe"]
    admin.done("DELETE", f"/groups/{group}/members/{user}")
    assert admin.get(f"/groups/{group}/members")["items"] == []
    admin.done("DELETE", f"/groups/{group}")
    assert admin.refused("GET", f"/groups/{group}") == (HTTPStatus.NOT_FOUND, "not-found")
    assert admin.refused("PUT", f"/groups/{group}/members/{user}")[0] == HTTPStatus.NOT_FOUND


def test_an_adjustment_is_booked_once_for_a_key(admin: Program) -> None:
    account = admin.done("POST", "/users", {"name": "zoe"})["account"]
    path = f"/accounts/{account}/adjustments"
    for _ in range(3):
        assert admin.done("POST", path, {"amount": "5.00", "comment": "paid", "key": "till-7"}) == {"balance": "5.00"}
    other = {"amount": "6.00", "comment": "paid", "key": "till-7"}
    assert admin.refused("POST", path, other) == (HTTPStatus.CONFLICT, "key-reused")
    too_much = {"amount": "-5.01", "comment": "back", "key": "till-8"}
    assert admin.refused("POST", path, too_much) == (HTTPStatus.CONFLICT, "limit-reached")
    assert admin.refused("POST", path, {"amount": "0", "comment": "x", "key": "till-9"})[1] == "bad-amount"
    assert admin.get(f"/accounts/{account}")["balance"] == "5.00"
    audit_is_clean()


def test_a_statement_and_the_entries_behind_it(admin: Program) -> None:
    account = admin.done("POST", "/users", {"name": "zoe", "credit": "1.00"})["account"]
    admin.done("POST", f"/accounts/{account}/adjustments", {"amount": "0.25", "comment": "found", "key": "1"})
    lines = admin.get(f"/accounts/{account}/statement")["items"]
    assert [(line["kind"], line["amount"], line["balance"], line["comment"]) for line in lines] == [
        ("adjusted", "0.25", "1.25", "found"),
        ("adjusted", "1.00", "1.00", "initial credit"),
    ]
    assert lines[0]["by"] == admin.user.name
    entries = admin.get(f"/accounts/{account}/entries?size=1")
    assert (entries["count"], entries["items"][0]["balance_after"]) == (2, "1.25")
    system = admin.get("/accounts?kind=funding")["items"]
    assert [found["balance"] for found in system] == ["-1.25"]


def test_ones_own_figures_need_no_more_than_a_user_may() -> None:
    user = program("user")
    assert user.get("/me")["user"]["name"] == user.user.name
    assert user.get("/me/statement")["items"] == []
    assert user.get("/me/jobs")["items"] == []
    assert user.refused("GET", f"/accounts/{user.user.account.pk}")[0] == HTTPStatus.FORBIDDEN
