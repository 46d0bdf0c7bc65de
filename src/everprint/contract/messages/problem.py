"""What every answer that is not 2xx says."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is not 2xx: a code for programs, a sentence for people (after RFC 9457)."""

    code: str  # "bad-credential", "bad-message", "contract-version", "enrolment-code", "unknown-queue", ...
    detail: str
