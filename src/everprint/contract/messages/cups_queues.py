"""Queues that a provider found: those of the CUPS server on its machine that it adopted."""

from __future__ import annotations

import msgspec


class CupsQueue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that CUPS owns; its name in CUPS is its name here."""

    name: str
    device_uri: str  # everprint: and the device URI of CUPS, without a password
    info: str = ""
    location: str = ""


class CupsQueues(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/cups-queues: from now on their jobs are ours to decide about. Told again, it changes nothing."""

    queues: list[CupsQueue]


class CupsQueuesTaken(msgspec.Struct, frozen=True, kw_only=True):
    """The names of those that were added now; the others were there."""

    added: list[str]
