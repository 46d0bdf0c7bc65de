"""Template tags and filters: thin calls of wording, so that money, moments and states read the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from everprint.contract.failure_modes import FailureMode
from everprint.contract.job_life import JobState
from everprint.contract.messages import PrinterState
from everprint.contract.supplies import AlertSeverity, SupplyState
from everprint.documents.media import media_label
from everprint.server.accounts.models import Account, AccountKind
from everprint.server.languages import Language, amount_in, number_in
from everprint.server.mail.states import MailState
from everprint.server.pages import icons, wording
from everprint.server.pages.language import active_language
from everprint.server.pages.said import sentence_in_words
from everprint.server.printers.models import Printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import is_answering
from everprint.server.release.find_me import Misfit
from everprint.server.settings import CONFIGURATION

register = template.Library()

_MOMENT = {Language.ENGLISH: "l, j F Y, H:i:s T", Language.GERMAN: "l, j. F Y, H:i:s T"}


@register.filter
def money(amount: Decimal | None) -> str:
    """The one way money is written on pages: with the installation's currency; a dash where there is none yet."""
    if amount is None:
        return "–"  # noqa: RUF001 - a dash
    return amount_in(active_language(), amount, CONFIGURATION.currency, CONFIGURATION.currency_decimals)


@register.filter
def number(value: int | None) -> str:
    """A count with thousands set apart; a dash where it is not known."""
    return "–" if value is None else number_in(active_language(), value)  # noqa: RUF001 - a dash


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """A moment in the installation's zone, as a <time> element whose title says it in full."""
    if at is None:
        return "–"  # noqa: RUF001 - a dash
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        format_date(local, _MOMENT[active_language()]),
        wording.moment(local, timezone.localtime(), active_language()),
    )


@register.filter
def failure_mode(mode: str) -> str:
    """What becomes of jobs while the server is away, in words."""
    return wording.FAILURE_MODES[FailureMode(mode)]


@register.filter
def octets(number: int) -> str:
    """A size for people."""
    return wording.octets(number)


@register.filter
def media(name: str) -> str:
    """Paper by its everyday name."""
    return media_label(name)


@register.filter
def sides(keyword: str) -> str:
    """The IPP attribute *sides* in words."""
    return gettext(wording.SIDES[keyword]) if keyword in wording.SIDES else keyword


@register.filter
def colour_mode(keyword: str) -> str:
    """The IPP attribute *print-color-mode* in words."""
    return gettext(wording.COLOUR_MODES[keyword]) if keyword in wording.COLOUR_MODES else keyword


@register.filter
def sentence(text: str) -> str:
    """Why a job is held or refused, in the reader's language."""
    return sentence_in_words(text)


@register.filter
def others_words(text: str) -> SafeString:
    """What a print server or the analysis said; marked as English if it is none of their usual sentences."""
    words = sentence_in_words(text)
    if words != text or active_language() is Language.ENGLISH:
        return format_html("{}", words)
    return format_html('<span lang="en">{}</span>', words)


@register.filter
def reasons(keywords: list[str]) -> str:
    """The printer-state-reasons in words."""
    return ", ".join(wording.reason(keyword) for keyword in keywords)


@register.filter
def misfits(found: Iterable[Misfit]) -> str:
    """What of a job a printer cannot do, in words."""
    return ", ".join(gettext(misfit.words) % {"what": misfit.what} for misfit in found)


@register.filter
def add_two(value: float) -> float:
    """Room for a line's width on both sides of a drawing."""
    return value + 2


@register.filter
def below(height: float) -> float:
    """Where a page of that height begins, so that all pages stand on one line."""
    return round(28 - height, 1)


@register.simple_tag
def account_title(account: Account) -> str:
    """What its owner calls it; a purse's name is the installation's own."""
    return gettext("Balance") if account.kind == AccountKind.PERSONAL else account.title


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line icon."""
    return icons.icon(name)


@register.simple_tag
def job_state(state: str) -> SafeString:
    """A job's state as a badge."""
    return badge(wording.JOB_STATES[JobState(state)])


@register.simple_tag
def printer_state(printer: Printer, now: datetime) -> SafeString:
    """A printer's state as a badge; what a silent Print Provider said of it is no news any more."""
    if not is_answering(printer.provider, now):
        return badge(wording.Badge(gettext_noop("No news"), "warn", "warn"))
    if not printer.state:
        return badge(wording.Badge(gettext_noop("Not heard of yet"), "", "busy"))
    return badge(wording.PRINTER_STATES[PrinterState(printer.state)])


@register.simple_tag
def device_state(device: dict[str, str]) -> SafeString:
    """The state of one device of a pool as a badge."""
    return badge(wording.PRINTER_STATES[PrinterState(device["state"])])


@register.simple_tag
def mail_state(state: str) -> SafeString:
    """How far a mail is, as a badge."""
    return badge(wording.MAIL_STATES[MailState(state)])


@register.simple_tag
def supply_state(supply: dict[str, object]) -> SafeString:
    """What people must know of a supply, as a badge."""
    words = wording.RECEPTACLE_STATES if supply["is_receptacle"] else wording.SUPPLY_STATES
    return badge(words[SupplyState(str(supply["state"]))])


@register.simple_tag
def alert_severity(alert: dict[str, str]) -> SafeString:
    """How bad an alert is, as a badge."""
    return badge(wording.ALERT_SEVERITIES[AlertSeverity(alert["severity"])])


@register.filter
def alert_words(alert: dict[str, str]) -> str:
    """What an alert is about, in words."""
    return wording.alert(alert["code"])


@register.simple_tag
def provider_state(provider: Provider, now: datetime) -> SafeString:
    """Whether a Print Provider answers."""
    if provider.is_revoked:
        return badge(wording.Badge(gettext_noop("Revoked"), "", "stop"))
    if is_answering(provider, now):
        return badge(wording.Badge(gettext_noop("Answering"), "good", "good"))
    return badge(
        wording.Badge(
            gettext_noop("Silent") if provider.last_seen_at else gettext_noop("Never heard from"), "bad", "bad"
        )
    )


def badge(words: wording.Badge) -> SafeString:
    """The badge as an element."""
    return format_html(
        '<span class="badge{}">{}{}</span>',
        f" badge-{words.tone}" if words.tone else "",
        icons.icon(words.icon),
        gettext(words.text),
    )
