"""From the *database* setting to Django's DATABASES entry.

Durability is decided here: SQLite runs in WAL mode with synchronous=FULL, so that a commit is on disk before it is
acknowledged; write transactions begin IMMEDIATE, so that two of them never deadlock on a lock upgrade.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from everprint.configuration import ConfigurationError

SQLITE_FILE = "everprint.sqlite3"
EXPECTED = "sqlite:///absolute/path or postgresql://user:password@host:5432/name"


def database_entry(url: str, state_folder: Path) -> dict[str, object]:
    """Django's description of the database at that URL.

    Raises ConfigurationError for a URL of another kind.
    """
    if not url:
        return _sqlite(state_folder / SQLITE_FILE)
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        path = Path(unquote(urlsplit(url).path))
        if urlsplit(url).netloc or not path.is_absolute() or path == Path("/"):
            raise ConfigurationError(f"database: expected {EXPECTED}, got {url!r}")
        return _sqlite(path)
    if scheme in ("postgresql", "postgres"):
        return _postgresql(url)
    raise ConfigurationError(f"database: expected {EXPECTED}, got a URL that begins with {scheme or url[:12]!r}")


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-16000;"
            # What a transaction may have to undo is kept in memory: no folder for temporary files can be missing.
            "PRAGMA temp_store=MEMORY",
        },
    }


def _postgresql(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    user_info, _, hosts = parts.netloc.rpartition("@")
    user, _, password = user_info.partition(":")
    pairs = [_host_and_port(item) for item in hosts.split(",")] if hosts else [("", "")]
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ConfigurationError(f"database: the URL names no database; expected {EXPECTED}")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    # `host` in the query is libpq's way to name a Unix socket's folder.
    host = options.pop("host", ",".join(host for host, _ in pairs))
    ports = [port for _, port in pairs]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": host,
        "PORT": ",".join(ports) if any(ports) else "",
        # One pool per process: threads come and go with the requests, connections stay.
        "OPTIONS": {"connect_timeout": "10", "pool": {"min_size": 1, "max_size": 12, "timeout": 10}, **options},
        "CONN_HEALTH_CHECKS": True,
    }


def _host_and_port(item: str) -> tuple[str, str]:
    host, colon, port = item.rpartition(":")
    if not colon or item.endswith("]"):
        return item.strip("[]"), ""
    if not port.isdigit():
        raise ConfigurationError(f"database: {port!r} is not a port number; expected {EXPECTED}")
    return host.strip("[]"), port
