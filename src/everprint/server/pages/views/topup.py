"""Credit that people pay in by themselves: vouchers, the payment gateway, and the gateway for tests."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import public, requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.money import plain
from everprint.server.pages.forms.topup import PayForm, UseVoucherForm
from everprint.server.pages.person import person
from everprint.server.pages.templatetags.everprint_pages import money
from everprint.server.topup.configured import TEST_ADDRESS, configured_gateway
from everprint.server.topup.models import Payment, PaymentState
from everprint.server.topup.payments import (
    SIGNATURE,
    BadNotice,
    Gateway,
    Notice,
    address_to_pay,
    take_notice,
)


@requires(Permission.USE_OWN)
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def my_voucher(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/voucher"""
    form = UseVoucherForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (used := form.save(person(request), request.META.get("REMOTE_ADDR", ""))) is not None:
        messages.success(request, _("%(amount)s were added to your balance.") % {"amount": money(used.value)})
        return redirect("pages:me")
    context = {
        "form": form,
        "title": _("Use a voucher"),
        "back": reverse("pages:me"),
        "submit": _("Add to my balance"),
    }
    return render(request, "pages/form.html", context)


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def my_payment_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/pay: then on to the gateway."""
    gateway = _gateway()
    form = PayForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (payment := form.save(person(request))) is not None:
        back = request.build_absolute_uri(reverse("pages:my-payment", args=[payment.pk]))
        return redirect(address_to_pay(gateway, payment, back))
    context = {"form": form, "title": _("Pay in"), "back": reverse("pages:me"), "submit": _("Go on to pay")}
    return render(request, "pages/form.html", context)


@requires(Permission.USE_OWN)
@require_safe
def my_payment(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """GET /me/payments/ID: what became of it."""
    payment = get_object_or_404(Payment, pk=payment_id, user=person(request))
    words = {
        PaymentState.BEGUN: _("The gateway has not said yet that it was paid. Look again in a moment."),
        PaymentState.PAID: _("%(amount)s were added to your balance.") % {"amount": money(payment.amount)},
        PaymentState.DECLINED: _("It was not paid, and nothing was added to your balance."),
    }
    context = {"payment": payment, "words": words[PaymentState(payment.state)]}
    return render(request, "pages/payment.html", context)


@csrf_exempt
@public("a payment gateway has no account here: it signs what it says")
@require_POST
def payment_notice(request: HttpRequest) -> HttpResponse:
    """POST /payments/notice"""
    gateway = _gateway()
    try:
        take_notice(gateway, request.body, request.headers.get(SIGNATURE, ""))
    except BadNotice as error:
        return HttpResponse(f"Not taken: {error}.", status=HTTPStatus.BAD_REQUEST, content_type="text/plain")
    return HttpResponse("Taken.", content_type="text/plain")


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def test_gateway(request: HttpRequest) -> HttpResponse:
    """GET and POST /payments/test: plays the gateway, as it would be reached over the network."""
    gateway = _gateway()
    if gateway.address != TEST_ADDRESS:
        raise Http404
    query, _, signature = request.META.get("QUERY_STRING", "").rpartition("&signature=")
    if not gateway.is_signed(query.encode(), signature):
        raise Http404
    said = {name: values[0] for name, values in parse_qs(query, max_num_fields=10).items()}
    payment = get_object_or_404(Payment, pk=said["payment"], user=person(request))
    if request.method == "POST":
        _notify(gateway, payment, paid="pay" in request.POST)
        return redirect("pages:my-payment", payment.pk)
    return render(request, "pages/test_gateway.html", {"payment": payment})


def _notify(gateway: Gateway, payment: Payment, *, paid: bool) -> None:
    notice = Notice(str(payment.pk), plain(payment.amount), payment.currency, paid, "test")
    octets = msgspec.json.encode(notice)
    take_notice(gateway, octets, gateway.sign(octets))


def _gateway() -> Gateway:
    gateway = configured_gateway()
    if gateway is None:
        raise Http404
    return gateway
