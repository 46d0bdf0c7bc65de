"""Is the server alive, and is it ready?"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    from everprint.server.health import views

    monkeypatch.setattr(views, "_last", None)  # an answer is kept for a second
    return Client(SERVER_NAME="anything.example")


def test_a_server_with_its_database_is_alive_and_ready(client: Client) -> None:
    assert client.get("/health/live").json()["status"] == "ok"
    ready = client.get("/health/ready")
    assert ready.status_code == HTTPStatus.OK
    assert [check["name"] for check in ready.json()["checks"]] == ["database", "disk"]


def test_a_database_that_is_not_migrated_is_not_ready_but_alive(client: Client) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="jobs").delete()
    answer = client.get("/health/ready")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "everprint server migrate" in answer.json()["checks"][0]["message"]
    assert client.get("/health/live").status_code == HTTPStatus.OK


def test_a_database_that_a_newer_release_took_something_from_is_not_ready(client: Client) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    from everprint.server.installation.models import DatabaseVersion

    MigrationRecorder.Migration.objects.create(app="jobs", name="0999_from_the_future")
    DatabaseVersion.objects.create(oldest_server=9_999)
    answer = client.get("/health/ready")
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "newer release" in answer.json()["checks"][0]["message"]


def test_a_database_that_is_away_is_said_without_its_name() -> None:
    from django.db import connections

    from everprint.server.health.checks import check_database

    connections.close_all()
    settings = connections["default"].settings_dict
    before, settings["NAME"] = settings["NAME"], "/secret-place/database"
    try:
        result = check_database()
    finally:
        connections.close_all()
        settings["NAME"] = before
    assert result.level == "fail"
    assert "secret-place" not in result.message


def test_a_full_disk_is_not_ready() -> None:
    from everprint.server.health.checks import readiness
    from everprint.server.settings import CONFIGURATION

    health = readiness(msgspec.structs.replace(CONFIGURATION, free_space_mib=10**9))
    assert health.level == "fail"
    assert "make room" in health.checks[1].message


def test_whoever_asks_often_gets_the_last_answer(client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get("/health/ready")
    with CaptureQueriesContext(connection) as queries:
        for _ in range(5):
            client.get("/health/ready")
    assert len(queries) == 0
