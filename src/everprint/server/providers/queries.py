"""Questions about Print Providers: which there are, and whether they answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from everprint.contract.endpoints import ORDERS_PATIENCE_S
from everprint.server.providers.models import Provider

# A provider that is well asks for orders again as soon as an answer came; two missed answers are silence.
SILENT_AFTER = timedelta(seconds=2 * ORDERS_PATIENCE_S + 10)


def enrolled() -> QuerySet[Provider]:
    """Those whose credential works."""
    return Provider.objects.filter(revoked_at=None)


def is_answering(provider: Provider, now: datetime) -> bool:
    """True if it was heard from lately."""
    return provider.last_seen_at is not None and provider.last_seen_at > now - SILENT_AFTER
