"""After the database went back to an earlier moment: what must be said to it before a server runs on it again."""

from __future__ import annotations

from everprint.server.configuration import ServerSettings
from everprint.server.jobs.hand_overs import doubt_after_restore
from everprint.server.migrating.apply import bring_up_to_date
from everprint.server.providers.job_ids import leap_after_restore
from everprint.server.providers.models import Provider
from everprint.server.secret_key import make_secret_key


def go_on_after_restore(settings: ServerSettings) -> None:
    """Brings it to this release, lets providers' reports have a gap, and gives no number twice. No server may run."""
    bring_up_to_date()
    Provider.objects.update(gap_allowed=True)
    doubt_after_restore()
    leap_after_restore()
    make_secret_key(settings.secret_key_path)
