"""Style sheets, scripts and pictures of the pages: read once from the apps' static folders and served from memory.

Their addresses carry a hash of their content (`{% static %}` adds it), so that a browser may keep them for a year and
still sees a new version at once. A request names a key of a table, never a path.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

from everprint.serving.asgi import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to send."""

    content: bytes
    content_type: str
    version: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Every file of the pages, by its name below /static/."""
    found: dict[str, StaticFile] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            found.setdefault(name, _read(Path(storage.path(name))))
    return found


def _read(path: Path) -> StaticFile:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return StaticFile(content, kind, hashlib.sha256(content).hexdigest()[:12])


class VersionedFiles(StaticFilesStorage):
    """Gives `{% static %}` the address with the version."""

    def url(self, name: str | None, force: bool = False) -> str:
        file = static_files().get(name or "")
        if file is None:
            raise FileNotFoundError(f"no static file {name}")
        return f"{super().url(name)}?v={file.version}"


async def serve_static(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application behind /static/."""
    file = static_files().get(scope["path"].removeprefix(settings.STATIC_URL))
    headers = [(b"x-content-type-options", b"nosniff")]
    if file is None or scope["method"] not in ("GET", "HEAD"):
        status, body = HTTPStatus.NOT_FOUND, b"There is no such file.\n"
        headers += [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    else:
        status, body = HTTPStatus.OK, file.content
        headers += [
            (b"content-type", file.content_type.encode()),
            (b"cache-control", b"public, max-age=31536000, immutable"),
        ]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
