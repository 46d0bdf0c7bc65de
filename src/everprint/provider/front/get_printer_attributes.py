"""Get-Printer-Attributes (RFC 8011 section 4.2.5): what ten thousand clients ask, again and again.

Answers are kept encoded, per queue and per question, until the queue changes or the second is over; a further one
costs a look-up. Everybody may ask: clients must know how to sign in before they can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from everprint.ipp.codec import encode, encode_attributes
from everprint.ipp.message import Attribute
from everprint.ipp.reply import reply
from everprint.ipp.requested_attributes import RequestedAttributes, requested_attributes
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag
from everprint.provider.front.call import Call
from everprint.provider.queue_attributes import static_attributes
from everprint.provider.volatile_attributes import volatile_attributes

_MOST_OCTETS = 32 << 20  # of each cache; clients choose the questions
# A question is the queue's name, the attributes wanted, the address asked, and whose preset (empty: nobody's).
_Question = tuple[str, frozenset[str], str, bool, str]


T = TypeVar("T")


class _Kept(Generic[T]):
    """Answers with the moment that they are true of; all are forgotten when they take too much memory."""

    def __init__(self) -> None:
        self._answers: dict[_Question, tuple[T, bytes]] = {}
        self._octets = 0

    def get(self, question: _Question) -> tuple[T, bytes] | None:
        return self._answers.get(question)

    def keep(self, question: _Question, moment: T, octets: bytes) -> None:
        if question not in self._answers:
            self._octets += len(octets) + sum(map(len, question[1])) + len(question[2])
        if self._octets > _MOST_OCTETS:
            self._answers.clear()
            self._octets = 0
        self._answers[question] = (moment, octets)


class PrinterAnswers:
    """Encoded answers; a callable for the dispatch table."""

    def __init__(self) -> None:
        self._static = _Kept[int]()
        self._whole = _Kept[tuple[object, ...]]()

    async def __call__(self, call: Call) -> bytes:
        """The answer's octets; the application puts the request's own id and version on them."""
        return self._answer(call, call.queue.shown, "")

    def _answer(self, call: Call, shown: Mapping[str, Attribute], preset: str) -> bytes:
        request, queue, front = call.request, call.queue, call.front
        wanted = requested_attributes(request.message)
        question = (queue.name, wanted.names, request.host, request.tls, preset)
        queued = front.jobs.active_count(queue.name)
        moment = (queue.revision, queue.state, queue.control.message, queued, front.up_time.now())
        kept = self._whole.get(question)
        if kept is not None and kept[0] == moment:
            return kept[1]
        volatile = volatile_attributes(queue, queued, front.up_time)
        octets = b"".join(
            (
                encode(reply(request.message, Status.SUCCESSFUL_OK))[:-1],  # without its end tag
                bytes([GroupTag.PRINTER]),
                self._static_octets(call, shown, question, wanted),
                encode_attributes(wanted.of_printer(volatile)),
                bytes([GroupTag.END]),
            )
        )
        self._whole.keep(question, moment, octets)
        return octets

    async def of_user(self, call: Call) -> bytes:
        """Get-User-Printer-Attributes (PWG 5100.13): as this person may use the queue, once it is known who asks.

        A client learns so, before there is a document, whether its user's password is right.
        """
        caller = await call.caller()
        preset = call.queue.preset_of(caller.user_name)
        view = call.queue.view_of(caller.user_name)
        return self._answer(call, view.shown, "" if preset is None else f"preset {preset.name}")

    def _static_octets(
        self, call: Call, shown: Mapping[str, Attribute], question: _Question, wanted: RequestedAttributes
    ) -> bytes:
        revision = call.queue.revision
        kept = self._static.get(question)
        if kept is not None and kept[0] == revision:
            return kept[1]
        octets = encode_attributes(wanted.of_printer(self._attributes(call, shown)))
        self._static.keep(question, revision, octets)
        return octets

    @staticmethod
    def _attributes(call: Call, shown: Mapping[str, Attribute]) -> tuple[Attribute, ...]:
        addresses = call.front.addresses(call.request)
        return static_attributes(call.queue.settings, shown, addresses, call.front.limits)
