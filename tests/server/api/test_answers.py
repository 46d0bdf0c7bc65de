"""What every answer of the API is: a record as documented, or a problem; never a page, never half."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from tests.server.api.program import Program, program
from tests.server.serving import serve_here

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def admin() -> Program:
    return program()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", HTTPStatus.NOT_FOUND, "not-found"),
        ("GET", "/users/x", HTTPStatus.NOT_FOUND, "not-found"),
        ("GET", "/users/999", HTTPStatus.NOT_FOUND, "not-found"),
        ("GET", "/users/", HTTPStatus.NOT_FOUND, "not-found"),
        ("GET", "/users/99999999999999999999", HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"),
        ("DELETE", "/users", HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"),
        ("HEAD", "/users", HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed"),
    ],
)
def test_what_is_not_there_is_a_problem(admin: Program, method: str, path: str, status: int, code: str) -> None:
    if method == "HEAD":
        assert admin.ask(method, path).status == status
    else:
        assert admin.refused(method, path) == (status, code)


def test_a_method_that_a_path_does_not_have_says_which_it_has(admin: Program) -> None:
    assert admin.ask("DELETE", "/users").headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b"nothing", b""])
def test_a_body_that_is_no_json_is_a_problem(body: bytes) -> None:
    admin = program()
    with serve_here() as url:
        headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": "application/json"}
        answer = httpx.post(f"{url}/api/v1/users", headers=headers, content=body)
    assert answer.status_code in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_too_large_is_a_problem() -> None:
    from everprint.server.security.body_limit import MOST_OCTETS

    admin = program()
    with serve_here() as url:
        headers = {"Authorization": f"Bearer {admin.token}", "Content-Type": "application/json"}
        answer = httpx.post(f"{url}/api/v1/users", headers=headers, content=b"x" * (MOST_OCTETS + 1))
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large")


def test_a_fault_of_ours_says_nothing_about_itself(admin: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.api.endpoints import groups

    def broken(*_: object) -> object:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(groups, "create_group", broken)
    answer = admin.ask("POST", "/groups", {"name": "Staff"})
    assert (answer.status, answer.body["code"]) == (HTTPStatus.INTERNAL_SERVER_ERROR, "server-error")
    assert "42" not in str(answer.body)


def test_the_document_names_every_endpoint_with_its_permission(admin: Program) -> None:
    from everprint.server.api.v1 import declared

    document: dict[str, Any] = admin.get("/openapi.json")
    assert document["openapi"] == "3.1.0"
    operations = {
        operation["operationId"]: (method.upper(), operation["description"])
        for methods in document["paths"].values()
        for method, operation in methods.items()
    }
    assert operations == {
        endpoint.operation: (endpoint.method, f"Needs the permission `{endpoint.needs}`.") for endpoint in declared()
    }
    assert all(
        "application/problem+json" in operation["responses"]["403"]["content"]
        for methods in document["paths"].values()
        for operation in methods.values()
    )


def test_every_reference_in_the_document_leads_somewhere(admin: Program) -> None:
    import json
    import re

    text = json.dumps(admin.get("/openapi.json"))
    schemas = json.loads(text)["components"]["schemas"]
    assert {name for name in re.findall(r"#/components/schemas/(\w+)", text) if name not in schemas} == set()


def test_no_two_records_have_one_name() -> None:
    """The document has one schema a name: the second of two would be described as the first."""
    from pydantic import BaseModel

    import everprint.server.api.v1  # noqa: F401 - brings all of them

    def below(kind: type[BaseModel]) -> list[type[BaseModel]]:
        return [each for direct in kind.__subclasses__() for each in (direct, *below(direct))]

    ours = {each for each in below(BaseModel) if each.__module__.startswith("everprint.server.api.endpoints.")}
    names = Counter(each.__name__ for each in ours)
    assert [name for name, number in names.items() if number > 1] == []
    assert len(names) > 50


def test_the_document_is_for_those_who_may(admin: Program) -> None:
    nobody = program("administrator", [])
    assert nobody.refused("GET", "/openapi.json") == (HTTPStatus.FORBIDDEN, "forbidden")
    assert Program(admin.user, "").ask("GET", "/openapi.json").status == HTTPStatus.UNAUTHORIZED
