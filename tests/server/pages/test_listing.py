"""Sorting and paging by the query string, whatever it says."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.usefixtures("database")


def make_users(count: int) -> None:
    from everprint.server.people.models import User

    User.objects.bulk_create(User(name=f"user{number:03}", role="user") for number in range(count))


def listing_of(query: str, **bounds: int) -> Any:
    from everprint.server.pages.listing import Column, arrange
    from everprint.server.people.models import User

    columns = (Column("name", "User", "name"), Column("role", "Role", "role"), Column("groups", "Groups"))
    return arrange(User.objects.all(), columns, QueryDict(query), default="name", size=10, **bounds)


def test_pages_follow_each_other_without_gap_or_repetition() -> None:
    make_users(25)
    seen, query = [], "role=user"
    while query:
        listing = listing_of(query.removeprefix("?"))
        seen += [user.name for user in listing.rows]
        query = listing.next_url
    assert seen == [f"user{number:03}" for number in range(25)]


def test_rows_that_compare_equal_keep_their_order_over_pages() -> None:
    make_users(25)
    seen, query = [], "sort=-role"
    while query:
        listing = listing_of(query.removeprefix("?"))
        seen += [user.name for user in listing.rows]
        query = listing.next_url
    assert len(set(seen)) == 25


def test_a_page_says_where_it_stands() -> None:
    make_users(25)
    listing = listing_of("page=3")
    assert (listing.first, listing.last, listing.count, listing.count_is_more) == (21, 25, 25, False)
    assert (listing.previous_url, listing.next_url) == ("?page=2", "")


def test_links_keep_the_filter_and_forget_the_page() -> None:
    make_users(25)
    listing = listing_of("text=a%26b&page=2&sort=-name")
    assert listing.query == "text=a%26b&sort=-name"
    assert listing.headers[0].url == "?text=a%26b&sort=name"
    assert listing.headers[0].sorted == "descending"
    assert listing.headers[2].url == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["page", "sort", "text"]), st.text(max_size=20)))
def test_no_query_string_is_an_error(values: dict[str, str]) -> None:
    query = QueryDict(mutable=True)
    query.update(values)
    assert listing_of(query.urlencode()).headers[0].title == "User"


def test_very_long_lists_are_counted_up_to_a_bound() -> None:
    make_users(25)
    listing = listing_of("page=99", counted_up_to=20)
    assert (listing.count, listing.count_is_more, listing.first) == (20, True, 11)


@pytest.mark.parametrize(("rows", "statements"), [(0, 1), (1, 2), (10, 2), (11, 3), (25, 3)])
def test_rows_that_fit_on_the_first_page_are_not_looked_for_again_to_count_them(rows: int, statements: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_users(rows)
    with CaptureQueriesContext(connection) as asked:
        listing = listing_of("")
    assert len(asked) == statements
    assert (listing.count, len(listing.rows), bool(listing.next_url)) == (rows, min(rows, 10), rows > 10)


def test_a_choice_among_many_names_is_written_as_any_other() -> None:
    from django import forms

    from everprint.server.pages.forms.filters import FilterForm, NamedChoice
    from everprint.server.people.models import Group

    groups = [Group.objects.create(name=name) for name in ("Art & <Music>", "Law")]

    class Lean(FilterForm):
        group = NamedChoice(required=False, queryset=Group.objects.order_by("name"), empty_label="Any")

    class Usual(FilterForm):
        group = forms.ModelChoiceField(required=False, queryset=Group.objects.order_by("name"), empty_label="Any")

    for query in ("", f"group={groups[1].pk}", "group=0", "group=x"):
        lean, usual = Lean(QueryDict(query)), Usual(QueryDict(query))
        assert "".join(str(lean["group"]).split()) == "".join(str(usual["group"]).split())
        assert lean.said("group") == usual.said("group")


@pytest.mark.parametrize(
    ("order_by", "is_said"),
    [("number", False), ("submitted_at", False), ("printer__name", False), ("pages", True), ("owner__name", True)],
)
def test_unknown_values_are_last_and_said_so_only_of_columns_that_know_them(order_by: str, is_said: bool) -> None:
    """PostgreSQL reads no index backwards for an order that says where unknown values are."""
    from everprint.server.jobs.models import Job
    from everprint.server.pages.listing import Column, in_order

    columns = (Column("it", "It", order_by),)
    for sort in ("it", "-it"):
        ordered = in_order(Job.objects.all(), columns, QueryDict(f"sort={sort}"), default="it")
        assert ("NULLS LAST" in str(ordered.query)) is is_said


def test_jobs_of_some_days_are_read_from_those_days_on() -> None:
    from everprint.server.pages.views.jobs import NEWEST_FIRST, NEWEST_OF_DAYS_FIRST, JobFilterForm

    assert JobFilterForm(QueryDict("")).default_order == NEWEST_FIRST
    assert JobFilterForm(QueryDict("first_day=nonsense")).default_order == NEWEST_FIRST
    assert JobFilterForm(QueryDict("first_day=2026-11-01")).default_order == NEWEST_OF_DAYS_FIRST
    assert JobFilterForm(QueryDict("last_day=2026-11-01")).default_order == NEWEST_OF_DAYS_FIRST
