"""What people can spend, kept on disk: passes, cursors, and a damaged file."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from everprint.contract.failure_modes import Spendable, SpendableAccount, SpendablePage
from everprint.contract.selection import Selection, SelectionMode
from everprint.provider.offline.spendable_store import FILE_NAME, SpendableStore

ANNA = Spendable("anna", Decimal("1.2500"), None)
BEN = Spendable("ben", None, Decimal("3"), False)


def page(*users: Spendable, cursor: str = "c", more: bool = False, from_start: bool = False) -> SpendablePage:
    return SpendablePage(users=list(users), next=cursor, more=more, from_start=from_start)


def test_a_page_and_its_cursor_outlive_the_process(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    assert (store.cursor, store.is_complete, store.as_of) == ("", False, None)
    store.take(page(ANNA, BEN, cursor="17", from_start=True))
    store.close()
    again = SpendableStore(tmp_path)
    assert (again.cursor, again.is_complete) == ("17", True)
    assert again.as_of is not None
    assert (again.find("anna"), again.find("ben"), again.find("zoe")) == (ANNA, BEN, None)
    again.close()
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_how_accounts_are_selected_and_what_shared_ones_have_is_kept_too(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    chooses = Spendable("zoe", Decimal(1), selection=Selection(SelectionMode.SHARED, "Physics\\Laboratory: 2"))
    physics = SpendableAccount("Physics\\Laboratory: 2", Decimal("7.5"))
    store.take(SpendablePage(users=[chooses], next="1", more=False, accounts=[physics]))
    assert (store.find("zoe"), store.find_account(physics.name)) == (chooses, physics)
    store.take(SpendablePage(users=[], next="2", more=True))
    assert store.find_account(physics.name) == physics
    store.take(SpendablePage(users=[], next="3", more=False, accounts=[]))
    assert store.find_account(physics.name) is None
    store.close()


def test_everybody_is_known_only_after_the_last_page(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    store.take(page(ANNA, more=True, from_start=True))
    assert not store.is_complete
    store.take(page(BEN))
    assert store.is_complete
    store.close()


def test_a_later_pass_changes_what_it_tells_and_leaves_the_rest(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    store.take(page(ANNA, BEN, from_start=True))
    richer = Spendable("anna", Decimal(9))
    store.take(page(richer))
    assert (store.find("anna"), store.find("ben")) == (richer, BEN)
    store.close()


def test_who_is_not_in_a_new_pass_of_everybody_is_forgotten_at_its_end(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    store.take(page(ANNA, BEN, from_start=True))
    store.take(page(ANNA, more=True, from_start=True))
    assert store.find("ben") == BEN
    store.take(page())
    assert (store.find("anna"), store.find("ben")) == (ANNA, None)
    store.close()


def test_a_page_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    store = SpendableStore(tmp_path)
    store.take(page(ANNA, cursor="1", from_start=True))
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute(
        "CREATE TRIGGER no_ben BEFORE INSERT ON people WHEN NEW.user_name = 'ben' "
        "BEGIN SELECT raise(ABORT, 'no'); END"
    )
    with pytest.raises(sqlite3.Error):
        store.take(page(Spendable("anna", Decimal(0)), BEN, cursor="2"))
    assert (store.cursor, store.find("anna")) == ("1", ANNA)
    other.close()
    store.close()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all " * 1000)
    store = SpendableStore(tmp_path)
    assert (store.cursor, store.is_complete) == ("", False)
    store.take(page(ANNA, from_start=True))
    assert store.find("anna") == ANNA
    store.close()
