"""The page of one printer for phones, which a QR code on the printer leads to, and the sheet with that code."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import NotPossible, NotYours
from everprint.server.jobs.queries import jobs_releasable_by
from everprint.server.pages.listing import id_in
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.qr_code import svg_of
from everprint.server.pages.said import in_words
from everprint.server.printers.models import Printer
from everprint.server.release.find_me import places_for, printers_for
from everprint.server.release.find_me import release_at as order_at
from everprint.server.release.held import waiting_at

MOST_OFFERED = 50


@requires(Permission.USE_OWN)
@require_safe
def release_at(request: HttpRequest, uuid: str) -> HttpResponse:
    """GET /release/printer/UUID: what whoever is signed in can release there."""
    printer = get_object_or_404(Printer, uuid=uuid, is_active=True)
    context = {"printer": printer, "waiting": waiting_at(person(request), [printer])}
    return render_live(request, "pages/release_at.html", "pages/release_at_live.html", context)


@requires(Permission.USE_OWN)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def job_release_at(request: HttpRequest, number: int) -> HttpResponse:
    """GET and POST /jobs/NUMBER/release-at: a Find-Me job, at which printer."""
    user = person(request)
    job = get_object_or_404(jobs_releasable_by(user), pk=number)
    if not job.printer.is_find_me:
        raise Http404
    offered = printers_for(job)
    if request.method == "POST":
        return _release_at(request, job, get_object_or_404(offered, pk=id_in(request.POST.get("at"))))
    here = offered.filter(pk=id_in(request.GET.get("printer"))).first()  # whose code was scanned
    text = request.GET.get("text", "").strip()[:200]
    if here is not None:
        offered = offered.filter(pk=here.pk)
    elif text:
        offered = offered.filter(Q(name__icontains=text) | Q(info__icontains=text) | Q(location__icontains=text))
    context = {
        "job": job,
        "search": here is None,
        "text": text,
        "back": "" if here is None else reverse("pages:release-at", args=[here.uuid]),
        "places": places_for(job, offered[:MOST_OFFERED]),
        "more": offered.count() > MOST_OFFERED,
    }
    return render(request, "pages/job_release_at.html", context)


def _release_at(request: HttpRequest, job: Job, printer: Printer) -> HttpResponse:
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, None) or not back.startswith("/"):
        back = reverse("pages:me")
    try:
        order_at(job, printer, person(request), pin=request.POST.get("pin", ""))
    except NotYours as error:
        raise PermissionDenied from error
    except NotPossible as error:
        messages.error(request, gettext("Nothing was changed: %(why)s.") % {"why": in_words(error)})
    else:
        said = {"job": job.number, "printer": printer.name}
        if job.password_encryption:
            messages.success(request, gettext("Job %(job)s goes to %(printer)s, if that is its PIN.") % said)
        else:
            messages.success(request, gettext("Job %(job)s will be printed at %(printer)s.") % said)
    return redirect(back)


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def release_sheet(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET /printers/ID/release-page: a sheet to be printed and put on the printer."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return render(request, "pages/release_sheet.html", {"printer": printer, "address": _address(request, printer)})


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def release_code(request: HttpRequest, printer_id: int) -> HttpResponse:
    """GET /printers/ID/release-page/code: the QR code alone, as SVG."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    return HttpResponse(svg_of(_address(request, printer)), content_type="image/svg+xml")


def _address(request: HttpRequest, printer: Printer) -> str:
    return request.build_absolute_uri(reverse("pages:release-at", args=[printer.uuid]))
