"""Those who print in a storm: by one request each, as a program does, or by lp and a driverless queue of CUPS.

CUPS tries again when it got no answer, and IPP has no key by which a second try could be known: what it prints may be
several jobs, each of which is held to the promise. It stops a queue, whatever its error policy is, when the answer to
a Create-Job does not come; then somebody starts the queue again.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from everprint.ipp import message as ipp
from everprint.ipp.codec import decode, encode
from everprint.ipp.message import Group, Message
from everprint.ipp.operations import Operation
from everprint.ipp.tags import GroupTag
from rig import ipptool
from rig.cupsd import CommandFailed, Cupsd
from tests.faults.storm.history import Answer, Submission
from tests.faults.storm.schedule import Print
from tests.faults.storm.site import QUEUES, Site
from tests.faults.storm.world import World

DOCUMENTS = {
    1: Path(__file__).parents[2] / "data/ipptool/onepage-a4.pdf",
    4: Path(__file__).parents[2] / "data/ipptool/document-a4.pdf",
}
# RFC 8011 section 5.3.7: canceled, aborted, completed; and held, as CUPS keeps what was refused for want of credit.
# What it holds until it tries again it holds for two seconds (rig.cupsd).
_ENDED = {4, 7, 8, 9}
_COMPLETED = 9
_PATIENCE_S = 30.0


class Clients:
    """All of them; what they were told is in `submissions`."""

    def __init__(self, world: World, seed: int) -> None:
        self.submissions: list[Submission] = []
        self._world = world
        self._seed = seed
        self._lock = threading.Lock()
        self._at_cups: dict[str, int] = {}  # job-ids there, by name
        self.queues_started = 0  # stopped ones of CUPS, by people

    def print(self, action: Print, at_s: float) -> None:
        """Prints at that moment of the monotonic clock."""
        time.sleep(max(0.0, at_s - time.monotonic()))
        site = self._world.sites[action.provider]
        submission = Submission(
            name=f"storm-{self._seed}-{action.number}",
            user=self._world.users[action.user],
            provider=site.provider.name,
            queue=site.queue(list(QUEUES)[action.queue]),
            pages=action.pages,
            copies=action.copies,
            answer=Answer.NONE,
        )
        if action.by_cups and self._world.cups is not None:
            submission = self._by_cups(self._world.cups, submission)
        else:
            submission = _by_one_request(site, submission)
        with self._lock:
            self.submissions.append(submission)

    def waiting_at_cups(self) -> list[str]:
        """What CUPS has not come to an end with; once that is nothing, what its clients were told is known."""
        if self._world.cups is None:
            return []
        self._start_stopped_queues(self._world.cups)
        try:
            states = _job_states(self._world.cups)
        except ipptool.NoAnswer as error:
            return [f"CUPS does not answer: {error}"]
        waiting = [
            f"{name} is {states[number]} in CUPS"
            for name, number in self._at_cups.items()
            if states.get(number, _COMPLETED) not in _ENDED
        ]
        if waiting:
            return waiting
        completed = {number for number, state in states.items() if state == _COMPLETED}
        with self._lock:
            self.submissions = [
                replace(one, answer=Answer.ACCEPTED) if self._at_cups.get(one.name) in completed else one
                for one in self.submissions
            ]
        return []

    def _start_stopped_queues(self, cups: Cupsd) -> None:
        """Somebody sees that nothing comes out, and starts them. While CUPS is away nobody can."""
        with suppress(ipptool.NoAnswer, CommandFailed):
            for queue in cups.stopped_queues():
                cups.start_queue(queue)
                with self._lock:
                    self.queues_started += 1

    def _by_cups(self, cups: Cupsd, job: Submission) -> Submission:
        self._start_stopped_queues(cups)
        try:
            number = cups.lp(
                DOCUMENTS[job.pages], job.queue, user=job.user, title=job.name, options={"copies": str(job.copies)}
            )
        except CommandFailed:
            return replace(job, may_repeat=True)
        with self._lock:
            self._at_cups[job.name] = number
        return replace(job, may_repeat=True)


def _by_one_request(site: Site, job: Submission) -> Submission:
    """Not by ipptool: libcups sends a request again, too, when its connection ends."""
    first = (ipp.charset("attributes-charset", "utf-8"), ipp.natural_language("attributes-natural-language", "en"))
    operation = Group(
        GroupTag.OPERATION,
        (
            *first,
            ipp.uri("printer-uri", site.uri(job.queue)),
            ipp.name("requesting-user-name", job.user),
            ipp.name("job-name", job.name),
            ipp.mime_media_type("document-format", "application/pdf"),
        ),
    )
    options = Group(GroupTag.JOB, (ipp.integer("copies", job.copies),))
    request = Message(code=Operation.PRINT_JOB, request_id=1, groups=(operation, options))
    answer = _send(site, job.queue, encode(request) + DOCUMENTS[job.pages].read_bytes())
    if answer is None:
        return job
    if answer.code > 0x00FF:
        return replace(job, answer=Answer.REFUSED)
    return replace(job, answer=Answer.ACCEPTED, job_id=answer.job.integer("job-id") or 0)


def _send(site: Site, queue: str, body: bytes) -> Message | None:
    """Once; None if no answer came."""
    wire = site.to_provider
    connection = HTTPConnection(wire.host, wire.port, timeout=_PATIENCE_S)
    try:
        connection.request("POST", f"/ipp/print/{queue}", body, {"Content-Type": "application/ipp"})
        answer = connection.getresponse()
        return decode(answer.read()) if answer.status == HTTPStatus.OK else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _job_states(cups: Cupsd) -> dict[int, int]:
    """The states of all its jobs, by number."""
    found: dict[int, int] = {}
    for which in ("completed", "not-completed"):
        said = ipptool.ask(
            f"ipp://127.0.0.1:{cups.port}/",
            "Get-Jobs",
            [f"ATTR keyword which-jobs {which}", "ATTR keyword requested-attributes job-id,job-state"],
        )
        found |= {int(str(job["job-id"])): int(str(job["job-state"])) for job in said.groups if "job-id" in job}
    return found
