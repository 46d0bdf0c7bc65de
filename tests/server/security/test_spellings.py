"""No other spelling of a path reaches a page that its plain spelling refuses (CVE-2023-27351)."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from rig.raw_http import RawConnection
from tests.server.serving import serve_here

pytestmark = pytest.mark.usefixtures("database")

SPELLINGS = (
    "/jobs", "//jobs", "/jobs/", "/jobs//", "/jobs.", "/jobs./", "/JOBS", "/jobs%00", "/%6aobs", "/%6Aobs",
    "/jobs%2f", "/%2fjobs", "/jobs;x=1", "/./jobs", "/x/../jobs", "/health/../jobs", "/health/..%2fjobs",
    "/health/live/../../jobs", "/health/%2e%2e/jobs", "/static/../jobs", "/static/%2e%2e/jobs",
    "/static//..//jobs", "/contract/../jobs", "/contract/enrol/../../jobs", "/sign-in/../jobs", "/sign-in//jobs",
    "/jobs\\", "\\jobs", "http://localhost/jobs", "/jobs#/sign-in", "/jobs?next=/sign-in", "/%252e/jobs",
)  # fmt: skip


def test_whoever_is_not_signed_in_sees_nothing_by_any_spelling() -> None:
    with serve_here() as url:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        for spelling in SPELLINGS:
            with RawConnection((parts.hostname, parts.port)) as connection:
                head = f"GET {spelling} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
                connection.send(head.encode("latin-1"))
                answer = connection.read_answer()
            if answer.status == HTTPStatus.FOUND:
                assert answer.headers["location"].startswith("/sign-in?next="), spelling
            else:
                assert answer.status in (301, 400, 401, 404), f"{spelling}: {answer.status}"


def test_no_header_of_a_forwarder_changes_who_asks_or_for_what() -> None:
    with serve_here() as url:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        for header in (
            "X-Original-URL: /health/live",
            "X-Rewrite-URL: /health/live",
            "X-Forwarded-For: 127.0.0.1",
            "X-Remote-User: root",
            "Remote-User: root",
            "X-HTTP-Method-Override: POST",
        ):
            with RawConnection((parts.hostname, parts.port)) as connection:
                connection.send(f"GET /jobs HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n".encode())
                assert connection.read_answer().status == HTTPStatus.UNAUTHORIZED, header
