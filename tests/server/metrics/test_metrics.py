"""The server's numbers for Prometheus: right, documented, for those who may have them, and the same few for ever."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.server.world import PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "metrics.md").read_text("utf-8")


def told(client: Client | None = None) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels."""
    answer = (client or Client()).get("/metrics")
    assert answer.status_code == HTTPStatus.OK
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def test_jobs_printers_and_print_servers_are_counted() -> None:
    server = PrintServer(queue={"hold": True})
    server.ask(server.job(), pages(1))
    numbers = told()
    assert numbers["everprint_database_up", ()] == 1
    assert sum(value for (name, _), value in numbers.items() if name == "everprint_jobs") == 1
    assert numbers["everprint_jobs_in_doubt", ()] == 0
    assert sum(value for (name, _), value in numbers.items() if name == "everprint_printers") == 1
    assert sum(value for (name, _), value in numbers.items() if name == "everprint_providers") == 1


def test_scheduled_work_and_the_ledgers_audit_are_told() -> None:
    from everprint.server.schedule.lease import claim, finish
    from everprint.server.schedule.works import FAILED, LEDGER_AUDIT, WORKS

    every = {work.name: work.every for work in WORKS}
    assert claim(LEDGER_AUDIT, every[LEDGER_AUDIT])
    finish(LEDGER_AUDIT, "1 accounts, 2 transactions: 1 findings")
    assert claim("quotas", every["quotas"])
    finish("quotas", f"{FAILED}no", done=True)
    numbers = told()
    assert numbers["everprint_ledger_sound", ()] == 0
    assert numbers["everprint_scheduled_work_failed", ("quotas",)] == 1
    assert numbers["everprint_scheduled_work_failed", (LEDGER_AUDIT,)] == 0
    assert numbers["everprint_scheduled_work_age_seconds", ("quotas",)] >= 0


def test_a_database_that_is_away_is_told_and_nothing_else_of_it() -> None:
    from django.db import connections

    connections.close_all()
    settings = connections["default"].settings_dict
    before, settings["NAME"] = settings["NAME"], "/secret-place/database"
    try:
        numbers = told()
    finally:
        connections.close_all()
        settings["NAME"] = before
    assert numbers["everprint_database_up", ()] == 0
    assert not any(name == "everprint_jobs" for name, _ in numbers)


def test_who_is_not_named_is_refused() -> None:
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == HTTPStatus.FORBIDDEN
    assert told(Client(REMOTE_ADDR="::1"))
    assert Client().post("/metrics").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_every_metric_is_documented_and_names_nobody() -> None:
    from everprint.server.metrics.process import note_contract_request

    note_contract_request("/contract/authorise", 0.01)
    server = PrintServer()
    server.ask(server.job(), pages(1))
    answer = Client().get("/metrics").content.decode()
    names = {line.split()[2] for line in answer.splitlines() if line.startswith("# TYPE")}
    assert {name for name in names if f"`{name}`" not in REFERENCE and not name.endswith("_created")} == set()
    assert "alice" not in answer
    assert "report.pdf" not in answer
