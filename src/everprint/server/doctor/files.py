"""What this server keeps in files: its key, its settings and its folder, and whom else they are open to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from everprint.monitor.disk import check_free_space
from everprint.monitor.health import Level as HealthLevel
from everprint.server.configuration import ServerSettings
from everprint.server.doctor.finding import Finding, advise, ok, problem

SHORTEST_KEY = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_files(settings: ServerSettings, file: Path | None) -> Iterator[Finding]:
    """`file` is the TOML file that the settings came from, if there is one."""
    yield _secret_key(settings.secret_key_path)
    yield _state_folder(settings.state_path)
    if file is not None:
        secret = settings.payment_secret or settings.ldap_bind_password or settings.smtp_password
        yield _settings_file(file, holds_secrets=bool(secret) or "@" in settings.database)
    yield _disk(settings)


def _secret_key(path: Path) -> Finding:
    check = "secret-key"
    try:
        state = path.stat()
        length = len(path.read_text("ascii", errors="replace").strip())
    except OSError as error:
        return problem(
            check,
            f"{path} cannot be read ({error.strerror})",
            "run the command as the server's user; `everprint server init` makes the key of a new installation",
        )
    if state.st_mode & _OTHERS:
        return problem(check, f"others than its owner may use {path}", f"chmod 600 {path}")
    if length < SHORTEST_KEY:
        return problem(
            check,
            f"the key in {path} has {length} characters",
            f"put at least {SHORTEST_KEY} random ones there and start the server again: everybody signs in anew",
        )
    return ok(check, "is there, and only the server's user may read it")


def _state_folder(folder: Path) -> Finding:
    check = "state-folder"
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        return problem(check, f"{folder} cannot be used ({error.strerror})", "set state_folder, or make the folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        return problem(check, f"this user may not write in {folder}", "run the command as the server's user")
    if mode & _OTHERS:
        return problem(check, f"others than its owner may look into {folder}", f"chmod 700 {folder}")
    return ok(check, f"{folder} is open to the server's user only")


def _settings_file(file: Path, *, holds_secrets: bool) -> Finding:
    check = "settings-file"
    if holds_secrets and file.stat().st_mode & stat.S_IRWXO:
        return problem(
            check,
            f"every user of this machine may read {file}, which holds a password or a secret",
            f"chown root:everprint {file}; chmod 640 {file}",
        )
    return ok(check, str(file))


def _disk(settings: ServerSettings) -> Finding:
    result = check_free_space("disk", settings.state_path, settings.free_space_mib)
    if result.level is HealthLevel.OK:
        return ok("disk", result.message)
    make = problem if result.level is HealthLevel.FAIL else advise
    return make("disk", result.message, "make room, or move state_folder to a larger disk")
