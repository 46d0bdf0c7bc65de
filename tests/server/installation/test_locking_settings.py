"""Who reads settings, compares and changes them is alone with them, also before any was ever changed."""

from __future__ import annotations

import threading
from decimal import Decimal

from tests.server.conftest import Database

SOON_S = 0.5


def test_a_change_waits_for_who_has_read_them_first(database: Database) -> None:
    from django.db import connection

    from everprint.server.database import transact
    from everprint.server.installation.settings import change_settings, lock_settings, read_settings

    changed = threading.Event()

    def change() -> None:
        change_settings({"overdraft": Decimal(3)})
        changed.set()
        connection.close()

    other = threading.Thread(target=change)

    def read_and_change() -> None:
        lock_settings()
        before = read_settings().overdraft
        other.start()
        assert not changed.wait(SOON_S)
        assert read_settings().overdraft == before
        change_settings({"overdraft": Decimal(5)})

    transact(read_and_change)
    other.join(timeout=30)
    assert changed.is_set()
    assert read_settings().overdraft == 3
