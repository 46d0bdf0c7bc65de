"""Another name, two users who are one, and taking away who somebody was: history and ledger stay whole."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, JobNoted, JobReceived
from tests.server.api.program import Program, program
from tests.server.pages.signed_in import administrator
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

if TYPE_CHECKING:
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")


def user(name: str, credit: str = "0") -> User:
    from everprint.server.people.users import create_user

    return create_user(name, credit=Decimal(credit))


def purse_of(owner: User, credit: str) -> None:
    """A free quota for that person."""
    from everprint.server.accounts.ledger import adjust
    from everprint.server.accounts.models import Purse
    from everprint.server.accounts.purses import add_purse, open_purse

    purse = Purse.objects.first() or add_purse("Free quota", 0)
    adjust(open_purse(owner, purse).pk, Decimal(credit), "quota", None, f"quota:{uuid.uuid4()}")


def test_a_renamed_users_accounts_follow_and_the_history_stays() -> None:
    from everprint.server.accounts.statement import whole_statement
    from everprint.server.people.renaming import rename_user

    alice = user("alice", "5.00")
    purse_of(alice, "2.00")
    renamed = rename_user(alice.pk, "Alice.Brown")
    assert (renamed.pk, renamed.name) == (alice.pk, "alice.brown")
    assert balance_of("alice.brown") == Decimal("5.00")
    assert balance_of("alice.brown: Free quota") == Decimal("2.00")
    assert len(list(whole_statement(renamed.account))) == 1
    audit_is_clean()


def test_what_still_comes_by_the_old_name_is_theirs_and_nobody_elses() -> None:
    from everprint.server.jobs.owner import find_owner
    from everprint.server.people.renaming import rename_user
    from everprint.server.people.users import UserExists, create_user

    alice, bob = user("alice"), user("bob")
    rename_user(alice.pk, "alice.brown")
    owner = find_owner("ALICE")
    assert owner is not None
    assert (owner.user, owner.name, owner.account_name) == (alice.pk, "alice.brown", "alice.brown")
    for attempt in (lambda: create_user("alice"), lambda: rename_user(bob.pk, "Alice")):
        with pytest.raises(UserExists, match=r"what alice\.brown was called before"):
            attempt()
    with pytest.raises(UserExists, match="already a user"):
        rename_user(alice.pk, "bob")
    assert rename_user(alice.pk, "alice").name == "alice"
    assert [former.name for former in alice.former_names.all()] == ["alice.brown"]


def test_a_job_that_was_held_under_the_old_name_is_printed_and_charged_under_the_new_one() -> None:
    from everprint.server.people.models import User
    from everprint.server.people.renaming import rename_user

    site = PrintServer(credit="1.00", queue={"hold": True})
    owner = User.objects.get()
    job = site.job()
    assert type(site.ask(job, pages(grey=4))).__name__ == "Hold"
    rename_user(owner.pk, "another.name")
    assert type(site.ask(job, pages(grey=4), attempt=2)).__name__ == "Print"
    assert User.objects.count() == 1
    assert balance_of("another.name") == Decimal("0.80")
    audit_is_clean()


def test_print_servers_that_decide_alone_know_both_names() -> None:
    from everprint.server.people.renaming import rename_user
    from everprint.server.providers.spendable import spendable_after

    alice = user("alice", "5.00")
    user("bob", "1.00")
    cursor = spendable_after("").next
    rename_user(alice.pk, "alice.brown")
    told = {one.user_name: one.amount for one in spendable_after(cursor).users if one.amount == Decimal("5.00")}
    assert set(told) == {"alice", "alice.brown"}


def test_merging_moves_jobs_money_groups_and_cards_and_leaves_the_ledger_whole() -> None:
    from everprint.server.accounts.models import Entry
    from everprint.server.jobs.owner import find_owner
    from everprint.server.people.cards import holder_of, set_card
    from everprint.server.people.groups import add_member, create_group
    from everprint.server.people.merging import merge_users

    old, kept = user("a.adams", "3.00"), user("alice", "5.00")
    purse_of(old, "2.00")
    year = create_group("Year 7")
    add_member(year, old)
    set_card(old, 1, "11111111")
    set_card(kept, 1, "22222222")
    before = Entry.objects.count()
    merged = merge_users(old.pk, kept.pk)
    assert (balance_of("alice"), balance_of("alice: Free quota")) == (Decimal("8.00"), Decimal("2.00"))
    old.refresh_from_db()
    assert (old.name, old.is_active, old.merged_into) == (f"merged-{old.pk}", False, merged)
    assert (balance_of(old.name), balance_of(f"{old.name}: Free quota")) == (Decimal(0), Decimal(0))
    assert list(merged.print_groups.all()) == [year]
    assert holder_of("11111111", "", "192.0.2.91") == merged
    owner = find_owner("a.adams")
    assert owner is not None
    assert owner.user == kept.pk
    assert Entry.objects.count() == before + 4, "nothing is rewritten"
    audit_is_clean()


def test_what_comes_back_later_is_booked_over() -> None:
    from everprint.server.accounts.ledger import adjust
    from everprint.server.people.merging import merge_users, sweep_merged
    from everprint.server.schedule.works import WORKS

    first, second, third = user("first"), user("second"), user("third")
    merge_users(first.pk, second.pk)
    merge_users(second.pk, third.pk)
    assert sweep_merged() == ""
    adjust(first.account.pk, Decimal("0.40"), "refund", None, "late")
    assert "another server" in sweep_merged(lambda: False)
    assert sweep_merged() == "money of 1 merged users"
    assert balance_of("third") == Decimal("0.40")
    assert sweep_merged in [work.do for work in WORKS]
    audit_is_clean()


def test_who_cannot_be_merged() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.accounts.ledger import adjust
    from everprint.server.people.merging import BadMerge, merge_users

    alice, debtor, gone = user("alice", "1.00"), user("debtor"), user("gone")
    set_limits(debtor.account.pk, restricted=False)
    adjust(debtor.account.pk, Decimal("-1.50"), "debt", None, "debt")
    merge_users(gone.pk, alice.pk)
    for source, target, says in ((alice, alice, "themselves"), (debtor, alice, "owes 1.50"), (alice, gone, "before")):
        with pytest.raises(BadMerge, match=says):
            merge_users(source.pk, target.pk)
    assert balance_of("debtor") == Decimal("-1.50")


def test_nobody_is_merged_while_their_jobs_print() -> None:
    from everprint.server.people.merging import BadMerge, merge_users
    from everprint.server.people.models import User

    site = PrintServer(credit="1.00")
    site.ask(site.job(), pages(grey=4))
    with pytest.raises(BadMerge, match="being printed"):
        merge_users(User.objects.get().pk, user("kept").pk)


def test_a_redacted_user_is_a_number_and_the_figures_stay() -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.people.models import User
    from everprint.server.people.redaction import BadRedaction, redact_user
    from everprint.server.people.renaming import rename_user

    site = PrintServer(credit="1.00")
    owner = User.objects.get()
    User.objects.update(full_name="Alice Adams", email="alice@example.org")
    job = site.job()
    site.ask(job, pages(grey=4))
    with pytest.raises(BadRedaction, match="cancel them first"):
        redact_user(owner.pk)
    told = JobNoted(job_name="A letter to Bob", job_state_message="alice sent it")
    site.report(job, JobReceived(job=job), told, JobFinished(state=JobState.COMPLETED, output=pages(4)))
    rename_user(owner.pk, "alice.brown")
    name = redact_user(owner.pk).name
    assert name == f"redacted-{owner.pk}"
    kept = Job.objects.get()
    assert (kept.user_name, kept.name, kept.client_address, kept.noted) == (name, "", "", None)
    assert (kept.cost_charged, kept.owner_id) == (Decimal("0.20"), owner.pk)
    redacted = User.objects.get()
    assert (redacted.full_name, redacted.email, redacted.is_active) == ("", "", False)
    assert not redacted.former_names.exists()
    assert balance_of(name) == Decimal("0.80")
    audit_is_clean()


def test_the_api_does_all_three_and_the_audit_log_keeps_them() -> None:
    admin = program()
    one, two = (admin.done("POST", "/users", {"name": name, "credit": "1.00"})["id"] for name in ("alice", "bob"))
    assert admin.done("PUT", f"/users/{one}/name", {"name": "alice.brown"})["name"] == "alice.brown"
    assert admin.refused("PUT", f"/users/{one}/name", {"name": "bob"}) == (409, "user-exists")
    assert admin.refused("POST", f"/users/{one}/merge", {"into": one}) == (409, "bad-merge")
    assert admin.refused("POST", f"/users/{one}/merge", {"into": 9999}) == (404, "not-found")
    assert admin.done("POST", f"/users/{one}/merge", {"into": two})["balance"] == "2.00"
    assert admin.done("POST", f"/users/{two}/redact")["name"] == f"redacted-{two}"
    assert admin.refused("POST", "/users/9999/redact") == (404, "not-found")
    entries = {entry["action"]: entry for entry in admin.get("/audit-log")["items"]}
    renamed, merged, redacted = (entries[f"user.{act}"] for act in ("rename", "merge", "redact"))
    assert (renamed["before"], renamed["after"]) == ({"name": "alice"}, {"name": "alice.brown"})
    assert merged["after"] == {"merged": "alice.brown", "money": "1.00"}
    assert redacted["target_name"] == f"redacted-{two}"


def test_money_is_merged_only_by_who_may_adjust_accounts() -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import make_token

    admin = program()
    clerk = Program(admin.user, make_token(admin.user, "clerk", [Permission.MANAGE_USERS]).text)
    rich, poor, kept = user("rich", "1.00"), user("poor"), user("kept")
    assert clerk.refused("POST", f"/users/{rich.pk}/merge", {"into": kept.pk}) == (403, "beyond-own")
    clerk.done("POST", f"/users/{poor.pk}/merge", {"into": kept.pk})
    assert clerk.refused("POST", f"/users/{admin.user.pk}/redact")[1] in ("last-administrator", "beyond-own")


def test_the_pages_ask_for_the_name_before_what_cannot_be_undone() -> None:
    admin = administrator()
    one, two = user("alice"), user("bob")
    assert "alice is called alice.brown now." in admin.fill(f"/users/{one.pk}/rename", name="alice.brown")
    assert "Before alice" in admin.see(f"/users/{one.pk}")
    assert "This cannot be" in admin.fill(f"/users/{two.pk}/rename", name="alice")
    wrong = admin.fill(f"/users/{one.pk}/merge", into="bob", confirmation="alice")
    assert "This is not alice.brown." in wrong
    assert "no user of this name" in admin.fill(f"/users/{one.pk}/merge", into="eve", confirmation="alice.brown")
    assert "is bob now." in admin.fill(f"/users/{one.pk}/merge", into="bob", confirmation="alice.brown")
    assert "Merged into bob" in admin.see(f"/users/{one.pk}")
    assert f"They are redacted-{two.pk} now." in admin.fill(f"/users/{two.pk}/redact", confirmation="bob")


def test_commands_do_the_same_and_ask_first() -> None:
    from everprint.cli.server import server
    from everprint.server.people.models import User

    user("alice"), user("bob")
    run = CliRunner().invoke(server, ["user", "rename", "alice", "alice.brown"])
    assert "They are called alice.brown now." in run.output
    assert CliRunner().invoke(server, ["user", "merge", "alice.brown", "bob"], input="n\n").exit_code == 1
    assert User.objects.get(name="alice.brown").is_active
    merged = CliRunner().invoke(server, ["user", "merge", "alice.brown", "bob", "--yes"])
    assert "bob is both of them now." in merged.output
    redacted = CliRunner().invoke(server, ["user", "redact", "bob"], input="y\n")
    assert "nobody signs in as them" in redacted.output
    again = CliRunner().invoke(server, ["user", "rename", f"redacted-{User.objects.first()}", "x"])
    assert again.exit_code == 1


def test_rules_for_who_was_merged_are_for_who_they_are_now() -> None:
    from everprint.contract.rules import Action
    from everprint.server.people.merging import merge_users
    from everprint.server.rules.rows import all_rules, evaluated
    from everprint.server.rules.setting import Wanted, add_rule

    alice, alicia = user("alice"), user("alicia")
    add_rule(Wanted("Grey", Action.GREY, users=[alicia]))
    add_rule(Wanted("Hold", Action.HOLD, except_users=[alice, alicia]))
    merge_users(alicia.pk, alice.pk)
    grey, hold = (evaluated(rule) for rule in all_rules())
    assert grey.people is not None
    assert hold.except_people is not None
    assert (grey.people.users, hold.except_people.users) == (("alice",), ("alice",))


def test_who_was_merged_is_not_enabled_again() -> None:
    from everprint.server.people.changes import change_user
    from everprint.server.people.merging import merge_users
    from everprint.server.people.models import User
    from everprint.server.people.users import MergedUser, create_user
    from tests.server.api.program import program

    one, other = create_user("a.adams"), create_user("alice.adams")
    merge_users(one.pk, other.pk)
    with pytest.raises(MergedUser, match="merged into alice"):
        change_user(one.pk, {"is_active": True}, None)
    assert program().refused("PATCH", f"/users/{one.pk}", {"is_active": True}) == (409, "merged-user")
    assert not User.objects.get(pk=one.pk).is_active
    change_user(one.pk, {"is_active": False, "full_name": "A."}, None)
