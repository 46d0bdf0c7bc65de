"""The metrics of this process: one of each, whoever asks and whoever notes."""

from __future__ import annotations

from collections.abc import Iterator

from everprint.monitor.metrics import Gauge, Metrics
from everprint.version import version


def _read_gauges() -> Iterator[Gauge]:
    """What is read is imported when it is asked for: a server that starts only notes times."""
    from everprint.server.metrics.readings import read_gauges

    return read_gauges()


METRICS = Metrics(version(), _read_gauges)

note_contract_request = METRICS.times(
    "everprint_contract_request_seconds",
    "From a print server's request to the answer, by endpoint; waiting for orders is left out.",
    "endpoint",
)
