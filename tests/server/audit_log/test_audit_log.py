"""Each administrative act is noted once, with who, from where, before and after; nothing secret; for ever."""

from __future__ import annotations

import csv
import io
from http import HTTPStatus
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import Error
from django.test import Client

from tests.server.api.program import Program, program
from tests.server.world import new_provider

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


def log(admin: Program, query: str = "") -> list[dict[str, Any]]:
    """The entries, oldest first."""
    return list(reversed(admin.get(f"/audit-log?{query}")["items"]))


def browser_of(admin: Program) -> Client:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(admin.user, "everprint.server.people.backend.UserBackend")
    return browser


def test_an_act_over_the_api_says_who_by_which_token_and_what_changed(admin: Program) -> None:
    user = admin.done("POST", "/users", {"name": "zoe", "credit": "2.00"})["id"]
    group = admin.done("POST", "/groups", {"name": "Staff"})["id"]
    admin.done("PATCH", f"/users/{user}", {"full_name": "Zoe Z", "role": "operator", "groups": [group]})
    credited, made, _, changed = log(admin)
    assert (made["action"], made["target_name"], made["after"]["role"]) == ("user.make", "zoe", "user")
    assert (credited["action"], credited["after"]["amount"]) == ("account.adjust", "2.00")
    assert (changed["action"], changed["target_kind"], changed["target_id"]) == ("user.change", "user", str(user))
    assert changed["before"] == {"full_name": "", "role": "user", "groups": []}
    assert changed["after"] == {"full_name": "Zoe Z", "role": "operator", "groups": ["Staff"]}
    assert (changed["actor"], changed["origin"], changed["token"]) == (admin.user.name, "api", "test")
    assert changed["address"] == "127.0.0.1"


def test_an_act_on_a_page_is_the_persons(admin: Program) -> None:
    browser = browser_of(admin)
    browser.post("/groups/new", {"name": "Staff"})
    (entry,) = log(admin)
    assert (entry["actor"], entry["origin"], entry["token"]) == (admin.user.name, "page", "")
    assert (entry["action"], entry["target_name"]) == ("group.make", "Staff")
    browser.post("/groups/new", {"name": "Staff"})
    assert len(log(admin)) == 1, "a form that was refused did nothing"


def test_an_act_by_command_is_the_system_users(admin: Program) -> None:
    from everprint.cli.server import server

    run = CliRunner().invoke(server, ["user", "set-role", admin.user.name, "administrator"])
    assert run.exit_code == 0, run.output
    assert log(admin) == [], "nothing was changed"
    program()
    CliRunner().invoke(server, ["user", "set-role", admin.user.name, "operator"])
    CliRunner().invoke(server, ["user", "set-role", admin.user.name, "administrator"])
    first, second = log(admin)
    assert (first["origin"], first["actor_id"], first["action"]) == ("command", None, "user.change")
    assert first["actor"] != ""
    assert (second["before"], second["after"]) == ({"role": "operator"}, {"role": "administrator"})


def test_what_was_refused_is_not_noted(admin: Program) -> None:
    assert admin.refused("POST", "/users", {"name": "x ;"})[0] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert admin.refused("PATCH", f"/users/{admin.user.pk}", {"role": "user"})[1] == "last-administrator"
    reader = program("operator")
    assert reader.refused("POST", "/groups", {"name": "Staff"})[0] == HTTPStatus.FORBIDDEN
    assert log(admin) == []


