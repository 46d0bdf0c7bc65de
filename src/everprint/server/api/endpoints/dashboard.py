"""Is printing well right now, and how much was printed today: what the dashboard answers, for programs."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.fields import Money
from everprint.server.jobs import queries
from everprint.server.jobs.models import Job
from everprint.server.pages.well import printers_at_a_glance, wellbeing
from everprint.server.providers.queries import enrolled

area = Area("Dashboard")


class TroubleRecord(BaseModel):
    """Something that needs a person's attention."""

    name: str = Field(description="A printer, a Print Provider, or jobs in doubt")
    text: str = Field(description="What is wrong with it, for people; it may change")
    stops_printing: bool = Field(description="False: it soon may")


class TodayRecord(BaseModel):
    """What came out since midnight in the installation's zone."""

    jobs: int
    impressions: int
    colour_impressions: int
    sheets: int
    charged: Money


class DashboardRecord(BaseModel):
    """Whether printing is well, and what goes on."""

    is_well: bool = Field(description="Nothing needs a person")
    sentence: str = Field(description="The same for people; it may change")
    troubles: list[TroubleRecord] = Field(description="The worst first")
    jobs_waiting: int = Field(description="That wait or print")
    reserved: Money = Field(description="For jobs that wait or print")
    today: TodayRecord


@area.get("", DashboardRecord, needs=Permission.VIEW_DASHBOARD)
def get_dashboard(request: HttpRequest) -> DashboardRecord:
    """Say whether printing is well right now, and what was printed today."""
    now = timezone.localtime()
    waiting = queries.active(Job.objects.all())
    well = wellbeing(printers_at_a_glance(), enrolled(), waiting.filter(in_doubt=True).count(), now)
    today = queries.printed_since(queries.start_of(now.date()))
    return DashboardRecord(
        is_well=not well.troubles,
        sentence=well.sentence,
        troubles=[
            TroubleRecord(name=trouble.name, text=trouble.text, stops_printing=trouble.bad)
            for trouble in well.troubles
        ],
        jobs_waiting=waiting.count(),
        reserved=queries.reserved_for(Job.objects.all()),
        today=TodayRecord(
            jobs=today.jobs,
            impressions=today.impressions,
            colour_impressions=today.colour_impressions,
            sheets=today.sheets,
            charged=today.charged,
        ),
    )
