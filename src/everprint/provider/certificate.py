"""Which certificate the queues are offered with: one that was given, one of our own, or none."""

from __future__ import annotations

import socket
from pathlib import Path

from everprint.provider.settings import ProviderSettings
from everprint.serving import Listener
from everprint.serving.own_certificate import OwnCertificate

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def own_certificate(settings: ProviderSettings) -> OwnCertificate | None:
    """The one of our own, if the settings want one and give none."""
    if settings.certificate or not settings.own_certificate:
        return None
    name = settings.host_name or socket.gethostname()
    # By the last one DNS-SD announces it.
    names = {name, *_LOOPBACK, f"{name.partition('.')[0]}.local"}
    if settings.listen != "*":
        names.add(settings.listen)
    return OwnCertificate(Path(settings.state_folder), names)


def listeners(settings: ProviderSettings) -> list[Listener]:
    """Where it listens: plain, and with TLS if there is a certificate."""
    found = [Listener(settings.listen, settings.port)]
    if (own := own_certificate(settings)) is not None:
        found.append(Listener(settings.listen, settings.tls_port, own.file))
    elif settings.certificate:
        key = Path(settings.key) if settings.key else None
        found.append(Listener(settings.listen, settings.tls_port, Path(settings.certificate), key))
    return found
