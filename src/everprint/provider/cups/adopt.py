"""Putting our backend before the device of a queue of CUPS, and taking it away again.

Only the device URI changes, so the queue keeps its PPD, options and defaults. One more thing may: a queue that CUPS
would stop when a backend fails (*stop-printer*) retries jobs while it is adopted; what it did before is remembered
and put back. Every step may be done again.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from everprint.contract.device_uris import before_device, behind_hook, is_hooked
from everprint.ipp.client import IppClient
from everprint.ipp.errors import BadValue
from everprint.ipp.message import Group, keyword, name, uri
from everprint.ipp.tags import GroupTag
from everprint.provider.cups import backend
from everprint.provider.cups.cupsd import (
    CUPS_ADD_MODIFY_PRINTER,
    CUPS_GET_PRINTERS,
    Cupsd,
    queue_uri,
)
from everprint.provider.identity import store_durably

BACKEND_NAME = "everprint"
CONFIGURATION_NAME = "everprint-backend.json"
_REMEMBERED = "cups-adopted.json"
_STOPS, _RETRIES = "stop-printer", "retry-job"
_PRINTERS_CONF = "printers.conf"
_MOST_CONF_OCTETS = 64 << 20


class CannotAdopt(Exception):
    """The text says what is missing, and what to do."""


@dataclass(frozen=True, slots=True)
class CupsQueue:
    """A queue of CUPS. `device_uri` may hold a password."""

    name: str
    device_uri: str
    info: str
    location: str
    error_policy: str

    @property
    def is_adopted(self) -> bool:
        """True if our backend stands before its device."""
        return is_hooked(self.device_uri)

    @property
    def shown_uri(self) -> str:
        """Of the device alone, without a password."""
        return without_user(behind_hook(self.device_uri))


@dataclass(frozen=True, slots=True)
class Place:
    """Where CUPS has its programs and its configuration."""

    server_bin: Path
    server_root: Path

    @property
    def backend(self) -> Path:
        """Our backend."""
        return self.server_bin / "backend" / BACKEND_NAME

    @property
    def has_backend(self) -> bool:
        """True if it is in place, and of this release."""
        try:
            return self.backend.read_text("utf-8") == _program() and (self.server_root / CONFIGURATION_NAME).exists()
        except PermissionError:
            return True  # it is root's, as it should be
        except OSError:
            return False


def install_backend(place: Place, socket: Path) -> None:
    """Puts the backend where cupsd finds it. It is root's alone, so cupsd starts it as root: then it can do what the
    real backends can, and give up those rights for those that need none.

    Raises CannotAdopt.
    """
    user, group = _cups_user(place.server_root)
    configuration = msgspec.json.encode({"socket": str(socket), "user": user, "group": group})
    try:
        store_durably(place.server_root / CONFIGURATION_NAME, configuration + b"\n")
        store_durably(place.backend, _program().encode())
        place.backend.chmod(0o700)
    except PermissionError as error:
        raise CannotAdopt(f"{error.filename} cannot be written: run this as root (sudo).") from error
    except OSError as error:
        raise CannotAdopt(
            f"{place.backend} cannot be put in place ({error.strerror}): is CUPS installed, and is "
            "--server-bin its ServerBin and --server-root its ServerRoot?"
        ) from error


def _program() -> str:
    interpreter = Path(sys.executable).resolve()
    return f"#!{interpreter} -I\n" + Path(backend.__file__).read_text("utf-8")


def _cups_user(server_root: Path) -> tuple[str, str]:
    """User and Group of cups-files.conf(5), by which cupsd runs most backends."""
    said = {"User": "lp", "Group": "lp"}
    try:
        text = (server_root / "cups-files.conf").read_text("utf-8", "replace")
    except OSError:
        text = ""
    said.update(re.findall(r"^\s*(User|Group)\s+([\w.-]+)\s*$", text, re.MULTILINE))
    return said["User"], said["Group"]


async def queues(ipp: IppClient, place: Place) -> list[CupsQueue]:
    """All queues of CUPS, by name. Raises PrinterError, CupsRefused."""
    answer = await Cupsd(ipp).ask(
        CUPS_GET_PRINTERS,
        keyword("requested-attributes", *_WANTED),
    )
    exact = dict(_exact_uris(place.server_root))
    found = [_read(group, exact) for group in answer.all_groups(GroupTag.PRINTER)]
    return sorted((queue for queue in found if queue.name), key=lambda queue: queue.name)


def _read(group: Group, exact: dict[str, str]) -> CupsQueue:
    said = {attribute: _string(group, attribute) for attribute in _WANTED}
    uri_said, queue = said["device-uri"], said["printer-name"]
    known = exact.get(queue, "")
    # CUPS leaves out user and password; its file has them.
    device_uri = known if without_user(known) == without_user(uri_said) else uri_said
    return CupsQueue(queue, device_uri, said["printer-info"], said["printer-location"], said["printer-error-policy"])


_WANTED = ("printer-name", "device-uri", "printer-info", "printer-location", "printer-error-policy")


def _string(group: Group, attribute: str) -> str:
    try:
        return group.string(attribute) or ""
    except BadValue:
        return ""


def _exact_uris(server_root: Path) -> Iterable[tuple[str, str]]:
    """Device URIs as printers.conf has them; nothing if we may not read it."""
    try:
        with (server_root / _PRINTERS_CONF).open("r", encoding="utf-8", errors="replace") as file:
            text = file.read(_MOST_CONF_OCTETS)
    except OSError:
        return
    queue = ""
    for line in text.splitlines():
        if found := re.match(r"<(?:Default)?Printer (\S+)>", line):
            queue = found[1]
        elif line.startswith("DeviceURI "):
            yield queue, line.partition(" ")[2].strip()


async def adopt(ipp: IppClient, queue: CupsQueue, state_folder: Path) -> bool:
    """Puts our backend before its device; False if it stands there already.

    Raises PrinterError, CupsRefused, OSError.
    """
    if queue.is_adopted:
        return False
    remembered = _remembered(state_folder)
    policy = None
    if queue.error_policy == _STOPS:
        policy = _RETRIES
        remembered[queue.name] = queue.error_policy
        _remember(state_folder, remembered)
    await _modify(ipp, queue.name, before_device(queue.device_uri), policy)
    return True


async def release(ipp: IppClient, queue: CupsQueue, state_folder: Path) -> bool:
    """Takes our backend away; False if it is not there.

    Raises PrinterError, CupsRefused, OSError.
    """
    remembered = _remembered(state_folder)
    policy = remembered.pop(queue.name, None)
    if queue.is_adopted:
        restored = policy if queue.error_policy == _RETRIES else None
        await _modify(ipp, queue.name, behind_hook(queue.device_uri), restored)
    if policy is not None:
        _remember(state_folder, remembered)
    return queue.is_adopted


async def _modify(ipp: IppClient, queue: str, device_uri: str, policy: str | None) -> None:
    changes = [uri("device-uri", device_uri)]
    if policy is not None:
        changes.append(name("printer-error-policy", policy))
    await Cupsd(ipp).ask(
        CUPS_ADD_MODIFY_PRINTER,
        uri("printer-uri", queue_uri(queue)),
        others=(Group(GroupTag.PRINTER, tuple(changes)),),
        path="admin/",
    )


def _remembered(state_folder: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode((state_folder / _REMEMBERED).read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _remember(state_folder: Path, policies: dict[str, str]) -> None:
    path = state_folder / _REMEMBERED
    store_durably(path, msgspec.json.encode(policies))
    owner = state_folder.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def without_user(device_uri: str) -> str:
    """The URI without user name and password."""
    return re.sub(r"://[^/@]*@", "://", device_uri, count=1)
