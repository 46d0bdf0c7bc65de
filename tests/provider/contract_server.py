"""The Application Server's side of the contract in memory: decides as the test says, and checks what it is told.

It holds providers to the contract harder than a server needs to: events without gaps, and only steps that a job can
take. So tests of the provider alone need no database; tests of the whole use the real server.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from urllib.parse import parse_qs

import msgspec

from everprint.contract import endpoints
from everprint.contract.failure_modes import OfflineTerms, Spendable, SpendablePage
from everprint.contract.messages import (
    Authenticate,
    Authenticated,
    Authentication,
    Authorise,
    CupsQueues,
    CupsQueuesTaken,
    Decision,
    Event,
    EventBatch,
    EventsTaken,
    FetchSnapshot,
    JobFinished,
    Order,
    OrderKind,
    Orders,
    Previews,
    PreviewsTaken,
    Print,
    PrinterStatus,
    Problem,
    Queue,
    Snapshot,
)
from everprint.serving.asgi import Receive, Scope, Send
from rig.application import run_application
from rig.waiting import wait_for

PRINT = Print(cost=Decimal("0.10"), account="test")


class ContractServer:
    """Set its fields from the test; read what it was told."""

    def __init__(self) -> None:
        self.url = ""
        self.decide: Callable[[Authorise], Decision] = lambda message: PRINT
        self.passwords: dict[str, str] = {}
        self.operators: set[str] = set()
        self.queues: list[Queue] = []
        self.events: list[Event] = []
        self.asked: list[Authorise] = []
        self.takes_pictures = False
        self.answers_for_jobs = False
        self.pictures: dict[str, dict[int, bytes]] = {}  # of each job, by page
        self.away = False
        self.offline: OfflineTerms | None = None
        self.people: list[Spendable] = []
        self.groups: dict[str, tuple[str, ...]] = {}
        self.order_patience_s = 1.0
        self.silent: set[str] = set()  # paths whose requests are taken to heart and never answered
        self.shut_out = False
        self.breaches: list[str] = []
        self.is_restored = False
        self._orders: list[Order] = []
        self._revision = 0
        self._lock = threading.Lock()

    def add_queue(self, name: str, device_uri: str, **settings: object) -> None:
        """A queue that trusts the loopback, unless told otherwise."""
        fields: dict[str, object] = {
            "authentication": Authentication.REQUESTING_USER_NAME,
            "trusted_networks": ["127.0.0.0/8", "::1/128"],
            **settings,
        }
        uuid = f"urn:uuid:00000000-0000-4000-8000-{abs(hash(name)) % 10**12:012d}"
        queue = msgspec.convert({"name": name, "device_uri": device_uri, "printer_uuid": uuid, **fields}, Queue)
        self.queues = [one for one in self.queues if one.name != name] + [queue]
        self.bump()

    def bump(self) -> None:
        """The settings are other ones now."""
        self._revision += 1

    def order(self, do: OrderKind) -> None:
        """Wants something done."""
        self._orders.append(Order(sequence=len(self._orders) + 1, do=do))

    def facts(self, uuid: str) -> list[object]:
        """What was told of a job, in order."""
        return [event.fact for event in self.events if event.job_id == uuid]

    def finished(self, count: int, *, within_s: float = 120.0) -> list[JobFinished]:
        """The last words of that many jobs, once they are said."""

        def look() -> list[JobFinished]:
            found = [event.fact for event in self.events if isinstance(event.fact, JobFinished)]
            return found if len(found) >= count else []

        return wait_for(f"{count} finished jobs", look, within_s=within_s, every_s=0.01)

    def printer_states(self, queue: str) -> list[str]:
        """The states that a queue's printer was said to be in."""
        facts = (event.fact for event in self.events)
        return [fact.state for fact in facts if isinstance(fact, PrinterStatus) and fact.queue == queue]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        body = b""
        while True:
            piece = await receive()
            body += piece.get("body", b"")
            if not piece.get("more_body"):
                break
        headers = dict(scope["headers"])
        if self.away:
            await _send(send, 503, Problem(code="away", detail="The test says that the server is away."))
        elif self.shut_out or headers.get(b"authorization") != b"Bearer site-a.secret":
            await _send(send, 401, Problem(code="bad-credential", detail="This provider is not known."))
        else:
            await self._answer(scope, body, send)

    async def _answer(self, scope: Scope, body: bytes, send: Send) -> None:
        match scope["path"]:
            case endpoints.AUTHORISE:
                message = msgspec.json.decode(body, type=Authorise)
                self.asked.append(message)
                decision = self.decide(message)
                for _ in range(1200):
                    if endpoints.AUTHORISE not in self.silent:
                        break
                    await asyncio.sleep(0.05)
                await _send(send, 200, decision)
            case endpoints.EVENTS:
                batch = msgspec.json.decode(body, type=EventBatch)
                last = self.events[-1].sequence if self.events else 0
                if batch.events[0].sequence > last + 1 and self.is_restored:
                    gap = Problem(code="event-gap", detail=f"event {last + 1} must come next.")
                    await _send(send, 409, gap, (b"everprint-expected-sequence", b"%d" % (last + 1)))
                else:
                    await _send(send, 200, self._take(batch))
            case endpoints.AUTHENTICATE:
                who = msgspec.json.decode(body, type=Authenticate)
                right = self.passwords.get(who.user_name.lower()) == who.password
                name = who.user_name.lower() if right else None
                await _send(send, 200, Authenticated(user_name=name, operator=name in self.operators))
            case endpoints.SNAPSHOT:
                await _send(
                    send,
                    200,
                    Snapshot(
                        revision=str(self._revision),
                        server_name="test",
                        currency="EUR",
                        queues=self.queues,
                        offline=self.offline,
                        previews=self.takes_pictures,
                        answers_for_jobs=self.answers_for_jobs,
                        groups=self.groups,
                    ),
                )
            case endpoints.PREVIEWS:
                await self._take_pictures(msgspec.json.decode(body, type=Previews), send)
            case endpoints.CUPS_QUEUES:
                told = msgspec.json.decode(body, type=CupsQueues).queues
                new = [one for one in told if one.name not in {queue.name for queue in self.queues}]
                for one in new:
                    self.add_queue(one.name, one.device_uri, trusted_networks=[])
                self.order(FetchSnapshot())
                await _send(send, 200, CupsQueuesTaken(added=[one.name for one in new]))
            case endpoints.SPENDABLE:
                start = scope["query_string"] == b"after="
                await _send(send, 200, SpendablePage(users=self.people, next="1", more=False, from_start=start))
            case endpoints.ORDERS:
                asked = parse_qs(scope["query_string"].decode())
                after, patience_s = int(asked["after"][0]), float(asked["patience"][0])
                began = time.monotonic()
                for _ in range(10_000):
                    waited_s = time.monotonic() - began
                    if len(self._orders) > after or waited_s >= min(patience_s, self.order_patience_s):
                        break
                    await asyncio.sleep(0.01)
                await _send(send, 200, Orders(orders=self._orders[after:]))
            case path:
                await _send(send, 404, Problem(code="not-found", detail=path))

    async def _take_pictures(self, message: Previews, send: Send) -> None:
        if not any(event.job_id == message.job_id for event in self.events):
            await _send(send, 409, Problem(code="unknown-job", detail="This job was not reported yet."))
            return
        job = self.pictures.setdefault(message.job_id, {})
        job.update((picture.page, picture.png) for picture in message.pictures)
        await _send(send, 200, PreviewsTaken(kept=len(job)))

    def restore(self, events: int) -> None:
        """It is as it was when it had so many events."""
        with self._lock:
            del self.events[events:]
            self.is_restored = True

    def _take(self, batch: EventBatch) -> EventsTaken:
        with self._lock:
            last = self.events[-1].sequence if self.events else 0
            for event in batch.events:
                if event.sequence <= last:
                    continue
                if event.sequence != last + 1:
                    self.breaches.append(f"event {event.sequence} follows {last}")
                last = event.sequence
                self.events.append(event)
            return EventsTaken(taken=last)


async def _send(send: Send, status: int, answer: msgspec.Struct, *more: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode(answer)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def run_contract_server() -> Iterator[ContractServer]:
    """A server for as long as the block lasts."""
    server = ContractServer()
    with run_application(server) as (host, port):
        server.url = f"http://{host}:{port}"
        yield server
    assert not server.breaches
