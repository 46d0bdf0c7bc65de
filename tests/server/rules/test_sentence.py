"""Rules read as sentences."""

from __future__ import annotations

from decimal import Decimal

import pytest

from everprint.contract.rules import Action, Conditions, Limit, Measure, People, Rule, Span, Whose


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("rule", "printers", "expected"),
    [
        (Rule(id=1, name="a", action=Action.REFUSE), [], "For every job: refuse it."),
        (
            Rule(id=1, name="a", action=Action.REFUSE, conditions=Conditions(pages_over=50), message="Too long."),
            [],
            "If it has more than 50 pages: refuse it, saying “Too long.”",
        ),
        (
            Rule(
                id=1,
                name="a",
                action=Action.GREY,
                conditions=Conditions(colour=True, copies_over=1),
                people=People(groups=("Pupils", "Guests")),
                except_people=People(users=("anna",)),
            ),
            ["office", "hall"],
            "On office or hall, if its owner is in Pupils or in Guests, it asks for more than 1 copy and it has "
            "colour, unless its owner is anna: print it in grey.",
        ),
        (
            Rule(
                id=1,
                name="a",
                action=Action.REDIRECT,
                queue="basement",
                conditions=Conditions(weekdays=(7, 6), from_minute=1320, until_minute=390, languages=("PDF",)),
            ),
            ["office"],
            "On office, if it is PDF, today is Saturday or Sunday and it is between 22:00 and 06:30: "
            "send it to basement.",
        ),
        (
            Rule(
                id=1,
                name="a",
                action=Action.CONFIRM,
                message="Sure",
                conditions=Conditions(
                    name_has=("thesis",),
                    cost_over=Decimal("2.5"),
                    limit=Limit(measure=Measure.SIDES, span=Span.DAY, most=Decimal(100)),
                ),
            ),
            [],
            "If it costs more than 2.50 EUR, its name has “thesis” in it and its owner prints more than 100 sides "
            "today with it: ask its owner to confirm it, saying “Sure”.",
        ),
        (
            Rule(
                id=1,
                name="a",
                action=Action.REFUSE,
                people=People(groups=("7a",)),
                conditions=Conditions(
                    limit=Limit(measure=Measure.COST, span=Span.MONTH, most=Decimal(20), whose=Whose.GROUP)
                ),
            ),
            [],
            "If its owner is in 7a and the group prints for more than 20.00 EUR this month with it: refuse it.",
        ),
        (
            Rule(id=1, name="a", action=Action.ALLOW, people=People()),
            [],
            "If its owner is nobody: let it through, and look at no later rule.",
        ),
    ],
)
def test_sentences(rule: Rule, printers: list[str], expected: str) -> None:
    from everprint.server.rules.sentence import sentence

    assert sentence(rule, printers, "EUR") == expected
