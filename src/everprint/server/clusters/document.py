"""What a cluster tells: the document of `everprint cluster status --json`, bounded, each field of a known shape.

It comes from another part, perhaps of another release, over the network: fields that are not known here are left
away, and what is too long or too many is refused.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

MOST_HOSTS = 64
MOST_VMS = 500

# No control characters, as everywhere in the API.
Word = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]


def _moment(value: object) -> object:
    """Only what is written as in RFC 3339: pydantic would make a moment of a number, too."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("a moment is written as 2026-11-27T11:23:05+00:00")
    return value


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), Field(description="With a zone")]


class ClusterLevel(StrEnum):
    """How it stands; later is worse."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Told(BaseModel):
    """A part of the document; fields of a newer release are left away."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class ToldFencing(Told):
    """A fence device."""

    device: Word
    state: Word


class ToldFenceEvent(Told):
    """The last time that a host was fenced, or was to be."""

    action: Word
    state: Word
    at: Moment | None = None
    by: Word = ""
    reason: Text = ""


class ToldHost(Told):
    """A host."""

    name: Word
    state: Word
    controller: StrictBool = False
    site: Word = ""
    programs: list[Word] = Field([], max_length=MOST_VMS, description="What runs there")
    fencing: list[ToldFencing] = Field([], max_length=8)
    last_fenced: ToldFenceEvent | None = None


class ToldFailOver(Told):
    """When a VM last failed over."""

    at: Moment
    why: Text
    source: Word = Field("", alias="from")
    target: Word = Field("", alias="to")


class ToldEvidence(Told):
    """What was kept of a VM that failed."""

    host: Word
    folder: Text
    at: Word
    reason: Text


class ToldLayer(Told):
    """What guards a VM besides."""

    layer: Word
    state: Word
    level: ClusterLevel
    detail: Text = ""


class ToldVm(Told):
    """A VM."""

    name: Word
    role: Word
    protection: Word
    host: Word = ""
    state: Word
    health: Word
    since: Moment | None = None
    failures: Count = 0
    last_failure: Text = ""
    last_fail_over: ToldFailOver | None = None
    evidence: list[ToldEvidence] = Field([], max_length=64)
    layers: list[ToldLayer] = Field([], max_length=16)


class ClusterDocument(Told):
    """The whole cluster at one moment."""

    at: Moment
    status: ClusterLevel
    asked: Text = ""
    quorum: StrictBool
    hosts: list[ToldHost] = Field([], max_length=MOST_HOSTS)
    vms: list[ToldVm] = Field([], max_length=MOST_VMS)
    troubles: list[ToldLayer] = Field([], max_length=64, description="Layers that could not tell")
    every_s: Annotated[int, Field(strict=True, ge=1, le=3600)] = Field(
        60, description="How often it is told; silent for three times as long, and at least 30 s, it is stale"
    )


def as_kept(document: ClusterDocument) -> dict[str, object]:
    """The form in the database."""
    return document.model_dump(mode="json", by_alias=True)


def read_kept(kept: dict[str, object]) -> ClusterDocument:
    """What `as_kept` made, of this release or another."""
    return ClusterDocument.model_validate(kept)
