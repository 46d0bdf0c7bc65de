"""Whose preset counts, and what it has against a job."""

from __future__ import annotations

import pytest

from everprint.contract.presets import Preset, objection, preset_of
from everprint.documents.result import Output, Sides

PUPILS = Preset(name="pupils", users=("anna", "ben"), colour=False, most_copies=3)
REST = Preset(name="rest", two_sided_only=True)


@pytest.mark.parametrize(
    ("user", "presets", "expected"),
    [
        ("anna", (PUPILS, REST), "pupils"),
        ("\uff21nna", (PUPILS, REST), "pupils"),  # any spelling of the name
        ("zoe", (PUPILS, REST), "rest"),
        ("anna", (REST, PUPILS), "rest"),
        ("zoe", (PUPILS,), None),
        ("", (PUPILS,), None),
        ("a\x00", (PUPILS, REST), "rest"),  # a name that nobody can have is nobody's exception
        ("anna", (Preset(name="empty", users=()), PUPILS), "pupils"),
    ],
)
def test_the_first_preset_that_somebody_is_in_counts(
    user: str, presets: tuple[Preset, ...], expected: str | None
) -> None:
    found = preset_of(presets, user)
    assert (found.name if found else None) == expected


def output(colour: int) -> Output:
    kinds = ((False, 4 - colour), (True, colour))
    return Output(sheets=4, sides=tuple(Sides("iso_a4_210x297mm", kind, False, count) for kind, count in kinds))


@pytest.mark.parametrize(
    ("preset", "colour", "copies", "sides", "against"),
    [
        (None, 4, 99, "one-sided", ""),
        (PUPILS, 0, 3, "one-sided", ""),
        (PUPILS, 1, 1, "one-sided", "1 of its sides are in colour"),
        (PUPILS, 0, 4, "one-sided", "4 copies, and you may print 3"),
        (REST, 4, 99, "two-sided-short-edge", ""),
        (REST, 0, 1, "one-sided", "both sides only"),
    ],
)
def test_objections(preset: Preset | None, colour: int, copies: int, sides: str, against: str) -> None:
    said = objection(preset, output(colour), copies, sides)
    assert against in said
    assert bool(against) is bool(said)


def test_what_cannot_be_counted_is_not_known_to_be_in_colour() -> None:
    assert objection(PUPILS, None, 1, "one-sided") == ""
