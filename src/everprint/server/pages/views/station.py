"""A release station's own page, for a screen beside printers: sign in, release, go. Whoever is signed in there is
signed in nowhere else (release.sessions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import public
from everprint.server.accounts.holders import open_personal_account
from everprint.server.audit_log.acting import Acting, Origin, acting_as
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible, NotYours, order_cancel, order_release, order_release_with_pin
from everprint.server.pages.forms.stations import CardForm, NameForm
from everprint.server.pages.live import render_live
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.cards import BadCard, UnknownCard, WrongPassword, WrongPin
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.release.find_me import release_at
from everprint.server.release.held import Waiting, at_printers, waiting_at
from everprint.server.release.models import Station
from everprint.server.release.sessions import begin_session, end_session, user_at
from everprint.server.release.sign_in import NotHere, make_card_known, sign_in_by_card, sign_in_by_name
from everprint.server.release.stations import station_of
from everprint.server.settings import HAS_TLS

_WHY = "a release station has no account; its address is a secret, and it asks who wants to release"
_COOKIE = "everprint-station"
_LONGEST_ID = 19
# Sent with a live part's question if somebody touched the screen since the last one.
_TOUCHED = "X-Station-Touched"


@dataclass(frozen=True, slots=True)
class _SignIn:
    """What the sign-in page shows: a card that needs its PIN, or that is not known yet; what went wrong."""

    card: str = ""
    needs_pin: bool = False
    is_unknown: bool = False
    problem: str = ""


@public(_WHY)
@require_safe
def station_page(request: HttpRequest, key: str) -> HttpResponse:
    """GET /release/KEY: to sign in, or the jobs of whoever has."""
    station = _station(key)
    is_poll = request.headers.get("HX-Request") == "true"
    user = _user(request, station, touched=not is_poll or request.headers.get(_TOUCHED) == "true")
    if user is not None:
        return _jobs_page(request, station, key, user)
    if is_poll:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)  # live.js loads the page anew, which asks to sign in
    return _sign_in_page(request, station, key, _SignIn())


@public(_WHY)
@sensitive_post_parameters()
@require_POST
def station_sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """POST /release/KEY/sign-in: with a card, or with a name and what goes with it."""
    station = _station(key)
    end_session(station, request.COOKIES.get(_COOKIE, ""))
    name = NameForm(request.POST)
    found = _by_name(request, station, name) if name.is_valid() else _by_card(request, station)
    if isinstance(found, _SignIn):
        return _sign_in_page(request, station, key, found)
    address = reverse("pages:station", args=[key])
    response = redirect(address)
    response.set_cookie(
        _COOKIE, begin_session(station, found), path=address, secure=HAS_TLS, httponly=True, samesite="Strict"
    )
    return response


@public(_WHY)
@require_POST
def station_sign_out(request: HttpRequest, key: str) -> HttpResponse:
    """POST /release/KEY/sign-out"""
    station = _station(key)
    end_session(station, request.COOKIES.get(_COOKIE, ""))
    address = reverse("pages:station", args=[key])
    response = redirect(address)
    response.delete_cookie(_COOKIE, path=address, samesite="Strict")
    return response


@public(_WHY)
@require_safe
def station_pin(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """GET /release/KEY/jobs/NUMBER: to type the PIN that a job was sent with."""
    station = _station(key)
    user = _user(request, station, touched=True)
    job = None if user is None else at_printers(user, station.printers.all()).filter(pk=number).first()
    if job is None:
        return redirect("pages:station", key)
    return render(request, "pages/station_pin.html", {"station": station, "key": key, "job": job})


@public(_WHY)
@sensitive_post_parameters("pin")
@require_POST
def station_job(request: HttpRequest, key: str, number: int, verb: str) -> HttpResponse:
    """POST /release/KEY/jobs/NUMBER/release, /cancel: a job that is shown there."""
    station = _station(key)
    user = _user(request, station, touched=True)
    if user is not None:
        job = at_printers(user, station.printers.all()).filter(pk=number).first()
        order = _order(
            verb, request.POST.get("pin"), station.printers.filter(pk=_number(request.POST.get("at"))).first()
        )
        if job is None:
            messages.error(request, "That job does not wait any more.")
        elif _ordered(request, user, job, order):
            done = "is released" if verb == "release" else "will be cancelled"
            messages.success(request, f"{job.name or 'The job'} {done}.")
    return redirect("pages:station", key)


@public(_WHY)
@require_POST
def station_release_all(request: HttpRequest, key: str) -> HttpResponse:
    """POST /release/KEY/all: one's own jobs that are shown there, but for those with a PIN."""
    station = _station(key)
    user = _user(request, station, touched=True)
    if user is not None:
        own = [one for one in reversed(waiting_at(user, list(station.printers.all()))) if _goes_with_all(one)]
        count = sum(
            _ordered(request, user, one.job, _order("release", None, one.can_be_printed[0].printer)) for one in own
        )
        messages.success(request, f"{count} job{' is' if count == 1 else 's are'} released.")
    return redirect("pages:station", key)


