"""People found by a part of their name or e-mail address, among hundreds of thousands, without looking at each.

On PostgreSQL the three texts are searched as one, of which there is an index (migration 0009). Where its extension
pg_trgm is not installed, or may not be made, there is none, and the same statement looks at everybody.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.functions import Upper
from django.db.models.query_utils import Q

from everprint.server.people.models import User


class _AsOne(Func):
    """Texts in capitals, one after the other; the unit separator between, so nothing is found across two of them."""

    template = "UPPER(%(expressions)s)"
    arg_joiner = " || chr(31) || "
    output_field = TextField()


def with_text(users: QuerySet[User], text: str) -> QuerySet[User]:
    """Those of the users with the text in a name or the e-mail address, in small letters or capitals."""
    if connection.vendor != "postgresql":
        return users.filter(Q(name__icontains=text) | Q(full_name__icontains=text) | Q(email__icontains=text))
    return users.alias(searched=_AsOne("name", "full_name", "email")).filter(searched__contains=Upper(Value(text)))
