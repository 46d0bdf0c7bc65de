"""Commits numbers one after the other and remembers which of them PostgreSQL acknowledged: those must never be gone.

What Everprint's parts tell each other once more may heal what a database lost. This witness tells nothing again.
"""

from __future__ import annotations

import threading
import time

import psycopg

from rig.network import Machine
from rig.waiting import wait_for

_PACE_S = 0.05
_PAUSE_S = 0.2


class CommitWitness(threading.Thread):
    """Runs until `enough` is set. A commit of which nobody knows what became is not counted, nor tried again."""

    def __init__(self, url: str, machine: Machine) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._machine = machine
        self.acknowledged: list[int] = []
        self.enough = threading.Event()

    def run(self) -> None:
        number = 0
        with self._machine.inside():
            while not self.enough.is_set():
                try:
                    with psycopg.connect(self._url, autocommit=True) as connection:
                        connection.execute("CREATE TABLE IF NOT EXISTS commit_witness (number bigint PRIMARY KEY)")
                        while not self.enough.wait(_PACE_S):
                            number += 1
                            connection.execute("INSERT INTO commit_witness VALUES (%s)", [number])
                            self.acknowledged.append(number)
                except psycopg.Error:
                    time.sleep(_PAUSE_S)

    def lost(self) -> list[int]:
        """What was acknowledged and is not there. Asked by whoever is on the machine, when all is over."""
        (there,) = wait_for("the database to say what it has", self._there, within_s=240, every_s=0.5)
        return [number for number in self.acknowledged if number not in there]

    def _there(self) -> tuple[frozenset[int]] | None:
        try:
            with psycopg.connect(self._url, autocommit=True) as connection:
                return (frozenset(row[0] for row in connection.execute("SELECT number FROM commit_witness")),)
        except psycopg.errors.UndefinedTable:  # that is lost, too
            return (frozenset(),)
        except psycopg.Error:
            return None
