"""Payments: booked once, when the gateway's signed notice says so and says the right amount."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import pytest
from django.test import Client

from tests.server.api.program import program
from tests.server.pages.signed_in import SignedIn
from tests.server.world import audit_is_clean, balance_of

if TYPE_CHECKING:
    from everprint.server.topup.models import Payment
    from everprint.server.topup.payments import Gateway

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The test gateway, switched on."""
    from everprint.server.settings import CONFIGURATION
    from everprint.server.topup import configured

    monkeypatch.setattr(configured, "CONFIGURATION", msgspec.structs.replace(CONFIGURATION, payment_url="test"))
    found = configured.configured_gateway()
    assert found is not None
    return found


def begun(amount: str = "12.50") -> Payment:
    from everprint.server.people.users import create_user
    from everprint.server.topup.payments import begin_payment

    return begin_payment(create_user("ann"), Decimal(amount), "EUR")


def notice(payment: Payment, /, **changes: Any) -> bytes:
    said = {"payment": str(payment.pk), "amount": "12.50", "currency": "EUR", "paid": True, "reference": "r-1"}
    return msgspec.json.encode({**said, **changes})


def post(octets: bytes, signature: str) -> int:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    answer = client.post(
        "/payments/notice", octets, content_type="application/json", headers={"Everprint-Signature": signature}
    )
    return answer.status_code


def test_a_notice_that_comes_again_and_again_is_booked_once(gateway: Gateway) -> None:
    payment = begun()
    octets = notice(payment)
    assert [post(octets, gateway.sign(octets)) for _ in range(3)] == [200, 200, 200]
    assert balance_of("ann") == Decimal("12.50")
    declined = notice(payment, paid=False)
    assert post(declined, gateway.sign(declined)) == 200
    payment.refresh_from_db()
    assert (payment.state, payment.reference, balance_of("ann")) == ("paid", "r-1", Decimal("12.50"))
    audit_is_clean()


def test_what_was_declined_may_be_paid_after_all(gateway: Gateway) -> None:
    payment = begun()
    for paid, balance in ((False, "0"), (True, "12.50")):
        octets = notice(payment, paid=paid)
        assert post(octets, gateway.sign(octets)) == 200
        assert balance_of("ann") == Decimal(balance)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "12.51"},
        {"amount": "12.5"},
        {"currency": "USD"},
        {"payment": str(uuid.UUID(int=1))},
        {"payment": "x"},
    ],
)
def test_a_notice_of_something_else_books_nothing(gateway: Gateway, changes: dict[str, str]) -> None:
    octets = notice(begun(), **changes)
    assert post(octets, gateway.sign(octets)) == 400
    assert balance_of("ann") == 0


def test_a_notice_that_the_gateway_did_not_sign_books_nothing(gateway: Gateway) -> None:
    payment = begun()
    octets = notice(payment)
    other = notice(payment, reference="r-2")
    for signature in ("", "0" * 64, gateway.sign(other), "\u00fc"):
        assert post(octets, signature) == 400
    large = notice(payment, reference="x" * 5000)
    assert post(large, gateway.sign(large)) == 400
    assert balance_of("ann") == 0


def test_without_a_gateway_nobody_can_pay_and_no_notice_is_taken() -> None:
    payment = begun()
    ann = SignedIn(payment.user)
    ann.see("/me/pay", 404)
    ann.see("/payments/test", 404)
    assert "Pay in" not in ann.see("/me")
    assert post(notice(payment), "x") == 404
    assert program("user").refused("POST", "/payments", {"amount": "1.00"}) == (409, "no-gateway")


def test_somebody_pays_at_the_test_gateway_and_comes_back(gateway: Gateway) -> None:
    from everprint.server.people.users import create_user
    from everprint.server.topup.models import Payment

    ann, mallory = SignedIn(create_user("ann")), SignedIn(create_user("mallory"))
    assert "more than 0 and at most €100.00" in ann.send("/me/pay", amount="100.01")
    leads_to = ann.client.post("/me/pay", {"amount": "20"})["Location"]
    assert urlsplit(leads_to).path == "/payments/test"
    assert "Pay €20.00?" in ann.see(leads_to)
    ann.see(leads_to.replace("amount=20.00", "amount=90.00"), 404)
    mallory.see(leads_to, 404)
    payment = Payment.objects.get()
    assert "not said yet" in ann.see(f"/me/payments/{payment.pk}")
    assert "€20.00 were added to your balance" in ann.send(leads_to, pay="1")
    assert "paid through the gateway test" in ann.see("/me/statement")
    mallory.see(f"/me/payments/{payment.pk}", 404)


def test_a_program_begins_a_payment_for_its_owner_whose_browser_pays(gateway: Gateway) -> None:
    ann, mallory = program("user"), program("user")
    assert ann.refused("POST", "/payments", {"amount": "100.01"}) == (422, "bad-payment")
    begun = ann.done("POST", "/payments", {"amount": "20"})
    pay_at = urlsplit(begun["pay_at"])
    assert (pay_at.netloc, pay_at.path) == ("localhost", "/payments/test")
    mine = f"/payments/{begun['payment']['id']}"
    assert (ann.get(mine)["state"], ann.get(mine)["amount"]) == ("begun", "20.00")
    assert mallory.refused("GET", mine) == (404, "not-found")
    assert "were added to your balance" in SignedIn(ann.user).send(f"{pay_at.path}?{pay_at.query}", pay="1")
    assert [(paid["state"], paid["currency"]) for paid in ann.get("/payments")["items"]] == [("paid", "EUR")]
    assert mallory.get("/payments")["items"] == []
    assert balance_of(ann.user.name) == 20


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"payment_url": "http://pay.example/"}, "payment_url"),
        ({"payment_url": "https://pay.example/?x=1"}, "payment_url"),
        ({"payment_url": "https://pay.example/", "payment_secret": "short"}, "payment_secret"),
    ],
)
def test_a_gateway_that_cannot_be_trusted_is_refused_at_start(
    said: dict[str, str], names: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.configuration import ConfigurationError
    from everprint.server.configuration import read_server_settings

    for key, value in said.items():
        monkeypatch.setenv(f"EVERPRINT_SERVER_{key.upper()}", value)
    with pytest.raises(ConfigurationError, match=names):
        read_server_settings()