def _station(key: str) -> Station:
    station = station_of(key)
    if station is None:
        raise Http404
    return station


def _user(request: HttpRequest, station: Station, *, touched: bool) -> User | None:
    return user_at(station, request.COOKIES.get(_COOKIE, ""), touched=touched)


def _goes_with_all(one: Waiting) -> bool:
    """True for one's own that needs no PIN, and no choice of the printer."""
    return one.is_own and not one.job.password_encryption and len(one.can_be_printed) == 1


def _number(text: str | None) -> int:
    """The id that a button says; 0, which no printer has, for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < _LONGEST_ID else 0


def _order(verb: str, pin: str | None, at: Printer | None) -> Callable[[Job, User], None]:
    if verb == "release" and at is not None:
        return lambda job, user: release_at(job, at, user) if job.printer.is_find_me else order_release(job, user)
    if verb == "cancel":
        return order_cancel
    if verb != "release":
        raise Http404
    return order_release if pin is None else lambda job, user: order_release_with_pin(job, user, pin)


def _ordered(request: HttpRequest, user: User, job: Job, order: Callable[[Job, User], None]) -> bool:
    try:
        with acting_as(Acting(user, user.name, Origin.PAGE, _address(request))):
            order(job, user)
    except (NotPossible, NotYours) as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return False
    return True


def _by_card(request: HttpRequest, station: Station) -> User | _SignIn:
    form = CardForm(request.POST)
    if not form.is_valid():
        return _SignIn(problem="Hold your card to the reader, or write name and PIN or password.")
    card, pin = form.cleaned_data["card"], form.cleaned_data["pin"]
    try:
        return sign_in_by_card(station, card, pin, _address(request))
    except WrongPin as error:
        return _SignIn(card=card, needs_pin=True, problem=_sentence(error) if pin else "")
    except UnknownCard:
        can_be_known = read_settings().own_cards and station.by_password
        problem = "" if can_be_known else "Nobody has this card."
        return _SignIn(card=card if can_be_known else "", is_unknown=can_be_known, problem=problem)
    except (NotHere, BadCard, TooManyAttempts) as error:
        return _SignIn(problem=_sentence(error))


def _by_name(request: HttpRequest, station: Station, form: NameForm) -> User | _SignIn:
    said = form.cleaned_data
    card, name, secret = said["card"], said["user_name"], said["secret"]
    try:
        if card:
            return make_card_known(station, card, name, secret, _address(request))
        return sign_in_by_name(station, name, secret, _address(request))
    except (NotHere, BadCard, WrongPassword, TooManyAttempts) as error:
        return _SignIn(card=card, is_unknown=bool(card), problem=_sentence(error))


def _sentence(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _sign_in_page(request: HttpRequest, station: Station, key: str, asked: _SignIn) -> HttpResponse:
    name_form = NameForm(initial={"card": asked.card})
    if asked.is_unknown or not station.by_pin:
        name_form.fields["secret"].label = "Password"
    elif not station.by_password:
        name_form.fields["secret"].label = "PIN"
    context = {
        "station": station,
        "key": key,
        "asked": asked,
        "card_form": CardForm(initial={"card": asked.card}),
        "name_form": name_form,
        "by_name": station.by_pin or station.by_password,
    }
    return render(request, "pages/station_sign_in.html", context)


def _jobs_page(request: HttpRequest, station: Station, key: str, user: User) -> HttpResponse:
    printers = list(station.printers.all())
    waiting = waiting_at(user, printers)
    context = {
        "station": station,
        "key": key,
        "whose": user,
        "account": open_personal_account(user),
        "waiting": waiting,
        "can_release_all": sum(map(_goes_with_all, waiting)) > 1,
        "several_printers": len(printers) > 1,
    }
    return render_live(request, "pages/station.html", "pages/station_live.html", context)


def _address(request: HttpRequest) -> str:
    return cast(str, request.META.get("REMOTE_ADDR", ""))
