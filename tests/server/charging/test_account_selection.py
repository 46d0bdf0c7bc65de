"""Which account a job is charged to, and who may say so."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DecidedOffline,
    Hold,
    JobAnalysed,
    JobDescription,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    Print,
    RefusalReason,
    Refuse,
    ReleaseJob,
)
from everprint.contract.selection import Selection, SelectionMode
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages, summary

if TYPE_CHECKING:
    from everprint.server.charging.models import SharedAccount
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")

COST = Decimal("0.50")


def shared(name: str = "Physics", credit: str = "5.00", pin: str = "", **terms: Any) -> SharedAccount:
    """A shared account with some credit."""
    from everprint.server.accounts.ledger import adjust
    from everprint.server.charging.shared import SharedTerms, add_shared_account

    made = add_shared_account(name, SharedTerms(**terms), pin)
    adjust(made.pk, Decimal(credit), "budget", None, f"budget:{name}")
    return made


def select(whose: object, mode: SelectionMode | None, account: SharedAccount | None = None) -> None:
    from everprint.server.charging.selection import select_for

    select_for(whose, mode, account)  # type: ignore[arg-type]


def held_for_choice(server: PrintServer, **changes: object) -> JobDescription:
    """A job that waits until its account is chosen, as its provider reported it."""
    job = server.job(**changes)
    answer = server.ask(job, pages(10))
    assert isinstance(answer, Hold)
    assert answer.keyword == "account-info-needed"
    server.report(job, JobHeld(reason=answer.reason))
    return job


def choose(server: PrintServer, job: JobDescription, name: str, actor: User | None = None, **said: Any) -> None:
    from everprint.server.charging.choice import choose_account

    choose_account(server.seen(job), actor or server.user, name, address="192.0.2.1", **said)


def orders(server: PrintServer) -> list[object]:
    from everprint.server.providers.orders import orders_after

    return [order.do for order in orders_after(server.provider.pk, 0)]


def test_jobs_of_somebody_who_always_pays_by_a_shared_account_are_charged_to_it() -> None:
    server = PrintServer(credit="0")
    physics = shared()
    select(server.user, SelectionMode.SHARED, physics)
    job = server.job()
    assert server.ask(job, pages(10)) == Print(cost=COST, account="Physics")
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(8)))
    assert (balance_of(physics.pk), server.seen(job).account_id) == (Decimal("4.60"), physics.pk)
    audit_is_clean()


def test_the_persons_own_setting_goes_before_their_groups_and_that_before_the_printers() -> None:
    from everprint.server.people.models import Group

    server = PrintServer()
    a, b, c = shared("A"), shared("B"), shared("C")
    group = Group.objects.create(name="staff")
    group.members.add(server.user)
    for whose, account, name in ((server.printer, a, "A"), (group, b, "B"), (server.user, c, "C")):
        select(whose, SelectionMode.SHARED, account)
        assert server.ask(server.job(), pages(10)) == Print(cost=COST, account=name)
    select(server.user, SelectionMode.PERSONAL)
    assert server.ask(server.job(), pages(10)) == Print(cost=COST, account="alice")


def test_a_job_waits_until_its_account_is_chosen_and_is_released_then() -> None:
    server = PrintServer()
    physics = shared(for_everybody=True)
    select(server.user, SelectionMode.CHOOSE)
    job = held_for_choice(server)
    choose(server, job, "physics", comment="experiment 7")
    assert ReleaseJob(job_id=job.job_id, by="alice") in orders(server)
    assert server.ask(job, pages(10), attempt=2) == Print(cost=COST, account="Physics")
    assert balance_of(physics.pk) == Decimal("4.50")
    seen = server.seen(job)
    assert (seen.charge_comment, seen.invoice, seen.account_info_needed) == ("experiment 7", True, False)


def test_one_whose_account_is_chosen_before_its_provider_says_that_it_waits_is_released_too() -> None:
    server = PrintServer()
    shared(for_everybody=True)
    select(server.user, SelectionMode.CHOOSE)
    job = server.job()
    answer = server.ask(job, pages(10))
    assert isinstance(answer, Hold)
    choose(server, job, "Physics")
    release = ReleaseJob(job_id=job.job_id, by="alice", only_if=answer.keyword)
    assert release not in orders(server)
    server.report(job, JobHeld(reason=answer.reason))
    assert release in orders(server)
    server.report(job, JobReleased())
    assert server.ask(job, pages(10), attempt=2) == Print(cost=COST, account="Physics")
    server.report(job, JobHeld(reason="held by olga"))
    assert orders(server).count(release) == 1, "a person's hold is not ended by it"


def test_one_whose_account_has_no_credit_yet_goes_on_by_itself_after_the_choice() -> None:
    server = PrintServer()
    shared(credit="0.10", for_everybody=True)
    select(server.user, SelectionMode.CHOOSE)
    job = held_for_choice(server)
    choose(server, job, "Physics")
    answer = server.ask(job, pages(10), attempt=2)
    assert isinstance(answer, Hold)
    assert "printed by itself" in answer.reason
    assert server.seen(job).cost_awaited == COST


def test_released_without_a_choice_it_waits_again() -> None:
    server = PrintServer()
    select(server.printer, SelectionMode.CHOOSE)
    job = held_for_choice(server)
    answer = server.ask(job, pages(10), attempt=2)
    assert isinstance(answer, Hold)
    assert answer.keyword == "account-info-needed"


def test_who_chooses_the_own_account_pays_with_all_purses() -> None:
    server = PrintServer()
    select(server.user, SelectionMode.CHOOSE)
    job = held_for_choice(server)
    choose(server, job, "")
    assert server.ask(job, pages(10), attempt=2) == Print(cost=COST, account="alice")


def test_an_account_is_chosen_by_who_may_use_it_or_knows_its_pin_and_nobody_else() -> None:
    from everprint.server.charging.choice import BadChoice, pin_attempts
    from everprint.server.people.attempts import TooManyAttempts
    from everprint.server.people.models import Group

    pin_attempts.succeeded("alice", "192.0.2.1")
    server = PrintServer()
    select(server.user, SelectionMode.CHOOSE)
    group = Group.objects.create(name="physicists")
    shared("Physics", pin="2718", groups=(group,))
    shared("Physics\\Laboratory")
    shared("Physics\\Secret", as_parent=False)
    job = held_for_choice(server)
    for name, pin in (("Physics", ""), ("Physics", "2719"), ("Physics\\Secret", ""), ("Nobody", "1")):
        with pytest.raises(BadChoice):
            choose(server, job, name, pin=pin)
    choose(server, job, "Physics", pin="2718")
    group.members.add(server.user)
    choose(server, job, "physics\\laboratory")
    with pytest.raises(BadChoice):
        choose(server, job, "Physics\\Secret")
    with pytest.raises(TooManyAttempts):  # nobody tries all PINs
        for _ in range(50):
            try:
                choose(server, job, "Physics\\Secret", pin="0000")
            except BadChoice:
                continue


def test_a_closed_account_and_one_whose_parent_is_closed_take_no_jobs() -> None:
    from everprint.server.charging.shared import SharedTerms, change_shared_account

    server = PrintServer()
    top, sub = shared("Top"), shared("Top\\Sub")
    select(server.user, SelectionMode.SHARED, sub)
    change_shared_account(top, "Top", SharedTerms(is_active=False))
    answer = server.ask(server.job(), pages(10))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_CLOSED


def test_a_comment_that_is_needed_is_asked_for() -> None:
    from everprint.server.charging.choice import BadChoice
    from everprint.server.charging.models import CommentOption

    server = PrintServer()
    physics = shared(comment_option=CommentOption.REQUIRED, for_everybody=True)
    select(server.user, SelectionMode.SHARED, physics)
    job = held_for_choice(server)
    with pytest.raises(BadChoice, match="comment"):
        choose(server, job, "Physics")
    choose(server, job, "Physics", comment="thesis")
    assert server.ask(job, pages(10), attempt=2) == Print(cost=COST, account="Physics")


def test_who_always_pays_by_an_account_gives_its_comment_without_access_and_chooses_no_other() -> None:
    from everprint.server.charging.choice import BadChoice
    from everprint.server.charging.models import CommentOption
    from everprint.server.pages.forms.accounts import ChargeForm

    server = PrintServer()
    shared("Chemistry", for_everybody=True)
    select(server.user, SelectionMode.SHARED, shared(comment_option=CommentOption.REQUIRED))
    job = held_for_choice(server)
    for other in ("", "Chemistry"):
        with pytest.raises(BadChoice, match="charged to Physics always"):
            choose(server, job, other, comment="thesis")
    form = ChargeForm({"account": "Physics", "comment": "thesis"}, job=server.seen(job))
    assert form.is_valid(), form.errors
    assert form.save(server.user, "192.0.2.1"), form.errors
    assert server.ask(job, pages(10), attempt=2) == Print(cost=COST, account="Physics")


@pytest.mark.parametrize(
    ("option", "said", "invoiced"),
    [
        ("always-invoice", False, True),
        ("never-invoice", True, False),
        ("user-choice-on", None, True),
        ("user-choice-on", False, False),
        ("user-choice-off", None, False),
        ("user-choice-off", True, True),
    ],
)
def test_whether_a_job_is_invoiced_is_as_the_account_says_and_asks(
    option: str, said: bool | None, invoiced: bool
) -> None:
    from everprint.server.charging.models import InvoiceOption

    server = PrintServer()
    shared(for_everybody=True, invoice_option=InvoiceOption(option))
    select(server.user, SelectionMode.CHOOSE)
    job = held_for_choice(server)
    choose(server, job, "Physics", invoice=said)
    server.ask(job, pages(10), attempt=2)
    assert server.seen(job).invoice is invoiced


def test_a_job_that_names_its_account_is_charged_to_it_where_that_is_set() -> None:
    server = PrintServer()
    physics = shared(users=(server.user,))
    job = server.job(job_account_id="physics")
    assert server.ask(job, pages(10)) == Print(cost=COST, account="alice")  # where it is not, the name is only shown
    for mode in (SelectionMode.ATTRIBUTE, SelectionMode.CHOOSE):
        select(server.user, mode)
        assert server.ask(server.job(job_account_id="PHYSICS"), pages(10)) == Print(cost=COST, account="Physics")
    assert balance_of(physics.pk) == Decimal("4.00")
    answer = server.ask(server.job(job_account_id="chemistry"), pages(10))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    select(server.user, SelectionMode.ATTRIBUTE)
    assert isinstance(server.ask(server.job(), pages(1)), Print)


def test_a_shared_account_without_credit_refuses() -> None:
    server = PrintServer(queue={"over_limit": "refuse"})
    select(server.user, SelectionMode.SHARED, shared(credit="0.40"))
    answer = server.ask(server.job(), pages(10))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_LIMIT_REACHED


def test_what_a_print_server_charged_to_a_shared_account_alone_is_booked_there() -> None:
    server = PrintServer()
    physics = shared()
    select(server.user, SelectionMode.SHARED, physics)
    job = server.job()
    decision = Print(cost=COST, account="Physics")
    server.report(
        job,
        JobReceived(job=job),
        JobAnalysed(document=summary(pages(10))),
        DecidedOffline(attempt=1, user_name="alice", decision=decision),
    )
    assert (balance_of(physics.pk), balance_of("alice")) == (Decimal("4.50"), Decimal("1.00"))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(10)))
    assert server.seen(job).cost_charged == COST
    audit_is_clean()


def test_what_a_print_server_decided_goes_before_our_answer_on_another_account_that_was_lost() -> None:
    server = PrintServer()
    physics = shared()
    job = server.job()
    select(server.user, SelectionMode.SHARED, physics)
    assert isinstance(server.ask(job, pages(10)), Print)  # and nobody heard it
    alone = DecidedOffline(attempt=1, user_name="alice", decision=Print(cost=COST, account="alice"))
    server.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(10))), alone)
    seen = server.seen(job)
    assert (seen.offline, seen.cost_reserved) == (True, COST)
    assert (balance_of(physics.pk), balance_of("alice")) == (Decimal("5.00"), Decimal("0.50"))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(10)))
    assert (balance_of(physics.pk), balance_of("alice")) == (Decimal("5.00"), Decimal("0.50"))
    audit_is_clean()


def test_print_servers_are_told_how_accounts_are_selected_and_what_shared_ones_can_spend() -> None:
    from everprint.contract.failure_modes import OfflineTerms
    from everprint.server.people.models import Group
    from everprint.server.people.users import create_user
    from everprint.server.providers.snapshot import snapshot_of
    from everprint.server.providers.spendable import spendable_after

    server = PrintServer()
    bob = create_user("bob")
    group = Group.objects.create(name="staff")
    group.members.add(bob)
    first = spendable_after("")
    assert [row.selection for row in first.users] == [None, None]
    physics = shared()
    select(server.user, SelectionMode.SHARED, physics)
    select(group, SelectionMode.CHOOSE)
    select(server.printer, SelectionMode.ATTRIBUTE)
    page = spendable_after(first.next)
    assert {row.user_name: row.selection for row in page.users} == {
        "alice": Selection(SelectionMode.SHARED, "Physics"),
        "bob": Selection(SelectionMode.CHOOSE),
    }
    assert page.accounts is not None
    assert [(one.name, one.amount, one.is_active) for one in page.accounts] == [("Physics", Decimal(5), True)]
    snapshot = snapshot_of(server.provider.pk, "x", "EUR", OfflineTerms(offline_credit=Decimal(1)))
    assert [queue.selection for queue in snapshot.queues] == [Selection(SelectionMode.ATTRIBUTE)]


@pytest.mark.parametrize("name", ["", "a\\b\\c", "\\a", "a\\", "Nowhere\\Sub", "physics", "x" * 101])
def test_a_shared_account_that_cannot_be_is_refused(name: str) -> None:
    from everprint.server.charging.shared import BadSharedAccount, SharedTerms, add_shared_account

    shared("Physics")
    with pytest.raises(BadSharedAccount):
        add_shared_account(name, SharedTerms())


def test_sub_accounts_follow_a_new_name_and_never_make_a_third_level() -> None:
    from everprint.server.charging.shared import BadSharedAccount, SharedTerms, change_shared_account

    top = shared("Top")
    shared("Top\\Sub")
    shared("Other")
    with pytest.raises(BadSharedAccount):
        change_shared_account(top, "Other\\Top", SharedTerms())
    top.refresh_from_db()
    change_shared_account(top, "Faculty", SharedTerms())
    assert balance_of("Faculty\\Sub") == 5


def test_a_pin_is_kept_as_a_digest_only() -> None:
    from everprint.server.charging.shared import is_pin_of

    physics = shared(pin="2718")
    assert "2718" not in physics.pin_digest
    assert is_pin_of(physics, "2718")
    assert not is_pin_of(physics, "")
