"""Rules: all of them as sentences in their order, and changing them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.printer_names import suggestions
from everprint.server.pages.forms.rules import RuleForm
from everprint.server.rules.models import Rule
from everprint.server.rules.rows import all_rules, evaluated
from everprint.server.rules.sentence import sentence
from everprint.server.rules.setting import remove_rule
from everprint.server.settings import CONFIGURATION


@requires(Permission.VIEW_PRINTERS)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """GET /rules"""
    rows = [{"rule": rule, "sentence": in_words(rule)} for rule in all_rules()]
    return render(request, "pages/rules.html", {"rows": rows})


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /rules/new"""
    form = RuleForm(request.POST if request.method == "POST" else None)
    return _form(request, form, "New rule")


@requires(Permission.MANAGE_PRINTERS)
@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, rule_id: int) -> HttpResponse:
    """GET and POST /rules/ID"""
    rule = get_object_or_404(Rule, pk=rule_id)
    current = RuleForm.current(rule)
    if request.method == "POST":
        form = RuleForm(request.POST, rule=rule)
    else:
        form = RuleForm(initial={**current, "seen": fingerprint(current)}, rule=rule)
    return _form(request, form, f"Edit {rule.name}", in_words(rule))


@requires(Permission.MANAGE_PRINTERS)
@require_POST
def rule_remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """POST /rules/ID/remove"""
    rule = get_object_or_404(Rule, pk=rule_id)
    remove_rule(rule)
    messages.success(request, f"{rule.name} was removed.")
    return redirect("pages:rules")


@requires(Permission.MANAGE_PRINTERS)
@require_safe
def printer_names(request: HttpRequest) -> HttpResponse:
    """GET /rules/printer-names: what somebody who types names of printers may be going to write"""
    typed = request.GET.get("printers") or request.GET.get("redirect_to") or ""
    return render(request, "pages/part/suggestions.html", {"suggestions": suggestions(typed)})


def in_words(rule: Rule) -> str:
    """The rule as a sentence."""
    printers = sorted(printer.name for printer in rule.printers.all())
    return sentence(evaluated(rule), printers, CONFIGURATION.currency)


def _form(request: HttpRequest, form: RuleForm, title: str, lead: str = "") -> HttpResponse:
    if form.is_bound and form.is_valid() and (saved := form.save()) is not None:
        messages.success(request, f"{saved.name} was saved; the Print Providers have been told.")
        return redirect("pages:rules")
    context = {"form": form, "title": title, "lead": lead, "back": reverse("pages:rules")}
    return render(request, "pages/rule.html", context)
