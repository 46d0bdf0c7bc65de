"""Syncs with the directory: asking for one, and what came of them."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Body, Flag, Id
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.directory.models import DirectoryRun
from everprint.server.directory.plan import Kind
from everprint.server.directory.runs import MOST_KEPT, ask_for_run

area = Area("Directory")


class DirectoryChange(BaseModel):
    """What becomes of one person."""

    kind: Kind
    name: str
    before: dict[str, object]
    after: dict[str, object]


class DirectoryProblem(BaseModel):
    """Somebody in the directory who cannot be taken as they are."""

    where: str
    message: str


class SyncRecord(BaseModel):
    """A sync that was asked for, or was due."""

    id: Id
    asked_at: datetime
    asked_by: str = Field(description="Empty: it was due")
    dry_run: bool
    let_go: bool
    ended_at: datetime | None = Field(description="None: it waits, or is under way")
    problem: str = Field(description="Why nothing was changed; empty if all went well")
    read: int = Field(description="People in the directory")
    made: int
    changed: int
    gone: int
    changes: list[DirectoryChange] = Field(description=f"The first {MOST_KEPT}")
    problems: list[DirectoryProblem] = Field(description=f"The first {MOST_KEPT}")


class NewSync(Body):
    """A sync to be done."""

    dry_run: Flag = Field(description="True: only say what would change")
    let_go: Flag = Field(False, description="True: also if more people are gone than the server's settings allow")


@area.get("/syncs", Found[SyncRecord], needs=Permission.VIEW_USERS)
def list_directory_syncs(request: HttpRequest, asked: Query[Asked]) -> Found[SyncRecord]:
    """List the latest syncs with the directory, newest first."""
    return cut(DirectoryRun.objects.all(), asked, _record)


@area.post("/syncs", SyncRecord, needs=Permission.MANAGE_USERS, status=HTTPStatus.CREATED)
def ask_for_a_directory_sync(request: HttpRequest, wanted: NewSync) -> SyncRecord:
    """Ask for a sync with the directory; it is done within a minute."""
    return _record(ask_for_run(dry_run=wanted.dry_run, let_go=wanted.let_go))


def _record(run: DirectoryRun) -> SyncRecord:
    return SyncRecord(
        id=run.pk,
        asked_at=run.asked_at,
        asked_by=run.asked_by,
        dry_run=run.dry_run,
        let_go=run.let_go,
        ended_at=run.ended_at,
        problem=run.problem,
        read=run.read,
        made=run.made,
        changed=run.changed,
        gone=run.gone,
        changes=[DirectoryChange.model_validate(change) for change in run.changes],
        problems=[DirectoryProblem.model_validate(problem) for problem in run.problems],
    )
