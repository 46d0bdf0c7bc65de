"""Which notifications there are, and their words in each language, with a preview."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.installation.settings import read_settings
from everprint.server.languages import NAMES, Language
from everprint.server.notifications.kinds import KINDS, Kind
from everprint.server.notifications.models import ChangedWords
from everprint.server.notifications.wording import filled_in, use_own_words, words_of
from everprint.server.pages.forms.notifications import WordsForm


@requires(Permission.MANAGE_SETTINGS)
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """GET /notifications"""
    settings = read_settings()
    changed = {(row.kind, row.language) for row in ChangedWords.objects.all()}
    kinds = [
        {
            "kind": kind,
            "on": getattr(settings, kind.setting),
            "languages": [
                (language.value, name, (kind.key, language.value) in changed) for language, name in NAMES.items()
            ],
        }
        for kind in KINDS.values()
    ]
    return render(request, "pages/notifications.html", {"kinds": kinds})


@requires(Permission.MANAGE_SETTINGS)
@require_http_methods(["GET", "POST"])
def notification_words(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """GET and POST /notifications/KIND/LANGUAGE: the words, and with *preview* how they read."""
    kind, language = _asked(key, code)
    stored = words_of(kind, language)
    shown = stored
    form = WordsForm.about(stored)
    if request.method == "POST":
        form = WordsForm(request.POST)
        if form.is_valid():
            if "preview" in request.POST:
                shown = form.words(kind) or stored
            elif form.save(kind, language, stored):
                messages.success(request, "The words were saved; they hold from now on.")
                return redirect("pages:notifications")
    context = {
        "kind": kind,
        "language": language.value,
        "language_name": NAMES[language],
        "form": form,
        "fields": [f"{{{name}}}" for name in kind.fields],
        "sample": filled_in(kind, shown, kind.sample, language),
        "changed": ChangedWords.objects.filter(kind=key, language=code).exists(),
    }
    return render(request, "pages/notification_words.html", context)


@requires(Permission.MANAGE_SETTINGS)
@require_POST
def notification_own_words(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """POST /notifications/KIND/LANGUAGE/reset"""
    kind, language = _asked(key, code)
    use_own_words(kind, language)
    messages.success(request, "It reads as it came with Everprint again.")
    return redirect("pages:notification-words", key, code)


def _asked(key: str, code: str) -> tuple[Kind, Language]:
    if key not in KINDS or code not in list(Language):
        raise Http404(f"no notification {key} in {code}")
    return KINDS[key], Language(code)
