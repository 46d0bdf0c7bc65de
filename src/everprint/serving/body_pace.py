"""Whether a client sends its body fast enough. Counts only the time in which somebody waited for it."""

from __future__ import annotations


class BodyPace:
    """The octets of one body against the time that the client had to send them."""

    __slots__ = ("_idle_s", "_last", "_octets", "_octets_at_last", "_patience_s", "_rate", "_waited_s")

    def __init__(self, now: float, patience_s: float, rate: float) -> None:
        self._patience_s = patience_s
        self._rate = rate
        self._octets = 0
        self._octets_at_last = 0
        self._last = now
        self._idle_s = 0.0
        self._waited_s = 0.0

    def take(self, octets: int) -> None:
        """Some of the body arrived."""
        self._octets += octets

    def is_too_slow(self, now: float, waiting: bool) -> bool:
        """Asked from time to time; *waiting* is False if the client was not even asked for more."""
        passed, self._last = now - self._last, now
        arrived = self._octets > self._octets_at_last
        self._octets_at_last = self._octets
        if not waiting:
            return False
        self._waited_s += passed
        self._idle_s = 0.0 if arrived else self._idle_s + passed
        if self._idle_s > self._patience_s:
            return True
        return self._waited_s > self._patience_s and self._octets < self._waited_s * self._rate
