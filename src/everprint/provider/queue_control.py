"""What operators told a queue by IPP (RFC 8011 section 4.2.7, RFC 3998): to pause, to take no jobs, to say something.

It is kept in a file of its own: a queue that was paused before a restart is paused after it. The Application
Server's settings are not touched: a queue takes jobs if both let it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from everprint.provider.identity import store_durably

log = logging.getLogger(__name__)


class QueueControl(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One queue's. The default is a queue that nobody touched."""

    paused: bool = False  # nothing goes to the device: Pause-Printer
    disabled: bool = False  # no job is taken: Disable-Printer
    message: str = ""  # printer-message-from-operator


UNTOUCHED = QueueControl()
_decode = msgspec.json.Decoder(dict[str, QueueControl]).decode


class QueueControlStore:
    """The file."""

    def __init__(self, state_folder: Path) -> None:
        self._path = state_folder / "controls.json"
        self._controls = self._load()

    def get(self, queue: str) -> QueueControl:
        """What operators said last about this queue."""
        return self._controls.get(queue, UNTOUCHED)

    def save(self, queue: str, control: QueueControl) -> None:
        """Keeps it; it is on disk when this returns. Raises OSError: then nothing changed."""
        controls = {**self._controls, queue: control}
        kept = {name: one for name, one in controls.items() if one != UNTOUCHED}
        store_durably(self._path, msgspec.json.encode(kept))
        self._controls = kept

    def _load(self) -> Mapping[str, QueueControl]:
        try:
            return _decode(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("what operators said of the queues cannot be read path=%s error=%s", self._path, error)
            return {}
