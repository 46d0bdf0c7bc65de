"""A field for the name of a department or an office, with those that there are already to choose from."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from everprint.server.people.models import Department, Office
from everprint.server.people.workplaces import LONGEST_NAME

MOST_OFFERED = 500

Workplaces = QuerySet[Department] | QuerySet[Office]


class WorkplaceField(forms.CharField):
    """A name; a new one is made when the form is stored."""

    def __init__(self, offered: Workplaces, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(required=False, max_length=LONGEST_NAME, widget=_Offering(offered), **options)


class _Offering(forms.TextInput):
    """A text with a list of what others wrote there."""

    def __init__(self, offered: Workplaces) -> None:
        self.offered = offered
        super().__init__()

    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, Any] | None = None,
        renderer: object | None = None,
    ) -> SafeString:
        """The field, and its list beside it."""
        names = self.offered.values_list("name", flat=True)[:MOST_OFFERED]
        field = super().render(name, value, {**(attrs or {}), "list": f"{name}-offered"}, None)
        options = format_html_join("", '<option value="{}"></option>', ((offered,) for offered in names))
        return format_html('{}<datalist id="{}-offered">{}</datalist>', field, name, options)
