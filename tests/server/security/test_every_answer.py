"""What every answer carries and every request must satisfy, over real HTTP."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from rig.certificates import make_certificates
from tests.server.conftest import Database
from tests.server.serving import serve_here, server_process, urls_of

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/health/live", "/jobs"])
def test_nothing_but_our_own_scripts_and_frames(path: str) -> None:
    with serve_here() as url:
        headers = httpx.get(url + path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers, "that is for HTTPS"


def test_a_name_that_is_not_ours_is_refused_but_for_health() -> None:
    with serve_here() as url:
        for path in ("/sign-in", "/", "/no-such-page"):
            answer = httpx.get(url + path, headers={"Host": "evil.example"})
            assert answer.status_code == HTTPStatus.BAD_REQUEST, path
        assert httpx.get(f"{url}/health/live", headers={"Host": "10.0.0.5"}).status_code == HTTPStatus.OK


def test_a_body_too_large_is_refused_whether_announced_or_not() -> None:
    from everprint.server.security.body_limit import MOST_OCTETS

    with serve_here() as url:
        host, port = url.removeprefix("http://").split(":")
        announced = HTTPConnection(host, int(port), timeout=30)
        announced.putrequest("POST", "/sign-in")
        announced.putheader("Content-Length", str(MOST_OCTETS + 1))
        announced.endheaders()
        assert announced.getresponse().status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        announced.close()

        chunked = HTTPConnection(host, int(port), timeout=30)
        pieces = (b"x" * 65536 for _ in range(MOST_OCTETS // 65536 + 1))
        chunked.request(
            "POST", "/sign-in", body=pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
        )
        assert chunked.getresponse().status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        chunked.close()
        assert httpx.get(f"{url}/sign-in").status_code == HTTPStatus.OK, "others do not notice"


def test_static_files_are_a_table_and_no_folder() -> None:
    with serve_here() as url:
        assert httpx.get(f"{url}/static/pages/frame.css").headers["Content-Type"].startswith("text/css")
        for path in ("/static/../settings.py", "/static/%2e%2e/settings.py", "/static//etc/passwd", "/static/pages/"):
            connection = HTTPConnection(*url.removeprefix("http://").split(":"), timeout=30)
            connection.request("GET", path)  # as it is: httpx would tidy it up
            assert connection.getresponse().status == HTTPStatus.NOT_FOUND, path
            connection.close()


def test_with_a_certificate_pages_are_for_https_only(database: Database, tmp_path: Path) -> None:
    made = make_certificates(tmp_path / "certificates")
    environment = {
        "EVERPRINT_SERVER_CERTIFICATE": str(made.certificate),
        "EVERPRINT_SERVER_CERTIFICATE_KEY": str(made.key),
        "EVERPRINT_SERVER_HTTPS_LISTEN": "127.0.0.1:0",
    }
    with server_process(database, tmp_path / "state", environment) as process:
        plain, secure = urls_of(process)
        moved = httpx.get(f"{plain}/jobs?state=held")
        assert (moved.status_code, moved.headers["Location"][:18]) == (
            HTTPStatus.MOVED_PERMANENTLY,
            "https://127.0.0.1:",
        )
        assert moved.headers["Location"].endswith("/jobs?state=held")
        assert httpx.post(f"{plain}/sign-in").status_code == HTTPStatus.FORBIDDEN
        assert httpx.get(f"{plain}/health/live").status_code == HTTPStatus.OK
        trust = ssl.create_default_context(cafile=str(made.authority))
        page = httpx.get(f"{secure}/sign-in", verify=trust)
        assert page.status_code == HTTPStatus.OK
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        assert all("Secure" in cookie for cookie in page.headers.get_list("Set-Cookie"))
        assert page.headers.get_list("Set-Cookie") != []
