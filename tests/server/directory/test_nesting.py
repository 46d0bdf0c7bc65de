"""Groups in groups, also deep, also in a circle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from everprint.server.directory.nesting import groups_of_members


def test_a_member_is_in_the_groups_above_its_own() -> None:
    found = groups_of_members({"class": {"alice"}, "year": {"class", "bob"}, "school": {"year"}, "choir": {"bob"}})
    assert found["alice"] == {"class", "year", "school"}
    assert found["bob"] == {"year", "school", "choir"}
    assert found["class"] == {"year", "school"}


def test_groups_in_each_other_are_one_for_their_members() -> None:
    found = groups_of_members({"a": {"b", "alice"}, "b": {"a"}})
    assert found["alice"] == {"a", "b"}


@given(st.dictionaries(st.integers(0, 8).map(str), st.sets(st.integers(0, 12).map(str))))
def test_a_member_of_a_group_is_in_all_that_the_group_is_in(direct: dict[str, set[str]]) -> None:
    found = groups_of_members(direct)
    for group, members in direct.items():
        for member in members:
            assert {group} | found.get(group, set()) <= found[member]
