"""Copies rows inside a PostgreSQL database, many at once; and the few questions that need only a number."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg


class Copying:
    """One connection to the database that is filled."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def run(self, statement: str) -> None:
        """Runs a statement; all of them are ours, with numbers in them that are ours too."""
        self.connection.execute(statement.encode())

    def number(self, statement: str, *values: object) -> int:
        """The one number that the statement finds.

        Raises LookupError.
        """
        row = self.connection.execute(statement.encode(), values or None).fetchone()
        if row is None:
            raise LookupError(f"nothing is found by {statement} with {values}")
        return int(row[0])

    def last(self, table: str, key: str) -> int:
        """The largest key there is; 0 if there is none."""
        return self.number(f"SELECT COALESCE(max({key}), 0) FROM {table}")

    def copy(
        self,
        table: str,
        different: Mapping[str, str | None],
        *,
        which: str,
        copies: str,
        order: str = "copy.n, original.place",
    ) -> None:
        """Makes a copy of the rows `which` for each row of `copies`, a FROM item named *copy*.

        Every column is as in `original`, but those that are `different`: an expression over *original* and *copy*, or
        None, and then the column is left to its default. `original.place` counts the originals from 1 by their age.
        """
        columns = self._columns(table)
        if unknown := different.keys() - set(columns):
            raise LookupError(f"{table} has no column {', '.join(sorted(unknown))} any more")
        written = [name for name in columns if different.get(name, "") is not None]
        values = ", ".join(different.get(name) or f"original.{name}" for name in written)
        key = columns[0]
        self.run(
            f"INSERT INTO {table} ({', '.join(written)}) SELECT {values} "
            f"FROM {copies}, (SELECT row_number() OVER (ORDER BY {key}) AS place, * FROM {table} WHERE {which}) "
            f"AS original ORDER BY {order}"
        )

    def renew_sequences(self) -> None:
        """So that the next row that the server makes comes after the copies."""
        columns = self.connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND is_identity = 'YES'"
        ).fetchall()
        for table, column in columns:
            self.run(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {self.last(table, column) + 1})")

    def _columns(self, table: str) -> list[str]:
        found = self.connection.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
            (table,),
        )
        return [str(name) for (name,) in found]
