"""The Print Provider's numbers for Prometheus (docs/reference/metrics.md), from what it holds in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from everprint.contract.job_life import FINAL, JobState
from everprint.contract.messages import PrinterState
from everprint.monitor.health import Health, Level
from everprint.monitor.metrics import Gauge, single
from everprint.provider.job import Job

_LEVELS = {Level.OK: 0.0, Level.WARN: 1.0, Level.FAIL: 2.0}


def gauges(
    ready: Health, unfinished: Iterable[Job], queues: Mapping[str, PrinterState], unreported: int
) -> Iterator[Gauge]:
    """All of them. Printing is well if every check is 0."""
    yield Gauge(
        "everprint_provider_check",
        "What readiness looks at: 0 is well, 1 a warning, 2 failed.",
        "check",
        {check.name: _LEVELS[check.level] for check in ready.checks},
    )
    states = Counter(job.state.value for job in unfinished)
    yield Gauge(
        "everprint_provider_jobs",
        "Jobs that wait or print, by state.",
        "state",
        {state.value: states[state.value] for state in JobState if state not in FINAL},
    )
    yield Gauge(
        "everprint_provider_queue_stopped",
        "1 if the queue's printer has stopped.",
        "queue",
        {name: float(state is PrinterState.STOPPED) for name, state in queues.items()},
    )
    yield single(
        "everprint_provider_events_untold", "Events that the Application Server was not told yet.", unreported
    )
