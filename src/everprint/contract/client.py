"""The Print Provider's side of the contract: typed calls to the Application Server, typed errors back.

Every call may be made again: the messages carry what makes them idempotent (job-id and attempt, event sequence).
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import aiohttp
import msgspec

from everprint.contract import endpoints
from everprint.contract.elsewhere import FindJob, FoundJob, ListedJobs, ListJobs, Steered, SteerJob
from everprint.contract.failure_modes import SpendablePage
from everprint.contract.hand_over import (
    Claim,
    Decline,
    FoundHandOvers,
    Offer,
    OpenHandOver,
    OpenHandOvers,
    Piece,
    Standing,
    WantPiece,
    Withdraw,
)
from everprint.contract.job_ids import JobIdBlock, WantJobIds
from everprint.contract.messages import (
    Authenticate,
    Authenticated,
    Authorise,
    Authority,
    Change,
    CupsQueue,
    CupsQueues,
    CupsQueuesTaken,
    Decision,
    Enrol,
    Enrolled,
    Event,
    EventBatch,
    EventsTaken,
    Hold,
    Order,
    Preview,
    Previews,
    PreviewsTaken,
    Print,
    Redirect,
    Refuse,
    Snapshot,
)
from everprint.contract.received_orders import ReceivedOrders, UnknownOrder, read_orders
from everprint.contract.servers import BadAnswer, Servers
from everprint.contract.version import HEADER, NEWEST

# How much later than its patience allows an answer to a question for orders may come.
_LATE_S = 15.0
_ENROLMENT_S = 180.0

_authority = msgspec.json.Decoder(Authority)
_enrolled = msgspec.json.Decoder(Enrolled)
_authenticated = msgspec.json.Decoder(Authenticated)
_decision: msgspec.json.Decoder[Print | Hold | Refuse | Change | Redirect] = msgspec.json.Decoder(Decision)
_taken = msgspec.json.Decoder(EventsTaken)
_orders = msgspec.json.Decoder(ReceivedOrders)
_previews_taken = msgspec.json.Decoder(PreviewsTaken)
_cups_queues_taken = msgspec.json.Decoder(CupsQueuesTaken)
_found_job = msgspec.json.Decoder(FoundJob)
_listed_jobs = msgspec.json.Decoder(ListedJobs)
_steered = msgspec.json.Decoder(Steered)
_standing = msgspec.json.Decoder(Standing)
_found_hand_overs = msgspec.json.Decoder(FoundHandOvers)
_piece = msgspec.json.Decoder(Piece)
_job_ids = msgspec.json.Decoder(JobIdBlock)
_snapshot = msgspec.json.Decoder(Snapshot)
_spendable = msgspec.json.Decoder(SpendablePage)


async def enrol(server: str, message: Enrol, ca_file: Path | None = None) -> Enrolled:
    """Turns a one-time code into a credential. Asked again with the same code and credential: the same answer.

    Raises ContractError.
    """
    deadlines = aiohttp.ClientTimeout(total=_ENROLMENT_S, connect=10.0)
    async with Servers([server], ca_file) as http:
        return await http.call("POST", endpoints.ENROL, message, _enrolled, deadlines)


async def fetch_authority(server: str, fingerprint: str) -> str:
    """The certificate (PEM) that vouches for the server, if it has that SHA-256 fingerprint.

    Asked of whoever answers there: nothing secret is said, and the fingerprint decides whether it is believed.
    Raises ContractError.
    """
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    async with Servers([server], verify=anybody) as http:
        pem = (await http.call("GET", endpoints.AUTHORITY, None, _authority)).pem
    try:
        found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    except ValueError:
        found = ""
    if found != fingerprint.replace(":", "").lower():
        raise BadAnswer(
            f"What answers at {server} has an authority with another fingerprint ({found or 'none'}): either it is "
            "not that server, or the fingerprint is not of its authority (`everprint server certificate`, trust)."
        )
    return pem


class ServerClient:
    """Calls with one provider's credential; connections are kept open. Made, and closed, where an event loop runs."""

    def __init__(
        self, servers: Sequence[str], provider_id: str, credential: str, ca_file: Path | None = None
    ) -> None:
        """`servers` are the addresses of one server, or of several on one database (contract.servers)."""
        headers = {"Authorization": f"Bearer {provider_id}.{credential}", HEADER: str(NEWEST)}
        self._http = Servers(servers, ca_file, headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    async def authenticate(self, user_name: str, password: str, client_address: str = "") -> Authenticated:
        """Who that is; nobody if name or password is wrong."""
        message = Authenticate(user_name=user_name, password=password, client_address=client_address)
        return await self._http.call("POST", endpoints.AUTHENTICATE, message, _authenticated)

    async def authorise(self, message: Authorise) -> Decision:
        """May this job print? Safe to ask again: the same job and attempt get the same answer."""
        return await self._http.call("POST", endpoints.AUTHORISE, message, _decision)

    async def report(self, events: Sequence[Event], oldest: int | None = None) -> int:
        """Tells what happened; returns the sequence up to which the server has everything.

        `oldest` is the oldest event that could be told once more. Raises EventsMissing if the server lacks earlier
        ones.
        """
        message = EventBatch(events=list(events), oldest=oldest)
        answer = await self._http.call("POST", endpoints.EVENTS, message, _taken)
        return answer.taken

    async def previews(self, job_id: str, pictures: Sequence[Preview]) -> int:
        """Sends pictures of a job's pages; returns how many of the job's the server has now.

        Raises Conflict for a job that the server does not know (yet), like every call ContractError.
        """
        message = Previews(job_id=job_id, pictures=list(pictures))
        answer = await self._http.call("POST", endpoints.PREVIEWS, message, _previews_taken)
        return answer.kept

    async def cups_queues(self, queues: Sequence[CupsQueue]) -> list[str]:
        """Tells of queues of CUPS that were adopted; returns the names of those that are new to the server."""
        message = CupsQueues(queues=list(queues))
        answer = await self._http.call("POST", endpoints.CUPS_QUEUES, message, _cups_queues_taken)
        return answer.added

    async def job_ids(self, highest: int) -> JobIdBlock:
        """A block of job-ids above the highest that this provider has. Raises UnknownQueue for an older server."""
        return await self._http.call("POST", endpoints.JOB_IDS, WantJobIds(highest=highest), _job_ids)

    async def find_job(self, message: FindJob) -> FoundJob:
        """A job of whichever provider."""
        return await self._http.call("POST", endpoints.FIND_JOB, message, _found_job)

    async def list_jobs(self, message: ListJobs) -> ListedJobs:
        """The jobs of a queue of whichever other provider."""
        return await self._http.call("POST", endpoints.LIST_JOBS, message, _listed_jobs)

    async def steer_job(self, message: SteerJob) -> Steered:
        """Has the job's own provider cancel, hold or release it; answered when that is reported, or took too long."""
        return await self._http.call("POST", endpoints.STEER_JOB, message, _steered)

    async def offer(self, message: Offer) -> Standing:
        """Offers a job to another provider; safe to ask again, as is all about hand-overs."""
        return await self._http.call("POST", endpoints.OFFER, message, _standing)

    async def send_piece(self, message: Piece) -> Standing:
        """Sends a piece of an offered job's document."""
        return await self._http.call("POST", endpoints.PIECE, message, _standing)

    async def withdraw(self, message: Withdraw) -> Standing:
        """Takes an offered job back, if it is not too late."""
        return await self._http.call("POST", endpoints.WITHDRAW, message, _standing)

    async def open_hand_overs(self) -> tuple[OpenHandOver, ...]:
        """The jobs that other providers have for this one. Raises UnknownQueue for an older server."""
        answer = await self._http.call("POST", endpoints.OPEN_HAND_OVERS, OpenHandOvers(), _found_hand_overs)
        return answer.hand_overs

    async def fetch_piece(self, message: WantPiece) -> Piece:
        """A piece of such a job's document. Raises Conflict when it is not there to be taken any more."""
        return await self._http.call("POST", endpoints.FETCH_PIECE, message, _piece)

    async def claim(self, hand_over: str) -> Standing:
        """Claims such a job, whose document is on disk here."""
        return await self._http.call("POST", endpoints.CLAIM, Claim(hand_over=hand_over), _standing)

    async def decline(self, hand_over: str, reason: str) -> Standing:
        """Says that such a job cannot be printed here."""
        return await self._http.call(
            "POST", endpoints.DECLINE, Decline(hand_over=hand_over, reason=reason), _standing
        )

    async def orders(self, after: int, patience_s: float = endpoints.ORDERS_PATIENCE_S) -> list[Order | UnknownOrder]:
        """Waits until the server wants something done; empty when so many seconds are over.

        An older server knows only its own patience (ORDERS_PATIENCE_S), and answers that late.
        """
        path = f"{endpoints.ORDERS}?patience={patience_s:.1f}&after={after}"
        deadlines = aiohttp.ClientTimeout(total=endpoints.ORDERS_PATIENCE_S + _LATE_S, connect=5.0)
        answer = await self._http.call("GET", path, None, _orders, deadlines)
        return read_orders(answer)

    async def snapshot(self) -> Snapshot:
        """All that this provider must know."""
        return await self._http.call("GET", endpoints.SNAPSHOT, None, _snapshot)

    async def spendable(self, after: str) -> SpendablePage:
        """What people can spend: the page after that cursor; an empty one begins with everybody."""
        path = f"{endpoints.SPENDABLE}?after={quote(after, safe='')}"
        return await self._http.call("GET", path, None, _spendable)
