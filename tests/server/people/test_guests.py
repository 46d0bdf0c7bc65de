"""Guests print until their last day, and not after it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.utils import timezone

from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import balance_of

pytestmark = pytest.mark.usefixtures("database")

FAR = date(2099, 12, 31)


def test_a_guest_signs_in_with_what_was_made_for_them() -> None:
    from everprint.server.people.guests import create_guest
    from everprint.server.people.sign_in import sign_in

    made = create_guest(full_name="Gustav Guest", last_day=FAR, credit=Decimal("2.00"))
    assert made.user.name.startswith("guest-")
    assert (str(made.user), made.user.last_day) == ("Gustav Guest", FAR)
    assert balance_of(made.user.name) == Decimal("2.00")
    assert sign_in(made.user.name, made.password, "192.0.2.81") == made.user
    assert made.password not in repr(made)
    assert create_guest(full_name="Gustav Guest", last_day=FAR).user != made.user


def test_after_the_last_day_a_guest_is_disabled_and_print_servers_are_told() -> None:
    from everprint.server.people.guests import create_guest, end_what_is_over
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user
    from everprint.server.providers.spendable import spendable_after

    guest = create_guest(full_name="Gustav Guest", last_day=FAR).user
    create_user("alice")
    assert end_what_is_over(today=FAR) == "", "on the last day they can still print"
    cursor = spendable_after("").next
    assert end_what_is_over(today=FAR + timedelta(days=1)) == "1 guests disabled"
    assert [user.name for user in User.objects.filter(is_active=True)] == ["alice"]
    (told,) = [user for user in spendable_after(cursor).users if user.user_name == guest.name]
    assert not told.is_active
    assert end_what_is_over(today=FAR + timedelta(days=1)) == ""


def test_the_work_stops_when_another_server_has_it() -> None:
    from everprint.server.people.guests import create_guest, end_what_is_over

    create_guest(full_name="Gustav Guest", last_day=FAR)
    assert "another server" in end_what_is_over(lambda: False, FAR + timedelta(days=1))


def test_the_only_administrator_stays_enabled() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.changes import change_user
    from everprint.server.people.guests import end_what_is_over
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user

    admin = create_user("admin", role=Role.ADMINISTRATOR)
    change_user(admin.pk, {"last_day": FAR}, None)
    assert end_what_is_over(today=FAR + timedelta(days=1)) == ""
    assert User.objects.get().is_active


def test_a_day_that_is_over_is_no_last_day_of_who_is_enabled() -> None:
    from everprint.server.people.changes import BadLastDay, change_user
    from everprint.server.people.guests import create_guest
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user

    yesterday = timezone.localdate() - timedelta(days=1)
    with pytest.raises(BadLastDay):
        create_guest(full_name="Gustav Guest", last_day=yesterday)
    assert not User.objects.exists()
    alice = create_user("alice")
    change_user(alice.pk, {"last_day": yesterday, "is_active": False}, None)
    with pytest.raises(BadLastDay):
        change_user(alice.pk, {"is_active": True}, None)
    assert change_user(alice.pk, {"is_active": True, "last_day": None}, None).is_active


def test_the_schedule_has_the_work() -> None:
    from everprint.server.people.guests import end_what_is_over
    from everprint.server.schedule.works import WORKS

    assert end_what_is_over in [work.do for work in WORKS]


def test_the_api_makes_guests_and_changes_their_last_day() -> None:
    admin = program()
    made = admin.done("POST", "/users/guests", {"full_name": "Gustav Guest", "last_day": "2099-12-31"})
    user = made["user"]
    assert (user["last_day"], user["full_name"]) == ("2099-12-31", "Gustav Guest")
    assert admin.done("PATCH", f"/users/{user['id']}", {"email": "g@example.org"})["last_day"] == "2099-12-31"
    assert admin.done("PATCH", f"/users/{user['id']}", {"last_day": None})["last_day"] is None
    past = {"full_name": "Gustav Guest", "last_day": "2020-01-01"}
    assert admin.refused("POST", "/users/guests", past) == (422, "bad-last-day")
    (changed,) = [one for one in admin.get("/audit-log")["items"] if one["before"] == {"last_day": "2099-12-31"}]
    assert changed["after"] == {"last_day": None}
    assert made["password"] not in str(admin.get("/audit-log"))


def test_the_page_shows_name_and_password_once() -> None:
    from everprint.server.people.models import User

    admin = administrator()
    page = admin.fill("/users/new-guest", full_name="Gustav Guest", last_day="2099-12-31", credit="2.00")
    guest = User.objects.get(full_name="Gustav Guest")
    assert guest.name in page
    assert "until 31 Dec 2099" in page
    assert "This day is over." in admin.fill("/users/new-guest", full_name="Nobody", last_day="2020-01-01")
    assert "Last day 31 Dec 2099" in admin.see(f"/users/{guest.pk}")
    assert "is over" in admin.fill(f"/users/{guest.pk}/edit", last_day="2020-01-01")
    admin.fill(f"/users/{guest.pk}/edit", last_day="")
    guest.refresh_from_db()
    assert guest.last_day is None


def test_commands_and_tables_set_it_too() -> None:
    from everprint.cli.server import server
    from everprint.server.people.models import User
    from everprint.server.people.user_import import import_users

    run = CliRunner().invoke(server, ["user", "add-guest", "Gustav Guest", "--last-day", "2099-12-31"])
    guest = User.objects.get(full_name="Gustav Guest")
    assert f"User name: {guest.name}\nPassword: " in run.output
    ended = CliRunner().invoke(server, ["user", "set-last-day", guest.name])
    assert f"{guest.name} can print for ever." in ended.output
    past = CliRunner().invoke(server, ["user", "set-last-day", guest.name, "2020-01-01"])
    assert (past.exit_code, "is over" in past.output) == (1, True)
    import_users(f"name,last_day\n{guest.name},2099-11-30\n".encode())
    guest.refresh_from_db()
    assert guest.last_day == date(2099, 11, 30)
