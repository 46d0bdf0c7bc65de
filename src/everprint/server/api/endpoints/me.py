"""Whoever asks: who they are, what they may, their own balance, statement and jobs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel

from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import open_personal_account
from everprint.server.api.area import Area
from everprint.server.api.endpoints import jobs
from everprint.server.api.endpoints.accounts import LineRecord, statement_of
from everprint.server.api.endpoints.users import UserRecord, record_of, user_with
from everprint.server.api.listing import Asked, Found
from everprint.server.jobs.models import Job
from everprint.server.pages.person import person

area = Area("Me, and this API")


class Me(BaseModel):
    """Whoever asks, and what they may; of a token's owner, what the token may."""

    user: UserRecord
    permissions: list[Permission]


@area.get("", Me, needs=Permission.USE_OWN)
def get_me(request: HttpRequest) -> Me:
    """Get whoever asks."""
    user = person(request)
    may = sorted(permission for permission in Permission if user.may(permission))
    return Me(user=record_of(user_with(user.pk)), permissions=may)


@area.get("/statement", Found[LineRecord], needs=Permission.USE_OWN)
def get_my_statement(request: HttpRequest, asked: Query[Asked]) -> Found[LineRecord]:
    """List one's own statement, newest first."""
    return statement_of(open_personal_account(person(request)), asked)


@area.get("/jobs", Found[jobs.JobRecord], needs=Permission.USE_OWN)
def list_my_jobs(request: HttpRequest, asked: Query[jobs.JobsAsked]) -> Found[jobs.JobRecord]:
    """List one's own jobs."""
    own = Job.objects.select_related("printer", "owner", "provider").filter(owner=person(request))
    return jobs.jobs_found(own, asked)
