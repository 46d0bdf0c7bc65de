"""The OpenAPI document: what ninja says of the endpoints, and what holds for all of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI

from everprint.server.api.problem import Problem
from everprint.server.api.refusal import CONTENT_TYPE

PREFIX = "api/v1/"
_REF = "#/components/schemas/{model}"
# What any endpoint may answer besides what it declares.
_ALWAYS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_DESCRIPTION = (
    "Print management. Each endpoint names the permission that it needs; what is refused is answered with a problem "
    "(RFC 9457). Money is a decimal string in the installation's currency."
)


def openapi_document(api: NinjaAPI) -> dict[str, object]:
    """OpenAPI 3.1, as plain JSON."""
    document: dict[str, Any] = {**api.get_openapi_schema(path_prefix=PREFIX)}
    document["info"]["description"] = _DESCRIPTION
    components = document["components"]
    problem = Problem.model_json_schema(ref_template=_REF)
    components["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "everprint-session"},
    }
    document["security"] = [{"token": []}, {"session": []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            for status in _ALWAYS:
                operation["responses"].setdefault(status.value, _problem(status))
    return document


def _problem(status: HTTPStatus) -> dict[str, object]:
    schema = {"$ref": _REF.format(model="Problem")}
    return {"description": status.phrase, "content": {CONTENT_TYPE: {"schema": schema}}}
