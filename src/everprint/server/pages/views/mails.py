"""The outbox: which mails wait, were sent or given up, and sending one once more; and a test mail."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.audit_log.note import note
from everprint.server.mail.models import Mail
from everprint.server.mail.outbox import BadMail, MailFilter, mails_matching, send_once_more
from everprint.server.mail.sending import send_test_mail
from everprint.server.mail.smtp import MailServerAway, NotTaken
from everprint.server.mail.states import MailState
from everprint.server.pages.forms.filters import FilterForm
from everprint.server.pages.listing import Column, in_given_order
from everprint.server.pages.wording import MAIL_STATES
from everprint.server.settings import CONFIGURATION

COLUMNS = (
    Column("made", "Made"),
    Column("to", "To"),
    Column("subject", "Subject"),
    Column("state", "State"),
    Column("tries", "Tries", number=True),
    Column("problem", "What is wrong"),
)
STATES = [("", "All"), *((state.value, MAIL_STATES[state].text) for state in MailState)]


class MailFilterForm(FilterForm):
    """Which mails."""

    text = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )
    state = forms.ChoiceField(label="State", required=False, choices=STATES)

    def found(self) -> QuerySet[Mail]:
        """The mails wanted."""
        return mails_matching(MailFilter((self.said("text") or "").strip(), self.said("state") or ""))


@requires(Permission.MANAGE_SETTINGS)
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """GET /mails"""
    form = MailFilterForm(request.GET)
    context = {
        "form": form,
        "listing": in_given_order(form.found(), COLUMNS, request.GET, keeping=tuple(form.fields)),
        "filtered": form.says_something,
        "sends_mail": CONFIGURATION.sends_mail,
    }
    return render(request, "pages/mails.html", context)


@requires(Permission.MANAGE_SETTINGS)
@require_safe
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """GET /mails/ID: what it says, and how it fared."""
    found = get_object_or_404(Mail.objects.select_related("user"), pk=mail_id)
    files = [(file.name, len(file.octets)) for file in found.attachments.all()]
    return render(request, "pages/mail.html", {"mail": found, "files": files})


@requires(Permission.MANAGE_SETTINGS)
@require_POST
def mail_send(request: HttpRequest, mail_id: int) -> HttpResponse:
    """POST /mails/ID/send: once more."""
    found = get_object_or_404(Mail, pk=mail_id)
    try:
        send_once_more(found.pk)
        messages.success(request, "It waits to be sent once more.")
    except BadMail as error:
        messages.error(request, f"Nothing was changed: {error}.")
    return redirect("pages:mail", mail_id)


@requires(Permission.MANAGE_SETTINGS)
@require_POST
def test_mail(request: HttpRequest) -> HttpResponse:
    """POST /settings/test-mail: sends one now, and says what the mail server said."""
    to = request.POST.get("to", "")
    try:
        send_test_mail(to)
        note("mail.test", "mail", after={"to": to.strip()})
        messages.success(request, f"The mail server took a test mail for {to.strip()}.")
    except (BadMail, NotTaken, MailServerAway) as error:
        messages.error(request, f"The test mail was not sent: {error}.")
    return redirect("pages:settings")
