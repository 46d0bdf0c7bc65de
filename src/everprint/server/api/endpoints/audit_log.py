"""The audit log: who did what, when, from where, and what it changed."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Day, Id, ShortText
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.audit_log.acting import Origin
from everprint.server.audit_log.models import AuditEntry
from everprint.server.audit_log.queries import AuditFilter, entries_matching

area = Area("Audit log")


class AuditRecord(BaseModel):
    """One act. Names are as they were then."""

    id: Id
    at: datetime
    actor: str = Field(description="A user's name, or of a command: the name of the system's user")
    actor_id: Id | None = Field(description="The user's id; none for a command")
    origin: Origin
    token: str = Field(description="The name of the API token; empty for a session")
    address: str
    action: str = Field(description="What was done, like user.change")
    target_kind: str
    target_id: str
    target_name: str
    before: dict[str, object] = Field(description="What the act changed, as it was")
    after: dict[str, object] = Field(description="And as it is since then")


class AuditAsked(Asked):
    """Which acts."""

    text: ShortText = Field("", description="In who acted, in the act, or in the name of what it was done to")
    actor: ShortText = Field("", description="A name, whole")
    action: ShortText = Field("", description="An act, or the beginning of several: user, user.change")
    origin: Origin | None = None
    first_day: Day | None = Field(None, description="In the installation's time zone, included")
    last_day: Day | None = Field(None, description="Included")


@area.get("", Found[AuditRecord], needs=Permission.VIEW_AUDIT_LOG)
def list_audit_log(request: HttpRequest, asked: Query[AuditAsked]) -> Found[AuditRecord]:
    """List administrative acts, newest first."""
    wanted = AuditFilter(
        text=asked.text.strip(),
        actor=asked.actor.strip(),
        action=asked.action.strip(),
        origin=asked.origin.value if asked.origin else "",
        first_day=asked.first_day,
        last_day=asked.last_day,
    )
    return cut(entries_matching(wanted), asked, _record)


def _record(entry: AuditEntry) -> AuditRecord:
    return AuditRecord(
        id=entry.pk,
        at=entry.at,
        actor=entry.actor_name,
        actor_id=entry.actor_id,
        origin=Origin(entry.origin),
        token=entry.token,
        address=entry.address,
        action=entry.action,
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        target_name=entry.target_name,
        before=entry.before,
        after=entry.after,
    )
