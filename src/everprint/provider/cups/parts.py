"""The parts that deal with CUPS, as the rest of the provider needs them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from everprint.ipp.client import IppClient
from everprint.provider.cups.cupsd import Cupsd, open_cupsd
from everprint.provider.cups.sessions import Sessions
from everprint.provider.jobs import Jobs
from everprint.provider.settings import ProviderSettings

_SOCKET = "cups/backend.sock"


@dataclass(frozen=True, slots=True)
class CupsParts:
    """`ipp` reaches the local CUPS server, whatever the URI."""

    ipp: IppClient
    cupsd: Cupsd
    sessions: Sessions


def cups_parts(settings: ProviderSettings, jobs: Jobs) -> CupsParts:
    """Nothing is asked of CUPS yet. Close `ipp` when done."""
    ipp = open_cupsd(Path(settings.cups_socket))
    return CupsParts(ipp, Cupsd(ipp), Sessions(jobs))


def hook_socket(settings: ProviderSettings) -> Path:
    """Where the backend of adopted queues asks."""
    return Path(settings.cups_hook_socket or Path(settings.state_folder).absolute() / _SOCKET)
