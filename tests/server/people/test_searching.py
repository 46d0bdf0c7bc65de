"""People are found by any part of their name or address, whatever stands in it, and on PostgreSQL by an index."""

from __future__ import annotations

import pytest

from tests.server.conftest import KIND, Database

pytestmark = pytest.mark.usefixtures("people")

PEOPLE = {
    "anna": ("Anna Schmidt", "anna@campus.example"),
    "bob": ("50% Bob_By", "bob@campus.example"),
    "carl": ("Carl O'Neil \\ Sons", ""),
}


def found(text: str) -> list[str]:
    from everprint.server.people.queries import users_matching

    return sorted(user.name for user in users_matching(text))


@pytest.fixture
def people(database: Database) -> None:
    from everprint.server.people.changes import change_user
    from everprint.server.people.users import create_user

    for name, (full_name, email) in PEOPLE.items():
        change_user(create_user(name).pk, {"full_name": full_name, "email": email}, None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("schmi", ["anna"]),
        ("A SCHM", ["anna"]),
        ("Campus.Example", ["anna", "bob"]),
        ("50%", ["bob"]),
        ("b_b", ["bob"]),
        ("n_n", []),  # no pattern
        ("o'neil \\", ["carl"]),
        ("nn", ["anna"]),  # too short for the index
        ("annaanna", []),  # not across two texts
    ],
)
def test_a_part_of_a_text_finds_them(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.skipif(KIND != "postgresql", reason="SQLite has no such index")
def test_postgresql_looks_in_its_index() -> None:
    from django.db import connection, transaction

    from everprint.server.people.queries import users_matching

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = users_matching("schmi").order_by("name").explain()
    assert "user_by_part_of_name" in plan, plan
