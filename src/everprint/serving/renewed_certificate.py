"""A listener's certificate that is renewed while it serves: new connections get the new one, nobody is cut off."""

from __future__ import annotations

import logging
import ssl

from everprint.serving.listener import CannotListen, Listener

log = logging.getLogger(__name__)


class RenewedCertificate:
    """Looks whether the files changed; what cannot be used changes nothing, and is said once."""

    def __init__(self, listener: Listener, context: ssl.SSLContext) -> None:
        """`context` is what the listener's connections are made with."""
        self._listener = listener
        self._context = context
        self._seen = listener.certificate_stamp()

    def look(self) -> None:
        """Looks once; quick enough for the event loop."""
        stamp = self._listener.certificate_stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._listener.tls_context()  # the two files may not belong together yet
            self._listener.load_into(self._context)
        except CannotListen as error:
            log.error("certificate stays the old one reason=%s", error)  # noqa: TRY400 - it says all
        else:
            log.info("certificate renewed listener=%s file=%s", self._listener, self._listener.certificate)
