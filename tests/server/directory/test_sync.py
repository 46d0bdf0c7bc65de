"""A sync on the database: people, accounts, groups, and what an administrator did stays done."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from click.testing import CliRunner

from everprint.server.directory.people import DirectoryAnswer, DirectoryPerson
from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import audit_is_clean

if TYPE_CHECKING:
    from everprint.server.directory.sync import Synced
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")


def person(key: str, name: str, *groups: str, full_name: str = "") -> DirectoryPerson:
    return DirectoryPerson(key, name, full_name, "", frozenset(groups))


def synced(*people: DirectoryPerson) -> Synced:
    """After a sync with a directory that has those, its dry run having said the same before."""
    from everprint.server.directory.sync import plan_sync, sync

    planned = plan_sync(DirectoryAnswer(people))
    done = sync(DirectoryAnswer(people), most_gone_percent=100)
    assert sorted(done.changes, key=str) == sorted(planned.changes, key=str)
    assert plan_sync(DirectoryAnswer(people)).changes == ()
    return done


def user(name: str) -> User:
    from everprint.server.people.models import User

    return User.objects.get(name=name)


def groups_of(name: str) -> set[str]:
    return set(user(name).print_groups.values_list("name", flat=True))


def test_people_come_with_account_and_groups_and_are_called_otherwise_later() -> None:
    from everprint.server.installation.settings import change_settings

    change_settings({"overdraft": "2.00"})
    synced(person("1", "alice", "Year 12", "School"), person("2", "bob"))
    alice = user("alice")
    assert (alice.account.balance, alice.account.overdraft) == (Decimal(0), Decimal(2))
    assert not alice.has_usable_password()
    assert groups_of("alice") == {"Year 12", "School"}
    synced(person("1", "alice.brown", "School", full_name="Alice Brown"), person("2", "bob"))
    assert user("alice.brown").pk == alice.pk
    assert user("alice.brown").account.name == "alice.brown"
    assert groups_of("alice.brown") == {"School"}
    audit_is_clean()


def test_groups_that_are_not_the_directorys_are_left_alone() -> None:
    from everprint.server.people.groups import add_member, create_group
    from everprint.server.people.users import create_user

    synced(person("1", "alice", "School"))
    add_member(create_group("Choir"), user("alice"))
    add_member(user("alice").print_groups.get(name="School"), create_user("guest"))
    synced(person("1", "alice"))
    assert groups_of("alice") == {"Choir"}
    assert groups_of("guest") == {"School"}


def test_who_is_gone_is_disabled_and_enabled_again_when_they_are_back() -> None:
    both = person("1", "alice", "School"), person("2", "bob")
    synced(*both)
    synced(both[1])
    assert not user("alice").is_active
    synced(*both)
    assert user("alice").is_active
    assert groups_of("alice") == {"School"}


def test_whom_an_administrator_disabled_stays_disabled() -> None:
    from everprint.server.people.users import change_active

    alice, bob = person("1", "alice"), person("2", "bob")
    synced(alice, bob)
    change_active(user("alice"), False)
    synced(bob)
    synced(alice, bob)
    assert not user("alice").is_active


def test_the_only_administrator_stays_enabled() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.directory.sync import sync
    from everprint.server.people.users import change_role, create_user

    create_user("alice")
    synced(person("1", "alice"), person("2", "bob"))
    change_role(user("alice"), Role.ADMINISTRATOR)
    done = sync(DirectoryAnswer((person("2", "bob"),)), most_gone_percent=100)
    assert user("alice").is_active
    assert [problem.where for problem in done.problems] == ["alice"]


def test_too_many_who_are_gone_change_nothing() -> None:
    from everprint.server.directory.plan import TooManyGone
    from everprint.server.directory.sync import sync

    synced(*(person(str(number), f"user-{number}") for number in range(20)))
    with pytest.raises(TooManyGone):
        sync(DirectoryAnswer((person("new", "newcomer"),)), most_gone_percent=10)
    assert user("user-3").is_active
    with pytest.raises(type(user("user-3")).DoesNotExist):
        user("newcomer")


def test_merged_and_redacted_people_are_not_called_by_their_names_again() -> None:
    from everprint.server.people.merging import merge_users
    from everprint.server.people.redaction import redact_user
    from everprint.server.people.users import create_user

    kept = create_user("alice.adams")
    synced(person("1", "alice"), person("2", "bob"))
    merge_users(user("alice").pk, kept.pk)
    redacted = redact_user(user("bob").pk)
    synced(person("1", "alice"))
    assert user("alice").pk == kept.pk
    assert user(f"redacted-{redacted.pk}").full_name == ""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The table that the directory's program prints."""
    from everprint.server.directory import runs

    table = tmp_path / "people.csv"
    table.write_text("name,groups\nalice,School\n")
    command = [sys.executable, "-c", f"print(open({str(table)!r}).read(), end='')"]
    settings = msgspec.structs.replace(runs.CONFIGURATION, directory="program", directory_program=command)
    monkeypatch.setattr(runs, "CONFIGURATION", settings)
    return table


