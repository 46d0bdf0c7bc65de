"""Answers that are not 2xx: one typed exception, turned into a contract Problem in application.py only."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from everprint.contract.messages import Problem


class Refused(Exception):
    """The request is answered with this status and Problem."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.headers = headers or {}

    def body(self) -> bytes:
        """The Problem as JSON."""
        return msgspec.json.encode(Problem(code=self.code, detail=str(self)))


def bad_message(detail: str) -> Refused:
    """The message is not what the contract says; the detail names the field."""
    return Refused(HTTPStatus.BAD_REQUEST, "bad-message", detail)


def bad_credential() -> Refused:
    """One answer for a credential that is missing, malformed, wrong or revoked."""
    return Refused(
        HTTPStatus.UNAUTHORIZED,
        "bad-credential",
        "This server does not know this provider, or no longer: enrol it with a new code.",
        {"WWW-Authenticate": "Bearer"},
    )


def try_again(detail: str) -> Refused:
    """A passing trouble: the same request will do later."""
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "try-again", detail, {"Retry-After": "2"})
