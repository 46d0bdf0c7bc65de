"""Forms about a printer's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from everprint.contract.failure_modes import FailureMode, UnknownPages
from everprint.contract.messages import Authentication, InDoubtPolicy, OverLimit
from everprint.documents.media import media_label
from everprint.server.database import transact
from everprint.server.pages.forms.edit import EditForm, ProblemForm
from everprint.server.printers.checks import check_device_uri, check_device_uris, check_networks
from everprint.server.printers.models import MOST_HOLD_HOURS, Printer, default_formats, default_media
from everprint.server.printers.queues import BadPrinter, add_printer, change_printer
from everprint.server.providers.models import Provider
from everprint.server.providers.queries import enrolled

AUTHENTICATION = [
    (Authentication.BASIC.value, "User name and password, over TLS"),
    (Authentication.REQUESTING_USER_NAME.value, "The name that the client says, from trusted networks only"),
]
UNKNOWN_PAGES = [
    (UnknownPages.REFUSE.value, "Refuse it"),
    (UnknownPages.CHARGE_ACTUAL.value, "Print it and charge what the printer reports"),
]
FAILURE_MODES = [
    (FailureMode.PRINT_AND_LOG_LATER.value, "Print, and charge when it is back"),
    (FailureMode.HOLD.value, "Let jobs wait for it"),
    (FailureMode.PRINT_WITHOUT_LOG.value, "Print for nobody: count it, charge no one"),
]

OVER_LIMIT = [
    (OverLimit.HOLD.value, "Keep it, and print it by itself once there is credit for it"),
    (OverLimit.REFUSE.value, "Refuse it"),
]
IN_DOUBT = [
    (InDoubtPolicy.ASK.value, "Hold it, until somebody has looked whether it was printed"),
    (InDoubtPolicy.RESEND.value, "Send it again: it may come out twice"),
]
DEVICE_FORMATS = [
    ("application/pdf", "PDF"),
    ("application/postscript", "PostScript"),
    ("application/vnd.hp-PCL", "PCL 5"),
    ("application/vnd.hp-PCLXL", "PCL XL"),
    ("image/jpeg", "JPEG"),
    ("image/pwg-raster", "PWG raster"),
    ("image/urf", "URF"),
    ("text/plain", "Plain text"),
]
_PAPERS = (
    "iso_a4_210x297mm", "na_letter_8.5x11in", "iso_a3_297x420mm", "iso_a5_148x210mm", "na_legal_8.5x14in",
    "na_ledger_11x17in",
)  # fmt: skip


class LinesField(forms.CharField):
    """A list, one item a line; `check` refuses what it may not hold (ValidationError)."""

    def __init__(self, check: Callable[[list[str]], None], most: int, **options: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), max_length=most, **options)
        self._check = check

    def prepare_value(self, value: object) -> object:
        """The lines that show a list."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        """The list that the lines say."""
        text: str = super().clean(value)
        items = text.replace(",", " ").split()
        self._check(items)
        return items


class _Settings(forms.Form):
    name = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9_.-]*\Z",
        label="Name",
        max_length=127,
        help_text="What people see in the print dialogue, and the last part of the queue's address.",
        error_messages={"invalid": "Write letters, digits, _ . or - only, beginning with a letter or a digit."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    device_uri = forms.CharField(
        label="Device URI",
        max_length=1023,
        validators=[check_device_uri],
        help_text="Where the printer itself is, like ipp://192.0.2.7/ipp/print or socket://192.0.2.7; "
        "find-me: for a queue whose jobs are released at any printer.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    pool = LinesField(
        check_device_uris,
        70_000,
        label="More devices",
        required=False,
        help_text="Makes it a pool: device URIs, one a line. Each job goes to the one that can print it soonest.",
    )
    info = forms.CharField(label="Description", max_length=127, required=False)
    location = forms.CharField(label="Location", max_length=127, required=False)
    authentication = forms.ChoiceField(
        label="Who prints is known by", choices=AUTHENTICATION, initial=Authentication.BASIC.value
    )
    trusted_networks = LinesField(
        check_networks,
        4000,
        label="Trusted networks",
        required=False,
        help_text="One a line, like 192.0.2.0/24. From there, the name that the client says is believed.",
    )
    unknown_pages = forms.ChoiceField(
        label="When the pages of a document cannot be counted",
        choices=UNKNOWN_PAGES,
        initial=UnknownPages.REFUSE.value,
    )
    in_doubt = forms.ChoiceField(
        label="When the printer cannot say, after a failure, whether it printed a job",
        choices=IN_DOUBT,
        initial=InDoubtPolicy.ASK.value,
    )
    device_formats = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Raw port or LPD: what the printer understands",
        choices=DEVICE_FORMATS,
        initial=default_formats,
        help_text="This and the next four are for socket://, lpd:// and find-me: only. Others say it themselves.",
    )
    device_media = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Raw port or LPD: papers",
        choices=[(name, media_label(name)) for name in _PAPERS],
        initial=default_media,
        help_text="The first one chosen is the usual one.",
    )
    device_colour = forms.BooleanField(label="Raw port or LPD: it prints in colour", required=False)
    device_two_sided = forms.BooleanField(label="Raw port or LPD: it prints on both sides", required=False)
    device_pjl = forms.BooleanField(
        label="Raw port or LPD: it understands PJL",
        required=False,
        initial=True,
        help_text="Options like copies and sides reach it so, and it may tell how many pages it printed.",
    )
    find_me_target = forms.BooleanField(
        label="Jobs of Find-Me queues can be released here", required=False, initial=True
    )
    failure_mode = forms.ChoiceField(
        label="While the Application Server is away",
        choices=FAILURE_MODES,
        initial=FailureMode.PRINT_AND_LOG_LATER.value,
        help_text="What its Print Provider does when it cannot ask this server.",
    )
    over_limit = forms.ChoiceField(
        label="When a job costs more than its owner can spend",
        choices=OVER_LIMIT,
        initial=OverLimit.HOLD.value,
    )
    hold = forms.BooleanField(
        label="Hold every job", required=False, help_text="Jobs wait until their owner or an operator releases them."
    )
    hold_hours = forms.IntegerField(
        label="Hours that a held job waits",
        initial=0,
        min_value=0,
        max_value=MOST_HOLD_HOURS,
        help_text="Then it ends, and costs nothing. 0: as the installation's settings say.",
    )
    accepting = forms.BooleanField(
        label="Accept jobs", required=False, initial=True, help_text="If not, clients are told to try again later."
    )

    def clean(self) -> None:
        """A queue that believes names needs networks to believe them from."""
        said = self.cleaned_data
        if said.get("authentication") == Authentication.REQUESTING_USER_NAME and said.get("trusted_networks") == []:
            self.add_error("trusted_networks", "Name at least one network, or nobody can print.")


class NewPrinterForm(_Settings, ProblemForm):
    """A new queue at a Print Provider."""

    provider = forms.ModelChoiceField(
        label="Print Provider",
        queryset=Provider.objects.none(),
        empty_label=None,
        help_text="The one that offers it.",
    )
    field_order = ("provider", "name", "device_uri", "pool")

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(*arguments, **options)
        self.fields["provider"].queryset = enrolled()  # type: ignore[attr-defined] # a ModelChoiceField has it

    def create(self) -> Printer | None:
        """The new printer; None, with an error on the form, if there cannot be one."""
        said = dict(self.cleaned_data)
        try:
            return add_printer(said.pop("provider"), **said)
        except BadPrinter as error:
            self.add_error(None, str(error))
        return None


class EditPrinterForm(_Settings, EditForm):
    """A queue's settings."""

    FIELDS = (
        "name", "device_uri", "pool", "info", "location", "authentication", "trusted_networks", "unknown_pages",
        "in_doubt", "failure_mode", "over_limit", "hold", "hold_hours", "accepting", "find_me_target",
        "device_formats", "device_media", "device_colour", "device_two_sided", "device_pjl",
    )  # fmt: skip
    field_order = FIELDS

    @classmethod
    def current(cls, printer: Printer) -> dict[str, object]:
        """What is stored."""
        return {name: getattr(printer, name) for name in cls.FIELDS}

    def save(self, printer_id: int) -> bool:
        """Stores all of it or nothing; False, with an error on the form, if it cannot be."""

        def work() -> bool:
            printer = Printer.objects.select_for_update().get(pk=printer_id)
            if self.is_stale(self.current(printer)):
                return False
            change_printer(printer, **{name: self.cleaned_data[name] for name in self.FIELDS})
            return True

        try:
            return transact(work)
        except BadPrinter as error:
            self.add_error(None, str(error))
        return False
