"""One spelling per person (rule of CVE-2026-27447): folded once, and look-alikes refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.contract.user_names import LONGEST, BadUserName, canonical_user_name


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("alice", "alice"),
        ("  Alice \n", "alice"),
        ("ALICE", "alice"),
        ("\uff21\uff2c\uff29\uff23\uff25", "alice"),  # full-width letters
        ("José", "josé"),
        ("Jose\u0301", "josé"),  # the accent as a character of its own
        ("Straße", "straße"),  # not the same person as strasse
        ("müller.k_2@school.example", "müller.k_2@school.example"),
        ("O'Brien", "o'brien"),
        ("Anna Maria", "anna maria"),
        ("Дмитрий", "дмитрий"),
        ("田中", "田中"),
        ("たなか太郎", "たなか太郎"),
    ],
)
def test_a_name_has_one_spelling(written: str, canonical: str) -> None:
    assert canonical_user_name(written) == canonical


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "al\u0456ce",  # a Cyrillic letter among Latin ones
        "\u03b1lice",  # a Greek one
        "alice\x00",
        "ali\u200bce",  # zero width
        "alice\u202e",  # right-to-left override
        "ali\nce",
        "al  ice",
        "alice/../root",
        "DOMAIN\\alice",
        "alice\u0338\u0338",
        "\u0301alice",
        "alice;",
        "😀",
        "a" * (LONGEST + 1),
        "a" * 1_000_000,
    ],
)
def test_what_could_be_taken_for_another_name_is_refused(name: str) -> None:
    with pytest.raises(BadUserName):
        canonical_user_name(name)


@given(st.text(max_size=300))
def test_the_canonical_spelling_of_a_canonical_name_is_itself(text: str) -> None:
    try:
        name = canonical_user_name(text)
    except BadUserName:
        return
    assert canonical_user_name(name) == name
    assert len(name) <= LONGEST
    assert name == name.strip()


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüéèñ", min_size=1, max_size=20))
def test_capitals_make_no_difference(name: str) -> None:
    assert canonical_user_name(name.upper()) == canonical_user_name(name.title()) == canonical_user_name(name)
