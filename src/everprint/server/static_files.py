"""Style sheets, scripts and pictures of the pages: read once from the apps' static folders and served from memory.

Their addresses carry a hash of their content (`{% static %}` adds it), so that a browser may keep them for a year and
still sees a new version at once.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def version_of(name: str) -> str:
    """A short hash of the file's content; empty for a file that is not there."""
    found = finders.find(name)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12] if isinstance(found, str) else ""


class VersionedFiles(StaticFilesStorage):
    """Gives `{% static %}` the address with the version."""

    def url(self, name: str | None, force: bool = False) -> str:
        return f"{super().url(name)}?v={version_of(name or '')}"
