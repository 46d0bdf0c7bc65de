"""Areas of the API: endpoints that each declare the permission they need. There is no other way to add one.

The declaration goes onto the view that Django finds for the path, method by method, and is checked there by
access.guard, as for pages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from ninja import Router

from everprint.server.access.permissions import Permission

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """An endpoint as it was declared; `operation` is unique and names it in the OpenAPI document."""

    operation: str
    method: str
    needs: Permission


class Area:
    """The endpoints below one part of the path; `tag` groups them in the OpenAPI document."""

    def __init__(self, tag: str) -> None:
        self.router = Router(tags=[tag])
        self.declared: list[Declared] = []

    def get(
        self, path: str, answer: object, *, needs: Permission, files: Collection[str] = ()
    ) -> Callable[[Endpoint], Endpoint]:
        """GET, answered with 200 and `answer`; or with a file of one of those media types, if it is asked for."""
        return self._endpoint("GET", path, {HTTPStatus.OK.value: answer}, needs, files)

    def post(
        self, path: str, answer: object, *, needs: Permission, status: HTTPStatus = HTTPStatus.OK
    ) -> Callable[[Endpoint], Endpoint]:
        """POST: makes something (201), or orders something to be done."""
        return self._endpoint("POST", path, {status.value: answer}, needs)

    def put(self, path: str, answer: object, *, needs: Permission) -> Callable[[Endpoint], Endpoint]:
        """PUT: sets something, the same however often it is asked."""
        return self._endpoint("PUT", path, _answer_or_none(answer), needs)

    def patch(self, path: str, answer: object, *, needs: Permission) -> Callable[[Endpoint], Endpoint]:
        """PATCH: changes what the body names, and nothing else."""
        return self._endpoint("PATCH", path, {HTTPStatus.OK.value: answer}, needs)

    def delete(self, path: str, *, needs: Permission) -> Callable[[Endpoint], Endpoint]:
        """DELETE, answered with 204."""
        return self._endpoint("DELETE", path, _answer_or_none(None), needs)

    def _endpoint(
        self,
        method: str,
        path: str,
        answers: dict[int, object],
        needs: Permission,
        files: Collection[str] = (),
    ) -> Callable[[Endpoint], Endpoint]:
        def declare(endpoint: Endpoint) -> Endpoint:
            operation = endpoint.__name__
            self.declared.append(Declared(operation, method, needs))
            summary, _, _ = (endpoint.__doc__ or "").partition("\n")
            self.router.add_api_operation(
                path,
                [method],
                endpoint,
                response=answers,
                by_alias=True,
                operation_id=operation,
                url_name=operation,
                summary=summary.rstrip("."),
                description=f"Needs the permission `{needs}`.",
                openapi_extra=_with_files(files) if files else None,
            )
            return endpoint

        return declare


def _with_files(files: Collection[str]) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in files}
    return {"responses": {HTTPStatus.OK.value: {"content": content}}}


def _answer_or_none(answer: object) -> dict[int, object]:
    return {HTTPStatus.NO_CONTENT.value: None} if answer is None else {HTTPStatus.OK.value: answer}
