"""What a job costs on a printer, for whom; the same for the server and for a print server that decides alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from everprint.contract.failure_modes import OfflineTerms
from everprint.contract.job_life import JobState
from everprint.contract.messages import Hold, JobFinished, JobHeld, Print
from everprint.contract.pricing import SideCosts, for_person, price
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages

pytestmark = pytest.mark.usefixtures("database")

A4 = "iso_a4_210x297mm"


def reckon(server: PrintServer, **terms: Any) -> None:
    from everprint.server.printers.costs import CostTerms, change_cost_terms

    change_cost_terms(server.printer, CostTerms(**terms))


def pay(whose: object, percent: str | None) -> None:
    from everprint.server.printers.costs import adjust_costs_for

    adjust_costs_for(whose, None if percent is None else Decimal(percent))  # type: ignore[arg-type]


def test_a_job_is_reserved_and_charged_as_the_printer_reckons() -> None:
    server = PrintServer(credit="5.00")
    reckon(server, two_sided_discount=Decimal(50), minimum=Decimal("0.20"), maximum=Decimal("0.75"))
    job = server.job()
    assert server.ask(job, pages(2)) == Print(cost=Decimal("0.20"), account="alice")
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(10, two_sided=True)))
    assert server.seen(job).cost_charged == Decimal("0.25")
    assert server.ask(server.job(), pages(0, 10)) == Print(cost=Decimal("0.75"), account="alice")
    audit_is_clean()


def test_a_users_own_percentage_goes_before_the_lowest_of_their_groups() -> None:
    from everprint.server.people.models import Group
    from everprint.server.printers.terms import percent_of

    server = PrintServer(credit="5.00")
    groups = [Group.objects.create(name=name) for name in ("staff", "teachers")]
    for group, percent in zip(groups, ("80", "50"), strict=True):
        group.members.add(server.user)
        pay(group, percent)
    assert percent_of(server.user.pk) == 50
    job = server.job()
    assert server.ask(job, pages(10)) == Print(cost=Decimal("0.25"), account="alice")
    pay(server.user, "200")
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(1)))
    assert balance_of("alice") == Decimal("4.90")
    pay(server.user, None)
    assert percent_of(server.user.pk) == 50
    assert percent_of(None) == 100


def test_print_servers_price_with_what_they_are_told_as_the_server_does() -> None:
    from everprint.server.printers.costs import change_costs
    from everprint.server.printers.terms import costs_of_printer
    from everprint.server.providers.snapshot import snapshot_of
    from everprint.server.providers.spendable import spendable_after

    server = PrintServer()
    first = spendable_after("")
    change_costs(server.printer, A4, SideCosts(*[Decimal("0.03")] * 4), and_smaller=True)
    reckon(server, by_area=True, colour_by_document=True, minimum=Decimal("0.01"), maximum=Decimal(9))
    pay(server.user, "12.5")
    (person,) = spendable_after(first.next).users
    (queue,) = snapshot_of(server.provider.pk, "x", "EUR", OfflineTerms(offline_credit=Decimal(1))).queues
    assert queue.costs == costs_of_printer(server.printer.pk)
    told = price(pages(7, 2), for_person(queue.costs, person.percent))
    assert server.ask(server.job(), pages(7, 2)) == Print(cost=told, account="alice")


def test_a_held_job_says_what_it_will_cost_its_owner() -> None:
    server = PrintServer(credit="5.00", queue={"hold": True})
    pay(server.user, "50")
    job = server.job()
    answer = server.ask(job, pages(10))
    assert isinstance(answer, Hold)
    server.report(job, JobHeld(reason=answer.reason))
    alice = SignedIn(server.user)
    assert "Will cost €0.25" in alice.see(f"/jobs/{server.seen(job).number}")
    assert "€0.25" in alice.see("/me")
    server.ask(job, pages(10), attempt=2)
    assert "Reserved €0.25" in alice.see(f"/jobs/{server.seen(job).number}")


@pytest.mark.parametrize(
    "terms",
    [{"two_sided_discount": "101"}, {"minimum": "2", "maximum": "1"}, {"minimum": "-1"}, {"maximum": "0.00001"}],
)
def test_terms_that_cannot_be_are_refused(terms: dict[str, str]) -> None:
    from everprint.server.printers.costs import BadCost

    with pytest.raises(BadCost):
        reckon(PrintServer(), **{name: Decimal(value) for name, value in terms.items()})


def test_costs_and_their_terms_are_set_on_the_page() -> None:
    from everprint.server.printers.costs import costs_of
    from everprint.server.printers.models import Printer

    server, admin = PrintServer(), administrator()
    address = f"/printers/{server.printer.pk}/costs"
    prices = {
        f"new-{name}": "0.03" for name in ("grey_one_sided", "grey_two_sided", "colour_one_sided", "colour_two_sided")
    }
    page = admin.fill(
        address,
        **{
            "new-new_paper": A4,
            "new-and_smaller": "on",
            **prices,
            "terms-two_sided_discount": "10",
            "terms-minimum": "0.10",
        },
    )
    for words in ("A4 and smaller", "10 % less", "at least €0.10"):
        assert words in page
    costs = costs_of(Printer.objects.get())
    assert costs.up_to == {A4: SideCosts(*[Decimal("0.03")] * 4)}
    assert (costs.two_sided_discount, costs.minimum, costs.maximum) == (10, Decimal("0.10"), None)
    assert "below the minimum" in admin.fill(address, **{"terms-maximum": "0.05"})
    assert "Somebody else changed" in admin.fill(address, seen="earlier")


def test_what_people_pay_is_set_on_the_pages_of_users_and_groups() -> None:
    from everprint.server.people.models import Group
    from everprint.server.printers.terms import percent_of

    server, admin = PrintServer(), administrator()
    group = Group.objects.create(name="staff")
    group.members.add(server.user)
    admin.fill(f"/groups/{group.pk}/costs", percent="70")
    assert percent_of(server.user.pk) == 70
    admin.fill(f"/users/{server.user.pk}/costs", percent="0")
    assert percent_of(server.user.pk) == 0
    admin.fill(f"/users/{server.user.pk}/costs", percent="")
    assert percent_of(server.user.pk) == 70
