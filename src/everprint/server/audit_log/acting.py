"""Who acts now, and from where: set at the edge (page, API, command), read where an act is noted.

A context variable, so that no function between needs to hand it on. Nobody acts while providers speak, or while the
server does its own work: what is done then is in the job log and the ledger, and is no administrative act.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from everprint.server.people.models import User


class Origin(StrEnum):
    """How somebody acts."""

    PAGE = "page"
    API = "api"
    COMMAND = "command"


@dataclass(slots=True)
class Acting:
    """Whoever acts: a user, or (then `user` is None) somebody at the server's command line, by system name."""

    user: User | None
    name: str
    origin: Origin
    address: str = ""
    token: str = ""
    noted: int = 0  # acts noted so far


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting_now() -> Acting | None:
    """Who acts; None if nobody does."""
    return _acting.get()


def only_read() -> None:
    """What was asked changed nothing, though it was sent as if it could: it is not noted."""
    acting = acting_now()
    if acting is not None:
        acting.noted += 1


def begin(acting: Acting | None) -> None:
    """From now on, in this request's context, that one acts."""
    _acting.set(acting)


@contextmanager
def acting_as(acting: Acting) -> Iterator[Acting]:
    """That one acts while the context lasts."""
    before = _acting.set(acting)
    try:
        yield acting
    finally:
        _acting.reset(before)
