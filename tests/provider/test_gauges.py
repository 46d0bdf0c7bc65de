"""The print server's numbers for Prometheus, and who may have them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from everprint.contract.messages import PrinterState
from everprint.contract.trusted_networks import read_networks
from everprint.monitor.health import Health, Question
from everprint.monitor.metrics import Metrics
from everprint.provider.gauges import gauges
from everprint.provider.health import Pages, liveness, readiness

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text("utf-8")
HERE = ["127.0.0.0/8"]


def exposition() -> bytes:
    ready = readiness("", "The server does not answer.", 2, 7)
    queues = {"office": PrinterState.IDLE, "hall": PrinterState.STOPPED}
    return Metrics("0.1.0", lambda: gauges(ready, [], queues, 7)).exposition()


def ask(address: str, method: str = "GET") -> tuple[int, bytes]:
    """The status and the body of an answer to that address."""

    def healthy() -> Health:
        return Health(Question.LIVENESS, liveness(journal_writes=True).checks)

    async def nothing() -> dict[str, object]:
        return {"type": "http.request"}

    sent: list[dict[str, object]] = []

    async def send(event: dict[str, object]) -> None:
        sent.append(event)

    page = Pages(healthy, healthy, exposition, read_networks(HERE))
    scope = {"type": "http", "path": "/metrics", "method": method, "client": (address, 1)}
    asyncio.run(page(scope, nothing, send))
    status, body = sent[0]["status"], sent[1]["body"]
    assert isinstance(status, int)
    assert isinstance(body, bytes)
    return status, body


def test_checks_jobs_queues_and_untold_events_are_told() -> None:
    lines = exposition().decode().splitlines()
    assert 'everprint_provider_check{check="spool"} 0.0' in lines
    assert 'everprint_provider_check{check="application-server"} 1.0' in lines
    assert 'everprint_provider_queue_stopped{queue="hall"} 1.0' in lines
    assert 'everprint_provider_queue_stopped{queue="office"} 0.0' in lines
    assert 'everprint_provider_jobs{state="held"} 0.0' in lines
    assert "everprint_provider_events_untold 7.0" in lines
    assert 'everprint_build_info{version="0.1.0"} 1.0' in lines


def test_every_metric_is_documented() -> None:
    names = [line.split()[2] for line in exposition().decode().splitlines() if line.startswith("# TYPE")]
    assert [name for name in names if f"`{name}`" not in REFERENCE] == []


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [("127.0.0.1", "GET", 200), ("192.0.2.7", "GET", 403), ("127.0.0.1", "POST", 405)],
)
def test_metrics_are_for_the_networks_that_are_named(address: str, method: str, status: int) -> None:
    assert ask(address, method)[0] == status
