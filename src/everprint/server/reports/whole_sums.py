"""How the database sums whole numbers of 64 bits: exactly, and in little memory.

PostgreSQL's own sum of them is a `numeric`, which takes more memory and time than all else in a report with a row for
each person. So it is given an aggregate whose state is such a number itself: the same sum, or an error where it would
not fit (above 9 * 10^18). SQLite's own sum is that already.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

_NAME = "everprint_whole_sum"


def put_up_whole_sum(database: BaseDatabaseWrapper) -> None:
    """Makes the aggregate, if the database needs it and lacks it."""
    if database.vendor != "postgresql":
        return
    with database.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE AGGREGATE {_NAME}(bigint) "
            "(SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE)"
        )


def whole_sum() -> str:
    """What the sum is called in a statement."""
    return _NAME if connection.vendor == "postgresql" else "sum"