def test_an_act_without_a_note_of_its_own_is_noted_by_its_request(
    admin: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.people import groups

    monkeypatch.setattr(groups, "note", lambda *_, **__: None)
    admin.done("POST", "/groups", {"name": "Staff"})
    browser_of(admin).post("/groups/new", {"name": "Pupils", "csrfmiddlewaretoken": "x", "new_password": "y"})
    api, page = log(admin)
    assert (api["action"], api["target_name"], api["after"]) == ("request.post", "/api/v1/groups", {"name": "Staff"})
    assert (page["target_name"], page["after"]) == ("/groups/new", {"name": ["Pupils"]})


def test_nothing_secret_is_kept(admin: Program) -> None:
    from everprint.server.audit_log.models import AuditEntry

    browser = browser_of(admin)
    user = admin.done("POST", "/users", {"name": "zoe", "password": "correct horse"})["id"]
    admin.done("PUT", f"/users/{user}/password", {"password": "battery staple"})
    form = {"password": "horse battery", "again": "horse battery"}
    assert browser.post(f"/users/{user}/password", form).status_code == HTTPStatus.FOUND
    page = browser.post("/tokens/new", {"name": "x", "permissions": ["view-jobs"], "days": "30"}).content.decode()
    code = admin.done("POST", "/providers/codes")["code"]
    kept = repr([vars(entry) for entry in AuditEntry.objects.all()])
    assert AuditEntry.objects.filter(action="user.password").count() == 2
    token = page.split('id="token">')[1].split("<")[0]
    for secret in ("correct horse", "battery staple", "horse battery", code, token):
        assert secret not in kept


def test_every_administrative_endpoint_and_page_leaves_one_entry(admin: Program) -> None:
    provider, _ = new_provider()
    user = admin.done("POST", "/users", {"name": "zoe"})
    group = admin.done("POST", "/groups", {"name": "Staff"})["id"]
    wanted = {"provider_id": str(provider.pk), "name": "hall", "device_uri": "ipp://192.0.2.9/ipp/print"}
    printer = admin.done("POST", "/printers", wanted)["id"]
    prices = {f"{kind}_{sides}_sided": "0.10" for kind in ("grey", "colour") for sides in ("one", "two")}
    acts: list[tuple[str, str, object, str]] = [
        ("PUT", f"/groups/{group}/members/{user['id']}", None, "group.add"),
        ("DELETE", f"/groups/{group}/members/{user['id']}", None, "group.remove"),
        ("DELETE", f"/groups/{group}", None, "group.end"),
        ("PATCH", f"/printers/{printer}", {"location": "Hall"}, "printer.change"),
        ("PUT", f"/printers/{printer}/costs/other", prices, "printer.costs"),
        ("DELETE", f"/printers/{printer}/costs/other", None, "printer.costs"),
        ("DELETE", f"/printers/{printer}", None, "printer.remove"),
        (
            "POST",
            f"/accounts/{user['account']}/adjustments",
            {"amount": "1", "comment": "x", "key": "1"},
            "account.adjust",
        ),
        ("POST", "/providers/codes", None, "provider.code"),
        ("POST", f"/providers/{provider.pk}/revoke", None, "provider.revoke"),
    ]
    before = len(log(admin, "size=500"))
    for method, path, body, _ in acts:
        admin.done(method, path, body)
    assert [entry["action"] for entry in log(admin, "size=500")[before:]] == [action for *_, action in acts]


def test_somebody_elses_job_is_steered_on_the_record_ones_own_is_not() -> None:
    from tests.server.api.test_printing import held_job
    from tests.server.world import PrintServer

    admin, operator = program(), program("operator")
    print_server = PrintServer(queue={"hold": True})
    number = held_job(print_server)
    operator.done("POST", f"/jobs/{number}/release")
    (entry,) = log(admin, "action=job")
    assert (entry["action"], entry["actor"], entry["after"]["user"]) == ("job.release", operator.user.name, "alice")


def test_nobody_changes_or_removes_what_was_noted(admin: Program) -> None:
    from everprint.server.audit_log.models import AuditEntry

    admin.done("POST", "/groups", {"name": "Staff"})
    with pytest.raises(Error, match="append-only"):
        AuditEntry.objects.update(actor_name="nobody")
    with pytest.raises(Error, match="append-only"):
        AuditEntry.objects.all().delete()
    assert log(admin)[0]["actor"] == admin.user.name


def test_the_log_is_searched_filtered_and_downloaded(admin: Program) -> None:
    admin.done("POST", "/groups", {"name": "Staff"})
    admin.done("POST", "/users", {"name": "zoe"})
    assert [entry["target_name"] for entry in log(admin, "text=staff")] == ["Staff"]
    assert [entry["target_name"] for entry in log(admin, "action=user")] == ["zoe"]
    assert log(admin, "actor=nobody") == []
    assert log(admin, "origin=page") == []
    assert log(admin, "last_day=2020-01-01") == []
    browser = browser_of(admin)
    assert "zoe" in browser.get("/audit-log?text=user.make").content.decode()
    assert "Staff" not in browser.get("/audit-log?text=user.make").content.decode()
    answer = browser.get("/audit-log/csv?action=group")
    text = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type] # a streaming response
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["who"], row["act"], row["name"]) for row in rows] == [(admin.user.name, "group.make", "Staff")]


def test_the_log_is_for_those_who_may() -> None:
    operator = program("operator")
    assert operator.refused("GET", "/audit-log")[0] == HTTPStatus.FORBIDDEN
    assert browser_of(operator).get("/audit-log").status_code == HTTPStatus.FORBIDDEN
    assert browser_of(operator).get("/audit-log/csv").status_code == HTTPStatus.FORBIDDEN
