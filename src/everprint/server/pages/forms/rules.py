"""The form of a rule: whom and what it is for, and what it does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from everprint.contract.rules import Action, Conditions, Limit, Measure, Span, Whose
from everprint.contract.user_names import BadUserName
from everprint.documents.result import Language
from everprint.server.charging.models import SharedAccount
from everprint.server.charging.shared import find_shared
from everprint.server.database import transact
from everprint.server.pages.forms.edit import EditForm
from everprint.server.pages.forms.money import MoneyField
from everprint.server.pages.forms.printer_names import PrintersField, in_one_line
from everprint.server.people.models import Group, User
from everprint.server.people.users import find_user
from everprint.server.rules.models import Rule
from everprint.server.rules.rows import conditions_of
from everprint.server.rules.sentence import WEEKDAYS, clock
from everprint.server.rules.setting import BadRule, Wanted, add_rule, change_rule

_CHARGE = "charge"  # on the form: ALLOW with an account
_ACTIONS = [
    (Action.REFUSE.value, "Refuse it"),
    (Action.GREY.value, "Print it in grey"),
    (Action.TWO_SIDED.value, "Print it on both sides"),
    (Action.HOLD.value, "Hold it until it is released"),
    (Action.CONFIRM.value, "Ask its owner to confirm it"),
    (Action.REDIRECT.value, "Send it to another queue"),
    (Action.ALLOW.value, "Let it through, and look at no later rule"),
    (_CHARGE, "Let it through, and charge it to a shared account"),
]
_COLOUR = [("", "Either"), ("yes", "With colour"), ("no", "Without colour")]
_SIDES = [("", "Either"), ("yes", "One-sided"), ("no", "Two-sided")]
_MEASURES = [
    (Measure.SIDES.value, "sides"),
    (Measure.COLOUR_SIDES.value, "sides in colour"),
    (Measure.SHEETS.value, "sheets"),
    (Measure.JOBS.value, "jobs"),
    (Measure.COST.value, "money"),
]
_SPANS = [(Span.DAY.value, "a day"), (Span.WEEK.value, "a week"), (Span.MONTH.value, "a month")]
_WHOSE = [(Whose.PERSON.value, "the person"), (Whose.GROUP.value, "the whole group")]
_LANGUAGES = [(language.value, language.value) for language in Language if language is not Language.UNKNOWN]
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)
_NAMES = "User names, with commas between."
# Where a part of a rule is said on the form, if not in a field of its own name.
_FIELDS = {"from_minute": "from_time", "until_minute": "until_time", "limit": "limit_most", "media": "papers"}
_TEXT = forms.TextInput(attrs={"autocomplete": "off"})
# What the page shows together: a heading, and the fields below it.
_PARTS = (
    ("The rule", ("name", "position", "is_active")),
    ("Where, and whose jobs", ("printers", "groups", "users", "except_groups", "except_users")),
    (
        "What jobs: all that is filled in must hold",
        (
            "pages_over", "copies_over", "sheets_over", "octets_over", "cost_over", "colour", "one_sided", "name_has",
            "papers", "languages",
        ),
    ),
    ("When", ("weekdays", "from_time", "until_time")),
    ("How much somebody may print", ("limit_most", "limit_measure", "limit_span", "limit_whose")),
    ("What happens", ("action", "redirect_to", "charge_to", "message")),
)  # fmt: skip


def _figure(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=2**31 - 1, help_text=help_text)


def _groups(label: str, help_text: str = "") -> forms.ModelMultipleChoiceField[Group]:
    return forms.ModelMultipleChoiceField(
        Group.objects.all(), label=label, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class _MostField(MoneyField):
    """Of sides as of money: without digits after the point that say nothing."""

    def prepare_value(self, value: object) -> object:
        """What the field shows."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class RuleForm(EditForm):
    """A rule, new or old."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as Long prints, or Grey for pupils.")
    position = forms.IntegerField(
        label="Position", initial=0, min_value=-1000, max_value=1000,
        help_text="The first rule that has something to do with a job decides.",
    )  # fmt: skip
    is_active = forms.BooleanField(label="In use", required=False, initial=True)
    printers = PrintersField(
        label="On these printers", required=False,
        help_text="Queues, with commas between; empty for all. Of two with one name, as north/office.",
    )  # fmt: skip
    groups = _groups("For jobs of the members of", "None chosen, and no users: for everybody.")
    users = forms.CharField(label="And of these users", required=False, help_text=_NAMES, widget=_TEXT)
    except_groups = _groups("But not of the members of")
    except_users = forms.CharField(label="Nor of these users", required=False, help_text=_NAMES, widget=_TEXT)
    pages_over = _figure("With more pages than", "Of the document.")
    copies_over = _figure("With more copies than")
    sheets_over = _figure("With more sheets than")
    octets_over = forms.IntegerField(label="With more bytes than", required=False, min_value=0, max_value=2**50)
    cost_over = MoneyField(label="That cost more than", required=False, min_value=0)
    colour = forms.ChoiceField(label="Colour", choices=_COLOUR, required=False)
    one_sided = forms.ChoiceField(label="Sides", choices=_SIDES, required=False)
    name_has = forms.CharField(
        label="Whose name has one of these in it", required=False, help_text="Texts, with commas between.",
        widget=_TEXT,
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label="In one of these formats", choices=_LANGUAGES, required=False, widget=forms.CheckboxSelectMultiple
    )
    papers = forms.CharField(
        label="On one of these papers", required=False, help_text="Names as iso_a3_297x420mm, with commas between.",
        widget=_TEXT,
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        label="On these days", choices=list(enumerate(WEEKDAYS, 1)), coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    from_time = forms.CharField(label="From", required=False, max_length=5, help_text="As 22:00.", widget=_TEXT)
    until_time = forms.CharField(
        label="Until", required=False, max_length=5, help_text="As 06:30; perhaps of the next day.", widget=_TEXT
    )
    limit_most = _MostField(
        label="When with it more is printed than", required=False, min_value=0, help_text="Empty: no such limit."
    )
    limit_measure = forms.ChoiceField(label="Counted in", choices=_MEASURES, initial=_MEASURES[0][0])
    limit_span = forms.ChoiceField(label="In", choices=_SPANS, initial=_SPANS[0][0])
    limit_whose = forms.ChoiceField(label="By", choices=_WHOSE, initial=_WHOSE[0][0])
    action = forms.ChoiceField(label="Then", choices=_ACTIONS, initial=_ACTIONS[0][0])
    redirect_to = PrintersField(label="The other queue", required=False, most=1)
    charge_to = forms.CharField(
        label="The shared account", required=False, max_length=300, widget=_TEXT,
        help_text="Its whole name, such as Physics\\Laboratory. It pays, whatever its owner chooses.",
    )  # fmt: skip
    message = forms.CharField(label="What its owner is told", required=False, max_length=300)

    def __init__(self, *args: Any, rule: Rule | None = None, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*args, **options)
        self.rule = rule
        self._named: dict[str, list[User]] = {}
        self._account: SharedAccount | None = None

    def parts(self) -> list[tuple[str, list[BoundField]]]:
        """The fields that are shown, by heading."""
        return [(title, [self[name] for name in names]) for title, names in _PARTS]

    @staticmethod
    def current(rule: Rule) -> dict[str, object]:
        """What is stored, field by field."""
        asked = conditions_of(rule)
        return {
            **{part: getattr(rule, part) for part in ("name", "position", "is_active", "message")},
            "action": rule.action if rule.charge_to is None else _CHARGE,
            "charge_to": "" if rule.charge_to is None else str(rule.charge_to),
            "printers": in_one_line(rule.printers.all()),
            **{part: _pks(getattr(rule, part).all()) for part in ("groups", "except_groups")},
            **{part: _names(getattr(rule, part).all()) for part in ("users", "except_users")},
            **{part: getattr(asked, part) for part in ("pages_over", "copies_over", "sheets_over", "octets_over")},
            "cost_over": asked.cost_over,
            "colour": _yes_or_no(asked.colour),
            "one_sided": _yes_or_no(asked.one_sided),
            "name_has": ", ".join(asked.name_has),
            "languages": list(asked.languages),
            "papers": ", ".join(asked.media),
            "weekdays": list(asked.weekdays),
            "from_time": "" if asked.from_minute is None else clock(asked.from_minute),
            "until_time": "" if asked.until_minute is None else clock(asked.until_minute),
            **_limit_fields(asked.limit),
            "redirect_to": in_one_line([rule.redirect_to] if rule.redirect_to is not None else []),
        }

    def as_stored(self, name: str) -> object:
        """Queues are compared as they are shown."""
        if name in ("printers", "redirect_to"):
            return in_one_line(self.cleaned_data.get(name) or ())
        return super().as_stored(name)

    def clean_users(self) -> str:
        """The names in the server's spelling, in order."""
        return self._users("users")

    def clean_except_users(self) -> str:
        """As users."""
        return self._users("except_users")

    def clean_charge_to(self) -> str:
        """The account's name as it is written there."""
        name = self.cleaned_data["charge_to"]
        if not name:
            return ""
        self._account = find_shared(name)
        if self._account is None:
            raise forms.ValidationError(f"There is no shared account {name}.")
        return str(self._account)

    def clean(self) -> dict[str, Any]:
        """A rule that charges says to which account; of one that does not, an account is not dropped unsaid."""
        said = super().clean() or self.cleaned_data
        if said.get("action") == _CHARGE and self._account is None and "charge_to" not in self.errors:
            self.add_error("charge_to", "Say to which account.")
        if said.get("action") not in (None, _CHARGE) and self._account is not None:
            self.add_error("charge_to", "Choose above to charge it to a shared account, or leave this empty.")
        return said

    def clean_name_has(self) -> str:
        """With one blank after each comma."""
        return ", ".join(_texts(self.cleaned_data["name_has"]))

    def clean_papers(self) -> str:
        """With one blank after each comma."""
        return ", ".join(_texts(self.cleaned_data["papers"]))

    def clean_from_time(self) -> str:
        """A time of day, or empty."""
        return _time(self.cleaned_data["from_time"])

    def clean_until_time(self) -> str:
        """A time of day, or empty."""
        return _time(self.cleaned_data["until_time"])

    def save(self) -> Rule | None:
        """Stores it; None, with an error on the form, if it cannot be."""
        try:
            return transact(self._save)
        except BadRule as error:
            field = _FIELDS.get(error.part, error.part)
            self.add_error(field if field in self.fields else None, error.why)
            return None
        except Rule.DoesNotExist:
            self.add_error(None, "Somebody else removed this rule while you were editing it.")
            return None

    def _save(self) -> Rule | None:
        wanted = self._wanted()
        if self.rule is None:
            return add_rule(wanted)
        now = Rule.objects.select_for_update().get(pk=self.rule.pk)
        return None if self.is_stale(self.current(now)) else change_rule(now, wanted)

    def _wanted(self) -> Wanted:
        said = self.cleaned_data
        charges = said["action"] == _CHARGE
        return Wanted(
            name=said["name"],
            action=Action.ALLOW if charges else Action(said["action"]),
            charge_to=self._account if charges else None,
            conditions=self._conditions(),
            printers=said["printers"],
            users=self._named["users"],
            groups=list(said["groups"]),
            except_users=self._named["except_users"],
            except_groups=list(said["except_groups"]),
            message=said["message"],
            redirect_to=next(iter(said["redirect_to"]), None),
            position=said["position"],
            is_active=said["is_active"],
        )

    def _conditions(self) -> Conditions:
        said = self.cleaned_data
        most: Decimal | None = said["limit_most"]
        limit = None
        if most is not None:
            limit = Limit(
                measure=Measure(said["limit_measure"]),
                span=Span(said["limit_span"]),
                most=most,
                whose=Whose(said["limit_whose"]),
            )
        return Conditions(
            pages_over=said["pages_over"],
            copies_over=said["copies_over"],
            sheets_over=said["sheets_over"],
            octets_over=said["octets_over"],
            cost_over=said["cost_over"],
            colour=None if not said["colour"] else said["colour"] == "yes",
            one_sided=None if not said["one_sided"] else said["one_sided"] == "yes",
            name_has=tuple(_texts(said["name_has"])),
            languages=tuple(said["languages"]),
            media=tuple(_texts(said["papers"])),
            weekdays=tuple(said["weekdays"]),
            from_minute=_minute(said["from_time"]),
            until_minute=_minute(said["until_time"]),
            limit=limit,
        )

    def _users(self, field: str) -> str:
        found: dict[str, User] = {}
        for name in _texts(self.cleaned_data[field]):
            try:
                user = find_user(name)
            except BadUserName:
                user = None
            if user is None:
                raise forms.ValidationError(f"There is no user {name}.")
            found[user.name] = user
        self._named[field] = [found[name] for name in sorted(found)]
        return ", ".join(sorted(found))


def _pks(rows: Iterable[Group]) -> list[int]:
    return sorted(row.pk for row in rows)


def _names(users: Iterable[User]) -> str:
    return ", ".join(sorted(user.name for user in users))


def _yes_or_no(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def _limit_fields(limit: Limit | None) -> dict[str, object]:
    if limit is None:
        return {
            "limit_most": None,
            "limit_measure": _MEASURES[0][0],
            "limit_span": _SPANS[0][0],
            "limit_whose": _WHOSE[0][0],
        }
    return {
        "limit_most": limit.most,
        "limit_measure": limit.measure.value,
        "limit_span": limit.span.value,
        "limit_whose": limit.whose.value,
    }


def _texts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _time(text: str) -> str:
    if text and not _TIME.fullmatch(text):
        raise forms.ValidationError("Write a time from 00:00 to 24:00, such as 08:30.")
    return text


def _minute(text: str) -> int | None:
    return int(text[:2]) * 60 + int(text[3:]) if text else None
