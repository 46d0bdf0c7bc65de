"""Whoever asks: who they are, what they may, their own balance, statement and jobs."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.purses import accounts_of
from everprint.server.api.area import Area
from everprint.server.api.endpoints import jobs
from everprint.server.api.endpoints.accounts import LineRecord, statement_of
from everprint.server.api.endpoints.purses import HeldRecord, held_by
from everprint.server.api.endpoints.users import UserRecord, record_of, user_with
from everprint.server.api.fields import Id
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


class StatementAsked(Asked):
    """Of which of one's accounts."""

    account: Id | None = Field(None, description="None: the balance; else the id of one of one's own purses")


@area.get("/accounts", list[HeldRecord], needs=Permission.USE_OWN)
def list_my_accounts(request: HttpRequest) -> list[HeldRecord]:
    """List one's own accounts: the balance first, then the purses that something was ever in."""
    return held_by(person(request))


@area.get("/statement", Found[LineRecord], needs=Permission.USE_OWN)
def get_my_statement(request: HttpRequest, asked: Query[StatementAsked]) -> Found[LineRecord]:
    """List the statement of one's own balance, or of one of one's purses, newest first."""
    user = person(request)
    if asked.account is None:
        return statement_of(open_personal_account(user), asked)
    own = next((account for account in accounts_of(user) if account.pk == asked.account), None)
    if own is None:
        raise Http404
    return statement_of(own, asked)


@area.get("/jobs", Found[jobs.JobRecord], needs=Permission.USE_OWN)
def list_my_jobs(request: HttpRequest, asked: Query[jobs.JobsAsked]) -> Found[jobs.JobRecord]:
    """List one's own jobs."""
    own = Job.objects.select_related("printer", "owner", "provider").filter(owner=person(request))
    return jobs.jobs_found(own, asked)
