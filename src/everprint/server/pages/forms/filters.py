"""Forms that say which rows of a listing are wanted: the query string, where nothing is an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    _ModelChoiceField = forms.ModelChoiceField[Any]
    _ModelChoiceIterator = ModelChoiceIterator[Any]
else:
    _ModelChoiceField, _ModelChoiceIterator = forms.ModelChoiceField, ModelChoiceIterator


class FilterForm(forms.Form):
    """What the query string says; a value that cannot be is taken as not said, and not shown again."""

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        if self.errors:
            cleaned = query.copy()
            for name in self.errors:
                cleaned.pop(name, None)
            super().__init__(cleaned)
            self.full_clean()

    def said(self, name: str) -> Any:  # noqa: ANN401 - each field has its own type
        """The value of a field; None if it was not said."""
        return self.cleaned_data.get(name) or None

    @property
    def says_something(self) -> bool:
        """True if not all rows are wanted."""
        return any(self.cleaned_data.values())


class NamedChoice(_ModelChoiceField):
    """One of a table's rows by its *name*, of which there may be thousands: no row is read whole, and no option is a
    template of its own."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's own
        super().__init__(widget=_LongSelect, **options)

    class iterator(_ModelChoiceIterator):  # noqa: N801 - Django's name for it
        """The keys and names."""

        def __iter__(self) -> Iterator[tuple[Any, str]]:
            if self.field.empty_label is not None:
                yield "", str(self.field.empty_label)
            yield from self.queryset.values_list("pk", "name")


class _LongSelect(forms.Select):
    def render(
        self,
        name: str,
        value: object,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SafeString(" selected") if str(key) == chosen else "", label) for key, label in self.choices),
        )
        attributes = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, attributes, options)
