"""What a provider decides alone, rule by rule; and that it is what the server would have said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from everprint.contract.failure_modes import FailureMode, OfflineTerms, Spendable, SpendableAccount, UnknownPages
from everprint.contract.messages import (
    Authentication,
    Change,
    Decision,
    DocumentSummary,
    Hold,
    JobDescription,
    Print,
    Queue,
    Redirect,
    RefusalReason,
    Refuse,
)
from everprint.contract.pricing import Costs, SideCosts
from everprint.contract.rules import Action, Limit, Measure, People, Rule, Span
from everprint.contract.rules import Conditions as Of
from everprint.contract.selection import Selection, SelectionMode
from everprint.documents.result import Confidence, Output, Sides
from everprint.provider.offline.verdict import Asked, Conditions, Standing, Wait, decide_alone

QUEUE = Queue(
    name="office",
    device_uri="ipp://192.0.2.7/ipp/print",
    printer_uuid="urn:uuid:0",
    authentication=Authentication.REQUESTING_USER_NAME,
    failure_mode=FailureMode.PRINT_AND_LOG_LATER,
    costs=Costs(other=SideCosts(*[Decimal("0.10")] * 4)),
)
CONDITIONS = Conditions(OfflineTerms(offline_credit=Decimal("2.00")), "EUR")
JOB = JobDescription(
    job_id="0", queue="office", user_name="anna", authenticated=False, job_name="essay.pdf",
    document_format="application/pdf", octets=30_000, client_address="",
    submitted_at=datetime(2026, 11, 23, tzinfo=UTC),
)  # fmt: skip
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def pages(count: int) -> DocumentSummary:
    output = Output(sheets=count, sides=(Sides("iso_a4_210x297mm", False, False, count),))
    return DocumentSummary(language="PDF", confidence=Confidence.EXACT, pages=count, output=output)


def asked(count: int, **said: object) -> Asked:
    return Asked(msgspec.structs.replace(JOB, **said), pages(count), MONDAY_NOON)


def anna(
    amount: str | None = "10.00", *, spent: str = "0", limit: str | None = None, is_active: bool = True
) -> Standing:
    spendable = Spendable("anna", *(None if text is None else Decimal(text) for text in (amount, limit)), is_active)
    return Standing("anna", spendable, everybody_known=True, spent=Decimal(spent))


def decide(who: Standing, document: DocumentSummary, queue: Queue = QUEUE) -> Decision | Wait:
    return decide_alone(queue, CONDITIONS, Asked(JOB, document, MONDAY_NOON), who)


def test_a_job_within_balance_and_limit_prints_at_the_queues_prices() -> None:
    assert decide(anna(), pages(4)) == Print(cost=Decimal("0.40"), account="anna", costs=QUEUE.costs)


@pytest.mark.parametrize(
    ("who", "prints"),
    [
        (anna("0.40"), True),
        (anna("0.39"), False),
        (anna("1.00", spent="0.60"), True),
        (anna("1.00", spent="0.61"), False),
        (anna(None), True),  # no floor
        (anna(None, spent="1.60"), True),
        (anna(None, spent="1.61"), False),  # but an offline limit
        (anna(limit="0.40"), True),
        (anna(limit="0.39"), False),
        (anna(limit="0"), False),
        (anna(limit="100", spent="9.60"), True),
        (anna(limit="100", spent="9.61"), False),
    ],
)
def test_nobody_prints_beyond_the_balance_or_the_offline_credit(who: Standing, *, prints: bool) -> None:
    answer = decide(who, pages(4))
    assert isinstance(answer, Print) is prints
    if isinstance(answer, Refuse):
        assert answer.reason is RefusalReason.ACCOUNT_LIMIT_REACHED
        assert "The Application Server is away" in answer.message
        assert "€0.40" in answer.message


def test_what_costs_nothing_prints_however_much_was_spent() -> None:
    assert isinstance(
        decide(anna("1.00", spent="5.00"), pages(4), msgspec.structs.replace(QUEUE, costs=Costs())), Print
    )


def test_a_disabled_person_is_refused() -> None:
    answer = decide(anna(is_active=False), pages(1))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.ACCOUNT_CLOSED


@pytest.mark.parametrize(("policy", "prints"), [(UnknownPages.REFUSE, False), (UnknownPages.CHARGE_ACTUAL, True)])
def test_pages_that_cannot_be_counted(policy: UnknownPages, *, prints: bool) -> None:
    unknown = DocumentSummary(language="unknown", confidence=Confidence.UNKNOWN, pages=0, output=None)
    answer = decide(anna(), unknown, msgspec.structs.replace(QUEUE, unknown_pages=policy))
    assert isinstance(answer, Print if prints else Refuse)


def test_a_document_without_a_page_is_refused() -> None:
    answer = decide(anna(), pages(0))
    assert isinstance(answer, Refuse)
    assert answer.reason is RefusalReason.DOCUMENT_UNPRINTABLE


def test_somebody_unknown_waits_unless_the_server_would_make_an_account() -> None:
    stranger = Standing("zoe", None, everybody_known=True, spent=Decimal(0))
    assert isinstance(decide(stranger, pages(1)), Wait)
    welcoming = Conditions(OfflineTerms(offline_credit=Decimal(2), newcomer_credit=Decimal("0.30")), "EUR")
    assert isinstance(decide_alone(QUEUE, welcoming, asked(3), stranger), Print)
    # Dearer than a new account could pay: there may be an account with more by now.
    assert isinstance(decide_alone(QUEUE, welcoming, asked(4), stranger), Wait)
    with_passwords = msgspec.structs.replace(QUEUE, authentication=Authentication.BASIC)
    assert isinstance(decide_alone(with_passwords, welcoming, asked(1), stranger), Wait)


def test_nobody_is_a_newcomer_before_the_server_told_of_everybody() -> None:
    stranger = Standing("zoe", None, everybody_known=False, spent=Decimal(0))
    welcoming = Conditions(OfflineTerms(offline_credit=Decimal(2), newcomer_credit=Decimal(2)), "EUR")
    assert isinstance(decide_alone(QUEUE, welcoming, asked(1), stranger), Wait)


PHYSICS = Selection(SelectionMode.SHARED, "Physics")


def on_account(selection: Selection | None, account: SpendableAccount | None, spent: str = "0") -> Standing:
    spendable = Spendable("anna", Decimal("0"), selection=selection)
    return Standing("anna", spendable, True, Decimal(0), account, Decimal(spent))


def test_a_job_of_somebody_who_pays_by_a_shared_account_prints_on_what_that_one_has() -> None:
    account = SpendableAccount("Physics", Decimal("1.00"))
    assert decide(on_account(PHYSICS, account), pages(4)) == Print(
        cost=Decimal("0.40"), account="Physics", costs=QUEUE.costs
    )
    assert not isinstance(decide(on_account(PHYSICS, account, spent="0.61"), pages(4)), Print | Wait)
    assert isinstance(decide(on_account(PHYSICS, None), pages(4)), Wait)
    closed = decide(on_account(PHYSICS, SpendableAccount("Physics", None, False)), pages(4))
    assert isinstance(closed, Refuse)
    assert closed.reason is RefusalReason.ACCOUNT_CLOSED


def test_the_queues_selection_holds_for_whoever_has_none_of_their_own() -> None:
    queue = msgspec.structs.replace(QUEUE, selection=PHYSICS)
    account = SpendableAccount("Physics", None)
    assert decide(on_account(None, account), pages(4), queue) == Print(
        cost=Decimal("0.40"), account="Physics", costs=QUEUE.costs
    )
    own = Spendable("anna", Decimal("1.00"), selection=Selection())
    assert decide(Standing("anna", own, True, Decimal(0)), pages(4), queue) == Print(
        cost=Decimal("0.40"), account="anna", costs=QUEUE.costs
    )


def test_what_only_the_server_can_know_of_an_account_waits_for_it() -> None:
    rich = Spendable("anna", Decimal("10.00"), selection=Selection(SelectionMode.CHOOSE))
    assert isinstance(decide(Standing("anna", rich, True, Decimal(0)), pages(1)), Wait)
    named = Standing(
        "anna", msgspec.structs.replace(rich, selection=Selection(SelectionMode.ATTRIBUTE)), True, Decimal(0)
    )
    assert isinstance(decide_alone(QUEUE, CONDITIONS, asked(1, job_account_id="x"), named), Wait)
    assert isinstance(decide_alone(QUEUE, CONDITIONS, asked(1), named), Print)


def ruled(action: Action, **said: object) -> Queue:
    rule = Rule(id=7, name="seven", action=action, message="So it is.", **said)  # type: ignore[arg-type]
    return msgspec.structs.replace(QUEUE, rules=(rule,))


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        (ruled(Action.REFUSE), Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message="So it is.")),
        (ruled(Action.CONFIRM), Hold(reason="So it is.", rule=7)),
        (ruled(Action.TWO_SIDED), Change(rule=7, message="So it is.", two_sided=True)),
        (ruled(Action.REDIRECT, queue="hall"), Redirect(rule=7, queue="hall", message="So it is.")),
        (ruled(Action.REFUSE, people=People(groups=("Pupils",))), None),
        (
            ruled(Action.REFUSE, people=People(groups=("Staff",))),
            Refuse(reason=RefusalReason.ACCOUNT_AUTHORIZATION_FAILED, message="So it is."),
        ),
        (ruled(Action.REFUSE, conditions=Of(pages_over=4)), None),
        (ruled(Action.REFUSE, conditions=Of(weekdays=(2,))), None),
    ],
)
def test_rules_hold_while_the_server_is_away(queue: Queue, expected: Decision | None) -> None:
    answer = decide_alone(queue, CONDITIONS, replace(asked(4), groups=frozenset({"Staff"})), anna())
    if expected is None:
        assert isinstance(answer, Print)
    else:
        assert answer == expected


def test_a_rule_that_asks_what_was_printed_before_waits_for_the_server() -> None:
    limit = Limit(measure=Measure.SIDES, span=Span.DAY, most=Decimal(10))
    answer = decide_alone(ruled(Action.REFUSE, conditions=Of(limit=limit)), CONDITIONS, asked(4), anna())
    assert isinstance(answer, Wait)
    assert "what was printed in this day before" in answer.reason
    other_kind = ruled(Action.REFUSE, conditions=Of(limit=limit, colour=True))
    assert isinstance(decide_alone(other_kind, CONDITIONS, asked(4), anna()), Print)
