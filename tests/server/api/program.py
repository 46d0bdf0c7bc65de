"""A program that uses the API in the test's own process: a token, and typed calls."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync
from django.test import Client

if TYPE_CHECKING:
    from everprint.server.access.permissions import Permission
    from everprint.server.people.models import User


@dataclass
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Program:
    """Sends a token with each request; `user` is its owner."""

    user: User
    token: str
    client: Client = field(
        default_factory=lambda: Client(
            enforce_csrf_checks=True, SERVER_NAME="localhost", raise_request_exception=False
        )
    )

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request below /api/v1."""
        given = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        data = b"" if body is None else json.dumps(body).encode()
        found = self.client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=given)
        kind = found.headers.get("Content-Type", "")
        octets = whole(found) if found.streaming else found.content
        if kind == "application/pdf":
            return Answer(found.status_code, octets, dict(found.headers))
        text = octets.decode("utf-8-sig")
        return Answer(found.status_code, json.loads(text) if "json" in kind and text else text, dict(found.headers))

    def get(self, path: str) -> Any:
        """What is there; fails if it is refused."""
        answer = self.ask("GET", path)
        assert answer.status == HTTPStatus.OK, answer
        return answer.body

    def done(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Does it; fails if it is refused."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT), answer
        return answer.body

    def refused(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        """Status and code of the problem; fails if it is no problem."""
        answer = self.ask(method, path, body, **headers)
        assert answer.headers["Content-Type"] == "application/problem+json", answer
        assert answer.body["status"] == answer.status
        return answer.status, answer.body["code"]


def whole(streamed: Any) -> bytes:
    """All of an answer that is sent while it is made."""

    async def gathered() -> bytes:
        return b"".join([piece async for piece in streamed])

    return async_to_sync(gathered)()


def program(role: str = "administrator", permissions: Collection[Permission] | None = None) -> Program:
    """A fresh user of that role and a token with all that they may, or with those permissions."""
    import uuid

    from everprint.server.access.permissions import Role, permissions_of
    from everprint.server.api.tokens import make_token
    from everprint.server.people.users import create_user

    owner = create_user(f"owner-{uuid.uuid4().hex[:8]}", role=Role(role))
    may = permissions_of(role) if permissions is None else permissions
    return Program(owner, make_token(owner, "test", may).text)


def program_of(owner: User) -> Program:
    """That user and a token with all that their role may."""
    from everprint.server.access.permissions import permissions_of
    from everprint.server.api.tokens import make_token

    return Program(owner, make_token(owner, "test", permissions_of(owner.role)).text)
