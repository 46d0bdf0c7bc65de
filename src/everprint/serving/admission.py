"""Who may open one more connection: no address may take all of them."""

from __future__ import annotations

from collections import Counter


class Admission:
    """Counts the open connections, in all and per client address."""

    def __init__(self, max_connections: int, max_connections_per_address: int) -> None:
        self._max_connections = max_connections
        self._max_connections_per_address = max_connections_per_address
        self._open: Counter[str] = Counter()
        self._total = 0

    def admit(self, address: str) -> bool:
        """Takes a place for a connection from that address; False if there is none."""
        if self._total >= self._max_connections or self._open.get(address, 0) >= self._max_connections_per_address:
            return False
        self._total += 1
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Gives the place back. Only for a connection that was admitted."""
        self._total -= 1
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]
