"""Forms that say which rows of a listing are wanted: the query string, where nothing is an error."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict


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
