"""What a sync changes, by tables: nobody is made twice, taken for another, or let go by mistake."""

from __future__ import annotations

import pytest

from everprint.server.directory.people import DirectoryPerson
from everprint.server.directory.plan import Change, Kind, KnownPerson, TooManyGone, check_not_too_many, plan

ALICE = DirectoryPerson("k1", "alice", "Alice Adams", "alice@example.org", frozenset({"Year 12"}))
KNOWN = KnownPerson(1, "k1", "alice", "Alice Adams", "alice@example.org", frozenset({"Year 12"}))


def only(people: list[DirectoryPerson], known: list[KnownPerson], others: dict[str, int] | None = None) -> Change:
    """The one change."""
    made = plan(people, known, others or {})
    assert made.problems == ()
    (change,) = made.changes
    return change


def test_who_is_as_the_directory_says_is_left_alone() -> None:
    assert plan([ALICE], [KNOWN], {}).changes == ()


def test_whoever_is_not_here_is_made() -> None:
    change = only([ALICE], [])
    assert (change.kind, change.user, change.before) == (Kind.NEW, None, {})
    assert change.after == {"full_name": "Alice Adams", "email": "alice@example.org", "groups": ["Year 12"]}


def test_a_user_of_the_same_name_becomes_the_directorys() -> None:
    change = only([ALICE], [], {"alice": 7})
    assert (change.kind, change.user, change.after["full_name"]) == (Kind.ADOPTED, 7, "Alice Adams")


def test_who_is_called_otherwise_is_the_same_person_by_their_key() -> None:
    change = only([DirectoryPerson("k1", "alice.brown", "Alice Brown")], [KNOWN])
    assert (change.kind, change.user, change.name) == (Kind.CHANGED, 1, "alice")
    assert change.after == {"name": "alice.brown", "full_name": "Alice Brown", "groups": []}


def test_who_is_gone_is_let_go_once_and_may_come_back() -> None:
    assert only([], [KNOWN]).kind is Kind.GONE
    gone = KnownPerson(1, "k1", "alice", "Alice Adams", "alice@example.org", frozenset({"Year 12"}), left=True)
    assert plan([], [gone], {}).changes == ()
    assert only([ALICE], [gone]).after == {"in_directory": True}


@pytest.mark.parametrize(
    ("others", "taken"), [({"alice.brown": 9}, {}), ({}, {"alice.brown": 9})], ids=["another user", "a former name"]
)
def test_nobody_gets_a_name_that_is_somebody_elses(others: dict[str, int], taken: dict[str, int]) -> None:
    made = plan([DirectoryPerson("k1", "alice.brown")], [KNOWN], others, taken)
    assert made.changes == ()
    assert [problem.where for problem in made.problems] == ["alice"]


def test_who_was_called_so_before_may_be_again() -> None:
    made = plan([DirectoryPerson("k1", "alice.brown")], [KNOWN], {}, {"alice.brown": 1})
    assert [change.kind for change in made.changes] == [Kind.CHANGED]


def test_another_person_with_the_name_of_one_who_is_here_is_not_taken_for_them() -> None:
    made = plan([ALICE, DirectoryPerson("k2", "alice")], [KNOWN], {})
    assert made.changes == ()
    assert len(made.problems) == 1


@pytest.mark.parametrize(("here", "gone", "fits"), [(100, 10, True), (100, 11, False), (6, 5, True), (6, 6, False)])
def test_a_directory_that_lacks_too_many_is_not_believed(here: int, gone: int, fits: bool) -> None:
    known = [KnownPerson(number, f"k{number}", f"user-{number}") for number in range(here)]
    made = plan([DirectoryPerson(person.key, person.name) for person in known[gone:]], known, {})
    if fits:
        check_not_too_many(made, known, 10)
    else:
        with pytest.raises(TooManyGone, match=f"{gone} of {here} people"):
            check_not_too_many(made, known, 10)
