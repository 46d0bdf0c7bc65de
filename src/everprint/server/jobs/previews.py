"""Small pictures of a job's pages: taken from its Print Provider, shown to its owner, and forgotten after some hours.

They are no promise: a job may have none. Invariant: what is shown is younger than *previews_keep_h*, was drawn by the
job's own provider, and was written by us (png).
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from everprint.contract.limits import LONGEST_PREVIEW_EDGE, MOST_PREVIEW_OCTETS, MOST_PREVIEWS
from everprint.contract.messages import Previews
from everprint.server.access.permissions import Permission
from everprint.server.database import transact
from everprint.server.jobs.models import Job, PagePreview
from everprint.server.jobs.png import BadPicture, Picture, remade
from everprint.server.people.models import User
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)


class UnknownJob(Exception):
    """The provider has no such job here, or not yet, or one of which only counts are kept."""


class BadPreview(Exception):
    """One of the pictures is not taken, and so none of them is; the text names it."""


def keep_previews(provider: uuid.UUID, message: Previews) -> int:
    """Keeps the pictures that are not there yet; returns how many the job has now. Doing it again changes nothing.

    Raises UnknownJob, BadPreview.
    """
    if not CONFIGURATION.previews_keep_h:
        return 0
    pictures = {preview.page: _checked(preview.page, preview.png) for preview in message.pictures}
    return transact(lambda: _keep(provider, uuid.UUID(message.job_id), pictures))


def may_see_previews(job: Job, user: User) -> bool:
    """The job's owner, and whoever has the permission."""
    return job.owner_id == user.pk or user.may(Permission.VIEW_PREVIEWS)


def previews_of(job: Job) -> QuerySet[PagePreview]:
    """Those that are still to be seen, in order of their pages."""
    return job.previews.filter(at__gte=_oldest()).order_by("page")


def forget_old_previews() -> int:
    """Deletes all whose time is over; how many."""
    deleted, _ = PagePreview.objects.filter(at__lt=_oldest()).delete()
    if deleted:
        log.info("previews forgotten pictures=%d", deleted)
    return deleted


def _oldest() -> datetime:
    return timezone.now() - timedelta(hours=CONFIGURATION.previews_keep_h)


def _checked(page: int, png: bytes) -> Picture:
    if not 1 <= page <= MOST_PREVIEWS:
        raise BadPreview(f"page {page} is not one of the first {MOST_PREVIEWS}")
    if len(png) > MOST_PREVIEW_OCTETS:
        raise BadPreview(f"the picture of page {page} has {len(png)} octets, more than {MOST_PREVIEW_OCTETS}")
    try:
        return remade(png, LONGEST_PREVIEW_EDGE)
    except BadPicture as error:
        raise BadPreview(f"the picture of page {page} is not taken: {error}") from None


def _keep(provider: uuid.UUID, job_id: uuid.UUID, pictures: dict[int, Picture]) -> int:
    job = Job.objects.filter(uuid=job_id, provider=provider, unlogged=False).only("pk").first()
    if job is None:
        raise UnknownJob(f"this provider has no job {job_id} here")
    there = set(job.previews.values_list("page", flat=True))
    now = timezone.now()
    new = [
        PagePreview(job=job, page=page, png=picture.png, width=picture.width, height=picture.height, at=now)
        for page, picture in pictures.items()
        if page not in there
    ]
    PagePreview.objects.bulk_create(new, ignore_conflicts=True)
    return len(there) + len(new)
