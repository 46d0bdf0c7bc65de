"""The contract's ASGI application: routing, TLS, version and credential first, then the endpoint, then one place that
turns every failure into a Problem."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

from django.db import InterfaceError, OperationalError

from everprint.contract.version import HEADER, NoCommonVersion, Versions, agree
from everprint.server.directory.signing_in import make_known
from everprint.server.jobs.decide import Terms
from everprint.server.jobs.owner import NotHereYet
from everprint.server.metrics.process import note_contract_request
from everprint.server.providers.contract import endpoints, hand_over_endpoints, routes
from everprint.server.providers.contract.call import Answer, Call, Gone, read_call, send_answer
from everprint.server.providers.contract.group_writer import GroupWriter
from everprint.server.providers.contract.long_poll import wait_for_orders
from everprint.server.providers.contract.problem import Refused, bad_credential, try_again
from everprint.server.providers.contract.steering import steer
from everprint.server.providers.contract.worker import Overloaded, Worker
from everprint.server.providers.credentials import BadCredential, Caller, caller_of
from everprint.serving.asgi import Receive, Scope, Send

log = logging.getLogger(__name__)

# All but what waits on purpose.
_TIMED = frozenset(routes.ROUTES) - {routes.ORDERS.path}

Endpoint = Callable[[Caller, Call], Answer]


@dataclass(frozen=True, slots=True)
class Installation:
    """What the settings say to the endpoints."""

    server_name: str
    terms: Terms
    certificate: Path | None  # of HTTPS; PEM with its chain
    needs_tls: bool  # then plain HTTP is for this machine only


class ContractApplication:
    """Serves /contract/."""

    def __init__(self, installation: Installation, database: Worker, writer: GroupWriter, passwords: Worker) -> None:
        self._installation = installation
        self._database = database
        self._writer = writer
        self._passwords = passwords
        terms = installation.terms
        self._endpoints: dict[routes.Route, Callable[[Call], Awaitable[Answer]]] = {
            routes.ENROL: self._enrol,
            routes.AUTHORITY: self._authority,
            routes.AUTHENTICATE: self._authenticate,
            routes.AUTHORISE: self._authorise,
            routes.EVENTS: self._in_writer(lambda who, call: endpoints.take_batch(who, call, terms)),
            routes.ORDERS: self._orders,
            routes.PREVIEWS: self._in_worker(endpoints.take_previews),
            routes.SNAPSHOT: self._in_worker(
                lambda who, call: endpoints.tell_snapshot(who, call, installation.server_name, terms)
            ),
            routes.CUPS_QUEUES: self._in_worker(endpoints.take_cups_queues),
            routes.JOB_IDS: self._in_writer(endpoints.give_job_ids),
            routes.FIND_JOB: self._in_worker(endpoints.tell_of_job),
            routes.LIST_JOBS: self._in_worker(endpoints.tell_of_jobs),
            routes.STEER_JOB: self._steer,
            routes.OFFER: self._in_worker(hand_over_endpoints.take_offer),
            routes.PIECE: self._in_worker(hand_over_endpoints.take_piece),
            routes.WITHDRAW: self._in_worker(hand_over_endpoints.give_back),
            routes.OPEN_HAND_OVERS: self._in_worker(hand_over_endpoints.tell_open),
            routes.FETCH_PIECE: self._in_worker(hand_over_endpoints.give_piece),
            routes.CLAIM: self._in_worker(hand_over_endpoints.take_claim),
            routes.DECLINE: self._in_worker(hand_over_endpoints.take_refusal),
            routes.SPENDABLE: self._in_worker(endpoints.tell_spendable),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = time.monotonic()
        try:
            answer = await self._answer(scope, receive)
        except Refused as refused:
            answer = Answer(refused.body(), refused.status, refused.headers)
        except Gone:
            return
        if scope["path"] in _TIMED:
            note_contract_request(scope["path"], time.monotonic() - begun)
        await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Raises Refused, Gone."""
        route = self._route(scope)
        self._check_tls(scope)
        call = await read_call(scope, receive)
        if not route.public:
            check_version(call)
        try:
            return await self._endpoints[route](call)
        except (Refused, Gone):
            raise
        except BadCredential:
            raise bad_credential() from None
        except Overloaded:
            raise try_again("The server has more to do than it can: ask again soon.") from None
        except (OperationalError, InterfaceError):
            log.exception("database failed path=%s", route.path)
            raise try_again("The server's database is not there: ask again soon.") from None
        except Exception:
            log.exception("endpoint failed path=%s", route.path)
            raise Refused(
                HTTPStatus.INTERNAL_SERVER_ERROR, "server-error", "The server failed; its log says why."
            ) from None

    @staticmethod
    def _route(scope: Scope) -> routes.Route:
        route = routes.ROUTES.get(scope["path"])
        if route is None:
            raise Refused(HTTPStatus.NOT_FOUND, "unknown-endpoint", f"{scope['path'][:100]} is not an endpoint")
        if route.method != scope["method"]:
            raise Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method-not-allowed",
                f"{route.path} takes {route.method}",
                {"Allow": route.method},
            )
        return route

    def _check_tls(self, scope: Scope) -> None:
        if not self._installation.needs_tls or scope.get("scheme") == "https":
            return
        client = scope.get("client")
        if client is None or not ipaddress.ip_address(client[0]).is_loopback:
            raise Refused(
                HTTPStatus.FORBIDDEN, "tls-required", "This server has a certificate: use its https:// address."
            )

    def _in_worker(self, endpoint: Endpoint) -> Callable[[Call], Awaitable[Answer]]:
        """The endpoint in a database thread, after the credential is checked there."""

        async def run(call: Call) -> Answer:
            return await self._database.run(lambda: endpoint(_whose(call), call))

        return run

    def _in_writer(self, endpoint: Endpoint) -> Callable[[Call], Awaitable[Answer]]:
        """The same in the writing thread, together with others."""

        async def run(call: Call) -> Answer:
            return await self._writer.run(lambda: endpoint(_whose(call), call))

        return run

    async def _authority(self, _: Call) -> Answer:
        certificate = self._installation.certificate
        return await asyncio.to_thread(endpoints.tell_authority, certificate)

    async def _enrol(self, call: Call) -> Answer:
        return await self._database.run(lambda: endpoints.take_enrolment(call))

    async def _authenticate(self, call: Call) -> Answer:
        caller = await self._database.run(lambda: _whose(call))
        return await self._passwords.run(lambda: endpoints.check_password(caller, call))

    async def _authorise(self, call: Call) -> Answer:
        terms = self._installation.terms
        try:
            return await self._writer.run(lambda: endpoints.answer_question(_whose(call), call, terms))
        except NotHereYet as nobody:  # asked apart from what writes, as the directory may take its time
            await self._passwords.run(partial(make_known, nobody.name))
        asked = replace(terms, new_users=replace(terms.new_users, ask_directory=False))
        return await self._writer.run(lambda: endpoints.answer_question(_whose(call), call, asked))

    async def _steer(self, call: Call) -> Answer:
        await self._database.run(lambda: _whose(call))
        return await steer(call, self._database)

    async def _orders(self, call: Call) -> Answer:
        caller = await self._database.run(lambda: _whose(call))
        return await wait_for_orders(caller, call, self._database)


def check_version(call: Call) -> None:
    """Refuses a version that this server does not speak.

    Raises Refused.
    """
    text = call.header(HEADER)
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Refused(
            HTTPStatus.UPGRADE_REQUIRED, "contract-version", f"the header {HEADER} must name a contract version"
        )
    try:
        agree(Versions(int(text), int(text)))
    except NoCommonVersion as error:
        raise Refused(HTTPStatus.UPGRADE_REQUIRED, "contract-version", str(error)) from None


def _whose(call: Call) -> Caller:
    kind, _, credential = call.header("Authorization").partition(" ")
    if kind.lower() != "bearer":
        raise BadCredential
    return caller_of(credential.strip(), call.address)