@pytest.mark.usefixtures("directory")
def test_a_sync_is_done_when_it_is_due_and_then_not_before_the_next_time() -> None:
    from everprint.server.directory.models import DirectoryRun
    from everprint.server.directory.runs import sync_if_due

    assert sync_if_due() == "1 in the directory: 1 made, 0 changed, 0 disabled"
    assert sync_if_due() == ""
    assert DirectoryRun.objects.count() == 1


def test_people_come_from_a_file_that_is_read_anew(tmp_path: Path) -> None:
    from everprint.server.directory.runs import CONFIGURATION, synchronise

    file = tmp_path / "people.csv"
    settings = msgspec.structs.replace(
        CONFIGURATION, directory="csv", directory_file=str(file), directory_groups=["Choir"]
    )
    file.write_text("name,groups\nann,Choir|Others\nben,\n")
    assert synchronise(settings, dry_run=False).read == 2
    assert (groups_of("ann"), user("ben").is_active) == ({"Choir"}, True)
    file.write_text("name,groups\nann,\n")
    synchronise(settings, dry_run=False)
    assert (groups_of("ann"), user("ben").is_active) == (set(), False)


def test_a_sync_that_breaks_off_by_an_unforeseen_error_is_over(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.directory import runs
    from everprint.server.directory.models import DirectoryRun

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    runs.ask_for_run(dry_run=False)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "ask_directory", breaks)
        with pytest.raises(ZeroDivisionError):
            runs.sync_if_due()
    run = DirectoryRun.objects.get()
    assert run.ended_at is not None
    assert "nobody foresaw" in run.problem
    runs.ask_for_run(dry_run=False)  # the next one is another
    assert "in the directory" in runs.sync_if_due()


def test_page_api_and_command_show_what_would_change_and_change_it(directory: Path) -> None:
    from everprint.cli.server import server
    from everprint.server.directory.runs import sync_if_due

    admin = administrator()
    sync_if_due()
    directory.write_text("name,full_name,groups\nalice,Alice Adams,School\nbob,,\n")
    assert "Alice Adams" not in admin.see("/directory")
    admin.send("/directory/sync", dry_run="yes")
    assert "1 would be made, 1 would be changed" in sync_if_due()
    page = admin.see("/directory")
    assert "bob" in page
    assert "Alice Adams" in page
    by_program = program()
    assert by_program.done("POST", "/directory/syncs", {"dry_run": False, "let_go": False})["ended_at"] is None
    sync_if_due()
    run = by_program.get("/directory/syncs")["items"][0]
    assert (run["made"], run["changed"], run["gone"], run["dry_run"]) == (1, 1, 0, False)
    assert {change["name"] for change in run["changes"]} == {"alice", "bob"}
    directory.write_text("name,groups\nalice,School\n")
    dry = CliRunner().invoke(server, ["directory", "sync", "--dry-run"])
    assert "gone bob" in dry.output
    assert user("bob").is_active
    done = CliRunner().invoke(server, ["directory", "sync"])
    assert "1 disabled" in done.output
    assert not user("bob").is_active
    actions = {entry["action"] for entry in by_program.get("/audit-log")["items"]}
    assert {"directory.ask", "directory.sync"} <= actions


def test_nobody_is_made_of_a_name_that_a_merge_gave_to_another_meanwhile() -> None:
    from everprint.server.directory.sync import sync
    from everprint.server.people.merging import merge_users
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user

    keeps = create_user("alice")

    def merged_meanwhile() -> bool:
        merge_users(create_user("a.brown").pk, keeps.pk)
        return True

    done = sync(DirectoryAnswer((person("1", "a.brown"),)), most_gone_percent=100, still_ours=merged_meanwhile)
    assert [problem.message for problem in done.problems] == ["this name became another's meanwhile"]
    assert not User.objects.filter(name="a.brown").exists()


def test_who_was_merged_while_the_sync_ran_is_told_and_left_alone() -> None:
    from everprint.server.directory.sync import sync
    from everprint.server.people.merging import merge_users
    from everprint.server.people.users import create_user

    synced(person("1", "alice", "School"))
    alice, keeps = user("alice"), create_user("a.brown")

    def merged_meanwhile() -> bool:
        merge_users(alice.pk, keeps.pk)
        return True

    answer = DirectoryAnswer((person("1", "alice", "School", full_name="Alice Brown"),))
    done = sync(answer, most_gone_percent=100, still_ours=merged_meanwhile)
    assert len(done.problems) == 1
    alice.refresh_from_db()
    assert (alice.merged_into_id, alice.is_active, alice.full_name) == (keeps.pk, False, "")
    audit_is_clean()
