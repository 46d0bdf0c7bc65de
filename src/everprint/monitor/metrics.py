"""Numbers for Prometheus, in its text format: the same way for every part.

Few and bounded: a label is one of a fixed list of words, or a queue's name; never a person, a document or a job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# Prometheus's text format, which every version of it reads.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# From what nobody notices to what makes a client give up.
BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that goes up and down: one, or one for each value of a label."""

    name: str
    help: str
    label: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


def single(name: str, help_text: str, value: float) -> Gauge:
    """A gauge without a label."""
    return Gauge(name, help_text, "", {"": value})


class Metrics:
    """What one process tells: what `read` says when it is asked, the times of requests, and its own process."""

    def __init__(self, version: str, read: Callable[[], Iterable[Gauge]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Read(version, read))
        ProcessCollector(registry=self._registry)

    def times(self, name: str, help_text: str, label: str) -> Callable[[str, float], None]:
        """A histogram of seconds; call it with the label's value and the seconds."""
        histogram = Histogram(name, help_text, (label,), registry=self._registry, buckets=BUCKETS_S)

        def note(value: str, seconds: float) -> None:
            histogram.labels(value).observe(seconds)

        return note

    def exposition(self) -> bytes:
        """All of them as Prometheus takes them."""
        return generate_latest(self._registry)


class _Read(Collector):
    def __init__(self, version: str, read: Callable[[], Iterable[Gauge]]) -> None:
        self._version = version
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is read when it is registered

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("everprint_build_info", "The release that runs; always 1.", labels=("version",))
        build.add_metric((self._version,), 1)
        yield build
        for gauge in self._read():
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=(gauge.label,) if gauge.label else ())
            for value, number in gauge.values.items():
                family.add_metric((value,) if gauge.label else (), number)
            yield family
