"""Paying in through the payment gateway: begun here, paid there by its owner's browser, and looked at here."""

from __future__ import annotations

import uuid
from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import AmountFromZero, Body, Money
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.api.problem import Refused
from everprint.server.pages.person import person
from everprint.server.settings import CONFIGURATION
from everprint.server.topup.configured import configured_gateway
from everprint.server.topup.models import Payment, PaymentState
from everprint.server.topup.payments import address_to_pay, begin_payment

area = Area("Payments")


class PaymentRecord(BaseModel):
    """A payment through the gateway."""

    id: uuid.UUID
    amount: Money
    currency: str
    state: PaymentState
    begun_at: datetime
    ended_at: datetime | None


class BegunPayment(BaseModel):
    """A payment, and where it is paid."""

    payment: PaymentRecord
    pay_at: str = Field(description="Where its owner's browser goes to pay; it comes back to this server's pages")


class PaymentWanted(Body):
    """What is to be paid in."""

    amount: AmountFromZero


@area.get("", Found[PaymentRecord], needs=Permission.USE_OWN)
def list_my_payments(request: HttpRequest, asked: Query[Asked]) -> Found[PaymentRecord]:
    """List one's own payments through the gateway, newest first."""
    return cut(Payment.objects.filter(user=person(request)).order_by("-begun_at", "pk"), asked, _record)


@area.post("", BegunPayment, needs=Permission.USE_OWN, status=HTTPStatus.CREATED)
def begin_my_payment(request: HttpRequest, wanted: PaymentWanted) -> BegunPayment:
    """Begin a payment onto one's own balance; it is booked when the gateway says that it was paid."""
    gateway = configured_gateway()
    if gateway is None:
        raise Refused(HTTPStatus.CONFLICT, "no-gateway", "This installation has no payment gateway.")
    payment = begin_payment(person(request), wanted.amount, CONFIGURATION.currency)
    back = request.build_absolute_uri(reverse("pages:my-payment", args=[payment.pk]))
    address = request.build_absolute_uri(address_to_pay(gateway, payment, back))
    return BegunPayment(payment=_record(payment), pay_at=address)


@area.get("/{uuid:payment_id}", PaymentRecord, needs=Permission.USE_OWN)
def get_my_payment(request: HttpRequest, payment_id: uuid.UUID) -> PaymentRecord:
    """Get what became of one of one's own payments."""
    return _record(get_object_or_404(Payment, pk=payment_id, user=person(request)))


def _record(payment: Payment) -> PaymentRecord:
    return PaymentRecord(
        id=payment.pk,
        amount=payment.amount,
        currency=payment.currency,
        state=PaymentState(payment.state),
        begun_at=payment.begun_at,
        ended_at=payment.ended_at,
    )
