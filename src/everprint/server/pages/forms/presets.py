"""The form of a printer's preset: what some people may do there."""

from __future__ import annotations

from django import forms

from everprint.documents.ticket import SidesKeyword
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people.models import Group
from everprint.server.printers.models import Printer, PrinterPreset
from everprint.server.printers.presets import CHANGEABLE, BadPreset, add_preset, change_preset

_SIDES = [
    ("", "As the printer does"),
    (SidesKeyword.ONE_SIDED.value, "One side"),
    (SidesKeyword.TWO_SIDED_LONG_EDGE.value, "Both sides, turned at the long edge"),
    (SidesKeyword.TWO_SIDED_SHORT_EDGE.value, "Both sides, turned at the short edge"),
]


class PresetForm(ProblemForm):
    """A new preset, or one that is there already."""

    name = forms.CharField(label="Name", max_length=100, help_text="Such as Pupils, or Guests.")
    groups = forms.ModelMultipleChoiceField(
        Group.objects.all(),
        label="For the members of",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: for everybody whom no earlier preset is for.",
    )
    position = forms.IntegerField(
        label="Position",
        initial=0,
        min_value=-1000,
        max_value=1000,
        help_text="The first one counts.",
    )
    colour = forms.BooleanField(label="They may print in colour", required=False, initial=True)
    two_sided_only = forms.BooleanField(label="They print on both sides only", required=False)
    sides_default = forms.ChoiceField(label="Unless they say otherwise", choices=_SIDES, required=False)
    most_copies = forms.IntegerField(
        label="Copies at the most", required=False, min_value=1, max_value=10_000, help_text="Empty: as the printer."
    )

    @classmethod
    def current(cls, preset: PrinterPreset) -> dict[str, object]:
        """What is stored."""
        values: dict[str, object] = {name: getattr(preset, name) for name in CHANGEABLE}
        return {**values, "groups": list(preset.groups.all())}

    def save(self, printer: Printer, preset: PrinterPreset | None) -> PrinterPreset | None:
        """Stores it; None, with an error on the form, if it cannot be."""
        said = {name: self.cleaned_data[name] for name in CHANGEABLE}
        groups = self.cleaned_data["groups"]
        try:
            if preset is None:
                return add_preset(printer, groups, **said)
            return change_preset(preset, groups, **said)
        except BadPreset as error:
            self.add_error(None, str(error))
        return None
