"""One job's own page, and what its owner or an operator may do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from everprint.contract.job_life import JobEvent, JobState
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.reservations import shares_of
from everprint.server.charging.choice import may_choose
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import expected_cost
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.kept import details_of
from everprint.server.jobs.models import Job
from everprint.server.jobs.orders import (
    NotPossible,
    NotYours,
    can,
    may_operate,
    may_release,
    may_steer,
    order_cancel,
    order_hold,
    order_release,
    order_release_with_pin,
)
from everprint.server.jobs.previews import may_see_previews, previews_of
from everprint.server.jobs.queries import jobs_releasable_by, jobs_visible_to
from everprint.server.jobs.redirection import can_redirect, targets_of
from everprint.server.jobs.resubmission import can_resubmit, document_until, order_resubmit
from everprint.server.languages import marked as _
from everprint.server.pages import wording
from everprint.server.pages.forms.pin import PinForm
from everprint.server.pages.job_page import document_view, output_rows, step_views
from everprint.server.pages.language import speak_as
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.said import in_words
from everprint.server.people.models import User
from everprint.server.refunds.requests import may_ask


@dataclass(frozen=True, slots=True)
class Action:
    """A button: the verb in its address, its words, the event that it asks for (None: a new job, of one that is
    over), and what was said when it is done."""

    verb: str
    title: str
    event: JobEvent | None
    order: Callable[[Job, User], None]
    done: str


ACTIONS = (
    Action("release", _("Release"), JobEvent.RELEASED, order_release, _("Job %(job)s will be released.")),
    Action(
        "hold",
        _("Hold"),
        JobEvent.HELD,
        order_hold,
        _("Job %(job)s will be held, unless the printer has it already."),
    ),
    Action("cancel", _("Cancel job"), JobEvent.CANCELLED, order_cancel, _("Job %(job)s will be cancelled.")),
    Action(
        "print-again", _("Print again"), None, order_resubmit, _("Job %(job)s will be printed again, as a new job.")
    ),
)


@requires(Permission.USE_OWN)
@require_safe
def job_page(request: HttpRequest, number: int) -> HttpResponse:
    """GET /jobs/NUMBER: the owner's, or everybody's for those who may see them."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user).select_related("account", "chosen_account"), pk=number)
    details = details_of(job)
    context = {
        "job": job,
        "details": details,
        "state": wording.JOB_STATES[job.job_state],
        "final": job.job_state.is_final,
        "actions": possible_actions(job, user),
        "chooses": may_choose(job, user),
        "finds_printer": _finds_printer(job, user),
        "shares": shares_of(job.uuid),
        "pin": PinForm() if _takes_pin(job, user) else None,
        "document_until": document_until(job) if can_resubmit(job) else None,
        "can_redirect": can_redirect(job) and may_operate(job, user) and targets_of(job.printer).exists(),
        "expected": expected_cost(job),
        "expires": expires_at(job, read_settings().hold_hours),
        "can_ask_back": may_ask(job, user),
        "refunds": job.refunds.order_by("pk"),
        "document": document_view(details.document, previews_of(job) if may_see_previews(job, user) else ()),
        "output": output_rows(details.output),
        "steps": step_views(job),
    }
    return render_live(request, "pages/job.html", "pages/job_live.html", context)


def _takes_pin(job: Job, user: User) -> bool:
    return (
        may_steer(job, user)
        and job.state == JobState.HELD
        and bool(job.password_encryption)
        and not job.printer.is_find_me
    )


def _finds_printer(job: Job, user: User) -> bool:
    releases = may_steer if job.password_encryption else may_release  # others are not told PINs
    return job.printer.is_find_me and job.state == JobState.HELD and releases(job, user)


@requires(Permission.USE_OWN)
@require_safe
def job_preview(request: HttpRequest, number: int, page: int) -> HttpResponse:
    """GET /jobs/NUMBER/pages/PAGE: a small picture of the page, for the job's owner; nobody keeps a copy."""
    user = person(request)
    job = get_object_or_404(jobs_visible_to(user), pk=number)
    if not may_see_previews(job, user):
        raise Http404
    preview = get_object_or_404(previews_of(job), page=page)
    # No cache may keep it (security.headers): the next person at this browser is somebody else.
    return HttpResponse(bytes(preview.png), content_type="image/png")


def possible_actions(job: Job, user: User) -> list[Action]:
    """What this person may ask for now."""
    return [
        action
        for action in ACTIONS
        if may_steer(job, user)
        and (can_resubmit(job) if action.event is None else can(job, action.event))
        and not (action.event is JobEvent.RELEASED and (job.password_encryption or job.printer.is_find_me))
    ]


@requires(Permission.USE_OWN)
@require_POST
def job_action(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """POST /jobs/NUMBER/release, /jobs/NUMBER/hold, /jobs/NUMBER/cancel, /jobs/NUMBER/print-again"""
    user = person(request)
    jobs = jobs_releasable_by(user) if verb == "release" else jobs_visible_to(user)
    job = get_object_or_404(jobs, pk=number)
    action = next((action for action in ACTIONS if action.verb == verb), None)
    if action is None:
        raise Http404
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, None) or not back.startswith("/"):
        back = reverse("pages:job", args=[job.number])
    speak_as(request, back)
    try:
        if action.event is JobEvent.RELEASED and "pin" in request.POST:
            order_release_with_pin(job, user, request.POST["pin"])
        else:
            action.order(job, user)
    except NotYours as error:
        raise PermissionDenied from error
    except NotPossible as error:
        messages.error(request, gettext("Nothing was changed: %(why)s.") % {"why": in_words(error)})
    else:
        messages.success(request, gettext(action.done) % {"job": job.number})
    return redirect(back)
