"""The examination of how this server is set up."""

from __future__ import annotations

from django.http import HttpRequest
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.doctor.examination import examine
from everprint.server.doctor.finding import Level
from everprint.server.settings import CONFIGURATION

area = Area("Doctor")


class FindingRecord(BaseModel):
    """What one check found."""

    check: str = Field(description="The check's name, which stays; a check may find several things")
    level: Level
    found: str
    advice: str = Field(description="What to do; empty if there is nothing to do")


@area.get("", list[FindingRecord], needs=Permission.MANAGE_SETTINGS)
def examine_server(request: HttpRequest) -> list[FindingRecord]:
    """Examine how this server is set up."""
    return [
        FindingRecord(check=finding.check, level=finding.level, found=finding.found, advice=finding.advice)
        for finding in examine(CONFIGURATION)
    ]
