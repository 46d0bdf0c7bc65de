"""Pictures: drawn when there is time for it, for the job's owner to look at. They are no promise."""

from __future__ import annotations

import msgspec


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """One page, small: a PNG of 8 bits a channel, grey or in colour, not interlaced; base64 on the wire."""

    page: int  # from 1
    png: bytes


class Previews(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/previews: pictures of pages of one job of this provider. What is there already is kept."""

    job_id: str
    pictures: list[Preview]


class PreviewsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How many pictures of the job the server has now."""

    kept: int
