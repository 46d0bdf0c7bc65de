"""The last snapshot and the last words of each device, on disk: a start needs neither the server nor the printers."""

from __future__ import annotations

import hashlib
import logging
from functools import lru_cache
from pathlib import Path

import msgspec

from everprint.contract.messages import Snapshot
from everprint.ipp.codec import encode_attributes
from everprint.ipp.errors import IppError
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.identity import store_durably
from everprint.provider.journal.rows import decode_attributes
from everprint.provider.mirrored import kept

log = logging.getLogger(__name__)

_SNAPSHOT = "snapshot.json"


def read_snapshot(state_folder: Path) -> Snapshot:
    """The snapshot in that folder, which is left as it is. Raises OSError and msgspec.DecodeError."""
    return msgspec.json.decode((state_folder / _SNAPSHOT).read_bytes(), type=Snapshot)


@lru_cache(maxsize=64)
def _read(octets: bytes) -> Group:
    """Of equal printers, of which a site has many, one is read. Raises IppError."""
    return kept(Group(GroupTag.PRINTER, decode_attributes(octets)))


class SnapshotStore:
    """Files in the state folder."""

    def __init__(self, state_folder: Path) -> None:
        self._state_folder = state_folder
        self._snapshot = state_folder / _SNAPSHOT
        self._devices = state_folder / "devices"
        self._devices.mkdir(mode=0o700, exist_ok=True)
        self._saved: dict[Path, bytes] = {}  # digests of what is on disk

    def load(self) -> Snapshot | None:
        """The last snapshot; None if there is none that can be read."""
        try:
            return read_snapshot(self._state_folder)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("snapshot cannot be read path=%s error=%s", self._snapshot, error)
            return None

    def save(self, snapshot: Snapshot) -> None:
        """Keeps a snapshot; it is on disk when this returns."""
        store_durably(self._snapshot, msgspec.json.encode(snapshot))

    def load_device(self, queue: str, device_uri: str) -> Group | None:
        """What that device of the queue said last of its abilities."""
        path = self._device_path(queue, device_uri)
        try:
            octets = path.read_bytes()
            device = _read(octets)
        except FileNotFoundError:
            return None
        except (OSError, IppError) as error:
            log.warning("device attributes cannot be read path=%s error=%s", path, error)
            return None
        self._saved[path] = hashlib.sha256(octets).digest()
        return device

    def save_device(self, queue: str, device_uri: str, device: Group) -> None:
        """Keeps what that device of the queue said of its abilities; what is on disk already is not written again."""
        path, octets = self._device_path(queue, device_uri), encode_attributes(device.attributes)
        digest = hashlib.sha256(octets).digest()
        if self._saved.get(path) != digest:
            store_durably(path, octets)
            self._saved[path] = digest

    def _device_path(self, queue: str, device_uri: str) -> Path:
        # A digest, because neither the queue's name nor the device's URI is fit for a path.
        digest = hashlib.sha256(f"{queue}\n{device_uri}".encode()).hexdigest()
        return self._devices / f"{digest}.ipp"
