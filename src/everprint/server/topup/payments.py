"""Payments through a gateway: begun here, made there, booked when the gateway's signed notice comes.

The interface is small (docs/reference/payment-gateway.md). People are sent to the gateway's address with what they
want to pay, signed; the gateway posts a notice, signed under the same secret. A notice is idempotent: its payment's
booking has one key. Its amount and currency must be those of the payment, or nothing is booked.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

import msgspec
from django.utils import timezone

from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.ledger import adjust
from everprint.server.accounts.models import TransactionKind
from everprint.server.accounts.money import NotExact, plain, to_units
from everprint.server.database import transact
from everprint.server.installation.settings import read_settings
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.models import User
from everprint.server.topup.models import Payment, PaymentState

log = logging.getLogger(__name__)

SIGNATURE = "Everprint-Signature"
LARGEST_NOTICE = 4096


class BadPayment(Worded, ValueError):
    """A payment that cannot be begun; the text says why."""


class BadNotice(ValueError):
    """A notice that is not believed: its signature, its form, or its amount is wrong."""


class Notice(msgspec.Struct, frozen=True):
    """What a gateway says of a payment, as JSON."""

    payment: str
    amount: str
    currency: str
    paid: bool
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where people pay, and the secret that both sides sign with."""

    address: str
    secret: str

    def sign(self, octets: bytes) -> str:
        """The signature of what one side says to the other."""
        return hmac.new(self.secret.encode(), octets, hashlib.sha256).hexdigest()

    def is_signed(self, octets: bytes, signature: str) -> bool:
        """True if the other side said it."""
        return hmac.compare_digest(self.sign(octets).encode(), signature.encode("utf-8", "replace"))


def begin_payment(user: User, amount: Decimal, currency: str) -> Payment:
    """A payment that the user goes to the gateway for.

    Raises BadPayment.
    """
    try:
        to_units(amount)
    except NotExact as error:
        raise BadPayment(str(error)) from None
    most = read_settings().largest_payment
    if not 0 < amount <= most:
        raise BadPayment(_("pay more than 0 and at most %(amount)s"), amount=Decimal(plain(most)))
    return Payment.objects.create(user=user, account=open_personal_account(user), amount=amount, currency=currency)


def address_to_pay(gateway: Gateway, payment: Payment, back: str) -> str:
    """Where the user's browser goes: the gateway's address, with the payment and a signature of it."""
    query = urlencode(
        {"payment": str(payment.pk), "amount": plain(payment.amount), "currency": payment.currency, "return": back}
    )
    return f"{gateway.address}?{query}&signature={gateway.sign(query.encode())}"


def take_notice(gateway: Gateway, octets: bytes, signature: str) -> Payment:
    """What the gateway says; the payment as it is then. Taken as often as it is sent, booked once.

    Raises BadNotice.
    """
    if len(octets) > LARGEST_NOTICE or not gateway.is_signed(octets, signature):
        log.warning("payment notice refused: wrong signature")
        raise BadNotice("the signature is wrong")
    try:
        notice = msgspec.json.decode(octets, type=Notice)
        number = uuid.UUID(notice.payment)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadNotice(f"this is no notice: {error}") from None

    def work() -> Payment:
        payment = Payment.objects.select_for_update().filter(pk=number).first()
        if payment is None:
            raise BadNotice(f"there is no payment {number}")
        if (notice.amount, notice.currency) != (plain(payment.amount), payment.currency):
            log.error("payment notice refused: wrong amount payment=%s said=%s", number, notice.amount[:40])
            raise BadNotice(f"the payment is of {plain(payment.amount)} {payment.currency}")
        _apply(payment, notice)
        return payment

    return transact(work)


def _apply(payment: Payment, notice: Notice) -> None:
    """What was paid stays paid, whatever is said later; what was declined may be paid after all."""
    if payment.state == PaymentState.PAID:
        return
    payment.state = (PaymentState.PAID if notice.paid else PaymentState.DECLINED).value
    payment.reference, payment.ended_at = notice.reference[:100], timezone.now()
    payment.save(update_fields=["state", "reference", "ended_at"])
    if notice.paid:
        comment = f"paid through the gateway {payment.reference}".strip()
        key = f"payment:{payment.pk}"
        adjust(payment.account_id, payment.amount, comment, payment.user, key, kind=TransactionKind.TOP_UP)
        log.info("payment booked payment=%s amount=%s", payment.pk, payment.amount)
