"""Every path of the contract, its method, and whether it needs a credential. The route test walks this table."""

from __future__ import annotations

from dataclasses import dataclass

from everprint.contract import endpoints


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    path: str
    public: bool = False  # needs no credential


ENROL = Route("POST", endpoints.ENROL, public=True)
AUTHORITY = Route("GET", endpoints.AUTHORITY, public=True)
AUTHENTICATE = Route("POST", endpoints.AUTHENTICATE)
AUTHORISE = Route("POST", endpoints.AUTHORISE)
EVENTS = Route("POST", endpoints.EVENTS)
ORDERS = Route("GET", endpoints.ORDERS)
SNAPSHOT = Route("GET", endpoints.SNAPSHOT)
PREVIEWS = Route("POST", endpoints.PREVIEWS)
SPENDABLE = Route("GET", endpoints.SPENDABLE)
CUPS_QUEUES = Route("POST", endpoints.CUPS_QUEUES)
JOB_IDS = Route("POST", endpoints.JOB_IDS)
FIND_JOB = Route("POST", endpoints.FIND_JOB)
LIST_JOBS = Route("POST", endpoints.LIST_JOBS)
STEER_JOB = Route("POST", endpoints.STEER_JOB)
OFFER = Route("POST", endpoints.OFFER)
PIECE = Route("POST", endpoints.PIECE)
WITHDRAW = Route("POST", endpoints.WITHDRAW)
OPEN_HAND_OVERS = Route("POST", endpoints.OPEN_HAND_OVERS)
FETCH_PIECE = Route("POST", endpoints.FETCH_PIECE)
CLAIM = Route("POST", endpoints.CLAIM)
DECLINE = Route("POST", endpoints.DECLINE)

ROUTES: dict[str, Route] = {
    route.path: route
    for route in (
        ENROL,
        AUTHORITY,
        AUTHENTICATE,
        AUTHORISE,
        EVENTS,
        ORDERS,
        SNAPSHOT,
        PREVIEWS,
        SPENDABLE,
        CUPS_QUEUES,
        JOB_IDS,
        FIND_JOB,
        LIST_JOBS,
        STEER_JOB,
        OFFER,
        PIECE,
        WITHDRAW,
        OPEN_HAND_OVERS,
        FETCH_PIECE,
        CLAIM,
        DECLINE,
    )
}
