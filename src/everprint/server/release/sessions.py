"""Who is signed in at a release station. It is no session of the pages: what a browser keeps of it is good at that
station, for releasing and cancelling jobs, and ends after a while without a touch.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.utils import timezone

from everprint.server.access.permissions import Permission
from everprint.server.database import transact
from everprint.server.people.models import User
from everprint.server.release.models import Station, StationSession
from everprint.server.release.stations import LONGEST_IDLE_S, digest_of

_TOKEN_OCTETS = 24
# The browser signs out first, by the station's own time; this much later the server does.
_GRACE = timedelta(seconds=5)


def begin_session(station: Station, user: User) -> str:
    """Signs the person in; what the browser keeps."""
    token = secrets.token_urlsafe(_TOKEN_OCTETS)

    def work() -> None:
        now = timezone.now()
        over = now - timedelta(seconds=LONGEST_IDLE_S) - _GRACE
        StationSession.objects.filter(used_at__lt=over).delete()
        StationSession.objects.create(station=station, user=user, digest=digest_of(token), used_at=now)

    transact(work)
    return token


def user_at(station: Station, token: str, *, touched: bool) -> User | None:
    """Whoever is signed in there with that; `touched`, if it was a person and no clock that asked."""
    session = StationSession.objects.select_related("user").filter(station=station, digest=digest_of(token)).first()
    now = timezone.now()
    if session is None or session.used_at < now - timedelta(seconds=station.idle_s) - _GRACE:
        return None
    if not session.user.may(Permission.USE_OWN):
        return None
    if touched:
        StationSession.objects.filter(pk=session.pk).update(used_at=now)
    return session.user


def end_session(station: Station, token: str) -> None:
    """Signs out."""
    StationSession.objects.filter(station=station, digest=digest_of(token)).delete()
