"""The metrics of this process: one of each, whoever asks and whoever notes."""

from __future__ import annotations

from everprint.monitor.metrics import Metrics
from everprint.server.metrics.readings import read_gauges
from everprint.version import version

METRICS = Metrics(version(), read_gauges)

note_contract_request = METRICS.times(
    "everprint_contract_request_seconds",
    "From a print server's request to the answer, by endpoint; waiting for orders is left out.",
    "endpoint",
)
