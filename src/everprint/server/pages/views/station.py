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
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import public
from everprint.server.accounts.holders import open_personal_account
from everprint.server.audit_log.acting import Acting, Origin, acting_as
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible, NotYours, order_cancel, order_release, order_release_with_pin
from everprint.server.pages.forms.accounts import ChargeForm
from everprint.server.pages.forms.stations import CardForm, NameForm
from everprint.server.pages.language import speak
from everprint.server.pages.listing import id_in
from everprint.server.pages.live import render_live
from everprint.server.pages.said import in_words, sentence
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.cards import BadCard, UnknownCard, WrongPassword, WrongPin
from everprint.server.people.models import User
from everprint.server.printers.models import Printer
from everprint.server.release.find_me import release_at
from everprint.server.release.held import Waiting, at_printers, waiting_at, waiting_one
from everprint.server.release.models import Station
from everprint.server.release.sessions import begin_session, end_session, user_at
from everprint.server.release.sign_in import NotHere, make_card_known, sign_in_by_card, sign_in_by_name
from everprint.server.release.stations import station_of
from everprint.server.settings import HAS_TLS

_WHY = "a release station has no account; its address is a secret, and it asks who wants to release"
_COOKIE = "everprint-station"
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
    one = None if user is None else waiting_one(user, list(station.printers.all()), number)
    if one is None:
        return redirect("pages:station", key)
    return render(request, "pages/station_pin.html", {"station": station, "key": key, "job": one.job, "one": one})


@public(_WHY)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def station_account(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """GET and POST /release/KEY/jobs/NUMBER/account: the account that one's own job is charged to."""
    station = _station(key)
    user = _user(request, station, touched=True)
    one = None if user is None else waiting_one(user, list(station.printers.all()), number)
    if user is None or one is None or not one.chooses:
        return redirect("pages:station", key)
    form = ChargeForm(request.POST if request.method == "POST" else None, job=one.job)
    if form.is_valid():
        with acting_as(Acting(user, user.name, Origin.PAGE, _address(request))):
            is_chosen = form.save(user, _address(request))
        if is_chosen:
            words = gettext("%(job)s will be charged as you said.")
            messages.success(request, words % {"job": one.job.name or gettext("The job")})
            return redirect("pages:station", key)
    context = {"station": station, "key": key, "job": one.job, "form": form}
    return render(request, "pages/station_account.html", context)


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
            verb, request.POST.get("pin"), station.printers.filter(pk=id_in(request.POST.get("at"))).first()
        )
        if job is None:
            messages.error(request, gettext("That job does not wait any more."))
        elif _ordered(request, user, job, order):
            words = gettext("%(job)s is released.") if verb == "release" else gettext("%(job)s will be cancelled.")
            messages.success(request, words % {"job": job.name or gettext("The job")})
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
        words = ngettext("%(count)s job is released.", "%(count)s jobs are released.", count)
        messages.success(request, words % {"count": count})
    return redirect("pages:station", key)


def _station(key: str) -> Station:
    station = station_of(key)
    if station is None:
        raise Http404
    return station


def _user(request: HttpRequest, station: Station, *, touched: bool) -> User | None:
    user = user_at(station, request.COOKIES.get(_COOKIE, ""), touched=touched)
    if user is not None:
        speak(request, user)
    return user


def _goes_with_all(one: Waiting) -> bool:
    """True for one's own that needs no PIN, and no choice of the printer or the account."""
    needs_nothing = not one.job.password_encryption and not one.waits_for_choice
    return one.is_own and needs_nothing and len(one.can_be_printed) == 1


def _order(verb: str, pin: str | None, at: Printer | None) -> Callable[[Job, User], None]:
    if verb == "cancel":
        return order_cancel
    if verb != "release":
        raise Http404

    def release(job: Job, user: User) -> None:
        if at is not None and job.printer.is_find_me:
            release_at(job, at, user, pin=pin or "")
        elif pin is None:
            order_release(job, user)
        else:
            order_release_with_pin(job, user, pin)

    return release


def _ordered(request: HttpRequest, user: User, job: Job, order: Callable[[Job, User], None]) -> bool:
    try:
        with acting_as(Acting(user, user.name, Origin.PAGE, _address(request))):
            order(job, user)
    except (NotPossible, NotYours) as error:
        messages.error(request, gettext("Nothing was changed: %(why)s.") % {"why": in_words(error)})
        return False
    return True


def _by_card(request: HttpRequest, station: Station) -> User | _SignIn:
    form = CardForm(request.POST)
    if not form.is_valid():
        return _SignIn(problem=gettext("Hold your card to the reader, or write name and PIN or password."))
    card, pin = form.cleaned_data["card"], form.cleaned_data["pin"]
    try:
        return sign_in_by_card(station, card, pin, _address(request))
    except WrongPin as error:
        return _SignIn(card=card, needs_pin=True, problem=sentence(error) if pin else "")
    except UnknownCard:
        can_be_known = read_settings().own_cards and station.by_password
        problem = "" if can_be_known else gettext("Nobody has this card.")
        return _SignIn(card=card if can_be_known else "", is_unknown=can_be_known, problem=problem)
    except (NotHere, BadCard, TooManyAttempts) as error:
        return _SignIn(problem=sentence(error))


def _by_name(request: HttpRequest, station: Station, form: NameForm) -> User | _SignIn:
    said = form.cleaned_data
    card, name, secret = said["card"], said["user_name"], said["secret"]
    try:
        if card:
            return make_card_known(station, card, name, secret, _address(request))
        return sign_in_by_name(station, name, secret, _address(request))
    except (NotHere, BadCard, WrongPassword, TooManyAttempts) as error:
        return _SignIn(card=card, is_unknown=bool(card), problem=sentence(error))


def _sign_in_page(request: HttpRequest, station: Station, key: str, asked: _SignIn) -> HttpResponse:
    name_form = NameForm(initial={"card": asked.card})
    if asked.is_unknown or not station.by_pin:
        name_form.fields["secret"].label = gettext("Password")
    elif not station.by_password:
        name_form.fields["secret"].label = gettext("PIN")
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
        "printers": printers,
        "whose": user,
        "account": open_personal_account(user),
        "waiting": waiting,
        "can_release_all": sum(map(_goes_with_all, waiting)) > 1,
        "several_printers": len(printers) > 1,
    }
    return render_live(request, "pages/station.html", "pages/station_live.html", context)


def _address(request: HttpRequest) -> str:
    return cast(str, request.META.get("REMOTE_ADDR", ""))
