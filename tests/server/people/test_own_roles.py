"""Roles of an installation's own: what they add, who has them, and that nobody gives more than they have."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.test import Client

from tests.server.api.program import Program, program
from tests.server.pages.signed_in import SignedIn

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


def librarian(admin: Program, *permissions: str, **holders: object) -> dict[str, object]:
    """A role with those permissions."""
    role: dict[str, object] = admin.done(
        "POST", "/roles", {"name": "Librarian", "permissions": list(permissions), **holders}
    )
    return role


def member(permissions: list[str] | None = None) -> Program:
    """A plain user with a token that was given more than they have yet."""
    from everprint.server.access.permissions import Permission
    from everprint.server.api.models import ApiToken

    one = program("user")
    ApiToken.objects.filter(owner=one.user).update(permissions=permissions or [item.value for item in Permission])
    return one


def test_a_role_adds_to_what_its_users_and_its_groups_members_may(admin: Program) -> None:
    lena, george = member(), member()
    group = admin.done("POST", "/groups", {"name": "Library"})["id"]
    assert lena.refused("GET", "/jobs")[0] == HTTPStatus.FORBIDDEN
    role = librarian(admin, "view-jobs", "manage-jobs", users=[lena.user.pk], groups=[group])
    assert lena.get("/jobs")["count"] == 0
    assert lena.get("/me")["permissions"] == ["manage-jobs", "use-own", "view-jobs"]
    assert george.refused("GET", "/jobs")[0] == HTTPStatus.FORBIDDEN
    admin.done("PUT", f"/groups/{group}/members/{george.user.pk}")
    assert george.get("/jobs")["count"] == 0
    admin.done("DELETE", f"/groups/{group}/members/{george.user.pk}")
    assert george.refused("GET", "/jobs")[0] == HTTPStatus.FORBIDDEN
    admin.done("PATCH", f"/roles/{role['id']}", {"permissions": ["view-printers"]})
    assert lena.refused("GET", "/jobs")[0] == HTTPStatus.FORBIDDEN
    assert lena.get("/printers")["count"] == 0
    admin.done("DELETE", f"/roles/{role['id']}")
    assert lena.refused("GET", "/printers")[0] == HTTPStatus.FORBIDDEN


def test_who_is_disabled_may_nothing_whatever_roles_they_have(admin: Program) -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.people.models import User

    lena = member()
    librarian(admin, "view-jobs", users=[lena.user.pk])
    admin.done("PATCH", f"/users/{lena.user.pk}", {"is_active": False})
    assert not User.objects.get(pk=lena.user.pk).may(Permission.VIEW_JOBS)


def test_nobody_gives_what_they_have_not(admin: Program) -> None:
    helper = member()
    librarian(admin, "view-users", "manage-users", "manage-roles", users=[helper.user.pk])
    more = {"name": "More", "permissions": ["view-users", "manage-printers"]}
    assert helper.refused("POST", "/roles", more) == (HTTPStatus.FORBIDDEN, "beyond-own")
    less = helper.done("POST", "/roles", {"name": "Less", "permissions": ["view-users"]})
    wider = {"permissions": ["view-users", "view-jobs"]}
    assert helper.refused("PATCH", f"/roles/{less['id']}", wider) == (HTTPStatus.FORBIDDEN, "beyond-own")
    made = {"name": "zoe", "role": "administrator"}
    assert helper.refused("POST", "/users", made) == (HTTPStatus.FORBIDDEN, "beyond-own")
    zoe = helper.done("POST", "/users", {"name": "zoe"})["id"]
    promoted = {"role": "operator"}
    assert helper.refused("PATCH", f"/users/{zoe}", promoted) == (HTTPStatus.FORBIDDEN, "beyond-own")
    assert helper.refused("PATCH", f"/users/{helper.user.pk}", {"role": "administrator"})[1] == "beyond-own"


def test_who_manages_users_takes_over_nobody_who_may_more(admin: Program) -> None:
    helper = member()
    librarian(admin, "view-users", "manage-users", users=[helper.user.pk])
    boss = admin.user.pk
    password = {"password": "correct horse battery"}
    assert helper.refused("PUT", f"/users/{boss}/password", password) == (HTTPStatus.FORBIDDEN, "beyond-own")
    assert helper.refused("PATCH", f"/users/{boss}", {"email": "me@example.org"})[1] == "beyond-own"
    zoe = helper.done("POST", "/users", {"name": "zoe"})["id"]
    helper.done("PUT", f"/users/{zoe}/password", password)


def test_nobody_joins_a_group_by_way_of_one_who_could_not_give_its_role(admin: Program) -> None:
    helper = member()
    group = admin.done("POST", "/groups", {"name": "Library"})["id"]
    admin.done("POST", "/roles", {"name": "Wide", "permissions": ["manage-printers"], "groups": [group]})
    librarian(admin, "view-users", "manage-users", users=[helper.user.pk])
    me = helper.user.pk
    assert helper.refused("PUT", f"/groups/{group}/members/{me}")[1] == "beyond-own"
    assert helper.refused("PATCH", f"/users/{me}", {"groups": [group]})[1] == "beyond-own"
    assert helper.refused("POST", "/users", {"name": "zoe", "groups": [group]})[1] == "beyond-own"
    assert admin.get("/users?text=zoe")["count"] == 0


def test_a_token_gives_no_more_than_it_may_itself(admin: Program) -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import make_token

    may = [Permission.USE_OWN, Permission.VIEW_USERS, Permission.MANAGE_USERS, Permission.MANAGE_ROLES]
    narrow = Program(admin.user, make_token(admin.user, "narrow", may).text)
    assert narrow.refused("POST", "/users", {"name": "zoe", "role": "administrator"})[1] == "beyond-own"
    assert narrow.refused("POST", "/roles", {"name": "X", "permissions": ["adjust-accounts"]})[1] == "beyond-own"


def test_names_are_given_once_and_built_in_ones_never(admin: Program) -> None:
    role = librarian(admin, "view-jobs")
    for name in ("LIBRARIAN", "Operator", "user"):
        again = {"name": name, "permissions": ["view-jobs"]}
        assert admin.refused("POST", "/roles", again) == (HTTPStatus.CONFLICT, "role-exists")
    admin.done("PATCH", f"/roles/{role['id']}", {"name": "librarian"})
    assert admin.refused("POST", "/roles", {"name": "X", "permissions": [], "users": [999]})[1] == "no-such-user"


def test_a_name_is_as_long_as_the_database_keeps_it(admin: Program) -> None:
    admin.done("POST", "/roles", {"name": "n" * 100, "permissions": []})
    too_long = admin.refused("POST", "/roles", {"name": "n" * 101, "permissions": []})
    assert too_long[0] == HTTPStatus.UNPROCESSABLE_ENTITY


def test_of_two_who_change_a_role_the_second_is_told(admin: Program) -> None:
    role = librarian(admin, "view-jobs")["id"]
    seen = admin.ask("GET", f"/roles/{role}").headers["ETag"]
    admin.done("PATCH", f"/roles/{role}", {"permissions": ["view-users"]}, If_Match=seen)
    assert admin.refused("PATCH", f"/roles/{role}", {"permissions": []}, If_Match=seen)[1] == "edited-meanwhile"


def test_the_built_in_roles_are_listed(admin: Program) -> None:
    found = {role["name"]: role["permissions"] for role in admin.get("/roles/built-in")}
    assert found["user"] == ["use-own"]
    assert set(found) == {"user", "operator", "administrator"}


def browser_of(one: Program) -> Client:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(one.user, "everprint.server.people.backend.UserBackend")
    return browser


def test_roles_are_made_changed_and_removed_on_pages(admin: Program) -> None:
    from everprint.server.people.models import OwnRole

    lena, browser = member(), browser_of(admin)
    form = {"name": "Librarian", "permissions": ["view-jobs"], "users": f"{lena.user.name.upper()}\n\n"}
    assert browser.post("/roles/new", form).status_code == HTTPStatus.FOUND
    role = OwnRole.objects.get()
    assert list(role.users.all()) == [lena.user]
    assert "See everybody&#x27;s jobs" in browser.get("/roles").content.decode()
    page = browser.get(f"/roles/{role.pk}").content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    changed = {**form, "permissions": ["view-printers"], "seen": seen}
    assert browser.post(f"/roles/{role.pk}", changed).status_code == HTTPStatus.FOUND
    late = browser.post(f"/roles/{role.pk}", {**form, "seen": seen})
    assert "Somebody else changed this" in late.content.decode()
    wrong = browser.post("/roles/new", {**form, "name": "X", "users": "nobody-there"})
    assert "There is no user called nobody-there" in wrong.content.decode()
    browser.post(f"/roles/{role.pk}/remove")
    assert not OwnRole.objects.exists()


def test_a_page_refuses_what_is_beyond_ones_own(admin: Program) -> None:
    from everprint.server.people.models import OwnRole

    helper = member()
    librarian(admin, "view-users", "manage-users", "manage-roles", users=[helper.user.pk])
    wide = admin.done("POST", "/roles", {"name": "Wide", "permissions": ["manage-printers"]})["id"]
    browser = browser_of(helper)
    form = {"name": "More", "permissions": ["manage-printers"], "users": ""}
    assert "Select a valid choice" in browser.post("/roles/new", form).content.decode()
    assert browser.post(f"/roles/{wide}/remove").status_code == HTTPStatus.FORBIDDEN
    password = {"password": "correct horse battery", "again": "correct horse battery"}
    assert browser.post(f"/users/{admin.user.pk}/password", password).status_code == HTTPStatus.FORBIDDEN
    assert OwnRole.objects.filter(pk=wide).exists()


def test_making_and_giving_roles_is_in_the_audit_log(admin: Program) -> None:
    lena = member()
    role = librarian(admin, "view-jobs")["id"]
    admin.done("PATCH", f"/roles/{role}", {"users": [lena.user.pk]})
    changed, made = admin.get("/audit-log?action=role")["items"]
    assert (made["action"], made["after"]["permissions"]) == ("role.make", ["view-jobs"])
    assert (changed["action"], changed["before"], changed["after"]) == (
        "role.change",
        {"users": []},
        {"users": [lena.user.name]},
    )


def test_credit_is_given_only_by_who_may_give_credit(admin: Program) -> None:
    from everprint.server.people.models import User

    lena = member()
    group = admin.done("POST", "/groups", {"name": "Library"})
    role = librarian(admin, "view-users", "manage-users", "view-accounts", "manage-accounts", users=[lena.user.pk])
    guest = {"full_name": "Gus", "last_day": "2999-01-01"}
    quota = {"group": group["name"], "amount": "1.00", "period": "daily", "starts_on": "2030-01-07"}
    asked = (("/users", {"name": "new", "credit": "1.00"}), ("/users/guests", {**guest, "credit": "1.00"}))
    for path, body in asked:
        assert lena.refused("POST", path, body) == (HTTPStatus.FORBIDDEN, "beyond-own"), path
        lena.done("POST", path, {**body, "credit": "0"})
    assert lena.refused("POST", "/quotas", quota)[0] == HTTPStatus.FORBIDDEN
    page = SignedIn(User.objects.get(pk=lena.user.pk))
    assert "Credit to begin with" not in page.see("/users/new") + page.see("/users/new-guest")
    assert "can print now" in page.fill("/users/new", name="newer")
    page.see("/quotas/new", HTTPStatus.FORBIDDEN)
    admin.done("PATCH", f"/roles/{role['id']}", {"permissions": ["view-users", "manage-users", "adjust-accounts"]})
    for path, body in asked:
        lena.done("POST", path, {**body, **({"name": "newest"} if "name" in body else {})})
    lena.done("POST", "/quotas", quota)
