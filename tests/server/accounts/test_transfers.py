"""Credit from one person to another."""

from __future__ import annotations

import threading
import uuid
from decimal import Decimal

import pytest

from tests.server.pages.signed_in import SignedIn
from tests.server.world import audit_is_clean, balance_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def allowed(database: object) -> None:
    """Transfers are switched on."""
    from everprint.server.installation.settings import change_settings

    change_settings({"transfers": True})


def test_credit_moves_once_for_a_key_and_never_beyond_the_balance() -> None:
    from everprint.server.accounts.holders import set_limits
    from everprint.server.accounts.ledger import KeyReused
    from everprint.server.accounts.transfers import BadTransfer, transfer
    from everprint.server.people.users import create_user

    ann, ben = create_user("ann", credit=Decimal(3)), create_user("ben")
    set_limits(ann.account.pk, restricted=False)
    for _ in range(2):
        assert transfer(ann, ben, Decimal(2), "lunch", "k") == 1
    with pytest.raises(KeyReused):
        transfer(ann, ben, Decimal(1), "lunch", "k")
    with pytest.raises(KeyReused):  # nobody is told that it went to somebody who has nothing of it
        transfer(ann, create_user("cleo"), Decimal(2), "lunch", "k")
    with pytest.raises(BadTransfer, match=r"at most 1\.00"):
        transfer(ann, ben, Decimal(2), "", "k2")
    for taker, amount in ((ann, "1"), (None, "1"), (ben, "-1"), (ben, "0"), (ben, "0.00001")):
        with pytest.raises(BadTransfer):
            transfer(ann, taker, Decimal(amount), "", "k3")
    assert (balance_of("ann"), balance_of("ben")) == (1, 2)
    audit_is_clean()


def test_two_who_give_to_each_other_at_once_lose_nothing() -> None:
    from django.db import connection

    from everprint.server.accounts.transfers import BadTransfer, transfer
    from everprint.server.people.users import create_user

    ann, ben = create_user("ann", credit=Decimal(5)), create_user("ben", credit=Decimal(5))
    surprises: list[BaseException] = []

    def give(giver: object, taker: object) -> None:
        try:
            for _ in range(6):
                try:
                    transfer(giver, taker, Decimal(1), "", str(uuid.uuid4()))  # type: ignore[arg-type]
                except BadTransfer:
                    continue
        except BaseException as error:
            surprises.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=pair) for pair in ((ann, ben), (ben, ann))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert surprises == []
    assert balance_of("ann") + balance_of("ben") == 10
    audit_is_clean()


def test_somebody_gives_credit_on_their_page_and_print_servers_hear_of_both() -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.people.users import create_user
    from everprint.server.providers.spendable import spendable_after

    create_user("ben")
    ann = SignedIn(create_user("ann", credit=Decimal(3)))
    cursor = spendable_after("").next
    assert "no other user" in ann.fill("/me/transfer", user="nobody", amount="1")
    assert "€2.00 were given to Ben" in ann.fill("/me/transfer", user="Ben", amount="2", comment="lunch")
    assert "from ann to ben: lunch" in ann.see("/me/statement")
    assert {row.user_name: row.amount for row in spendable_after(cursor).users} == {"ann": 1, "ben": 2}
    change_settings({"transfers": False})
    ann.see("/me/transfer", 404)
