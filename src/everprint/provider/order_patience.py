"""How long the next question for orders may stay open, and what its failure says: pure, told of each outcome.

A question that waits for orders can be cut by something on the way (a proxy, a firewall that forgets) while the
server is well. So a failure alone says nothing: the next question is one that is answered at once, and only if that
fails, too, the server is away. What was cut after some seconds is then asked for less long.
"""

from __future__ import annotations

from everprint.contract.endpoints import ORDERS_PATIENCE_S

_SHORTEST_S = 1.0
# After a cut by chance the patience is back within some dozen answers.
_GROWS_BY = 1.1


class OrderPatience:
    """`next_s` is how long the next question may stay open, in seconds."""

    def __init__(self) -> None:
        self._patience_s = ORDERS_PATIENCE_S
        self._failures = 0
        self._cut_after_s = 0.0

    @property
    def next_s(self) -> float:
        """Nothing after a failure: the answer comes at once if the server is there."""
        return 0.0 if self._failures else self._patience_s

    def answered(self) -> None:
        """The server answered the question."""
        if self._failures == 1 and self._cut_after_s >= _SHORTEST_S:
            self._patience_s = max(_SHORTEST_S, self._cut_after_s / 2)
        elif not self._failures:
            self._patience_s = min(ORDERS_PATIENCE_S, self._patience_s * _GROWS_BY)
        self._failures = 0

    def failed(self, after_s: float) -> bool:
        """It did not, and that was clear after so many seconds. True if the server is away."""
        if not self._failures:
            self._cut_after_s = after_s
        self._failures += 1
        return self._failures > 1
