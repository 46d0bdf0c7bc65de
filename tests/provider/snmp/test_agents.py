"""Agents of all three versions, asked for real: Debian's snmpd, and one that answers what no agent should."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import pytest

from everprint.contract.snmp import Snmp, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.provider.snmp.printer_mib import read_counter, read_printer
from everprint.provider.snmp.reading import Counted, Reading
from everprint.provider.snmp.session import SnmpSession
from everprint.provider.snmp.values import Agent, SnmpFailed
from rig.snmp_agent import COMMUNITY, KEY, PRIVACY_KEY, USER, SnmpAgent, run_snmp_agent
from tests.provider.snmp.printers import alert, printer, supply

Found = TypeVar("Found")


@pytest.fixture(scope="module")
def agent() -> Iterator[SnmpAgent]:
    with run_snmp_agent(printer()) as agent:
        yield agent


def asked(port: int, work: Callable[[SnmpSession, Agent], Awaitable[Found]], **settings: object) -> Found:
    """What comes out of a session of its own."""
    snmp = Snmp(port=port, **settings)  # type: ignore[arg-type]
    session = SnmpSession()

    async def run() -> Found:
        return await work(session, Agent("127.0.0.1", snmp))

    try:
        return asyncio.run(run())
    finally:
        session.close()


def version_3(**changed: object) -> dict[str, object]:
    return {
        "version": SnmpVersion.V3,
        "user_name": USER,
        "authentication": SnmpAuthentication.SHA,
        "authentication_key": KEY,
        "privacy": SnmpPrivacy.AES128,
        "privacy_key": PRIVACY_KEY,
        **changed,
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"version": SnmpVersion.V1, "community": COMMUNITY},
        {"version": SnmpVersion.V2C, "community": COMMUNITY},
        version_3(),
    ],
    ids=["1", "2c", "3"],
)
def test_a_printer_is_read_with_each_version(agent: SnmpAgent, settings: dict[str, object]) -> None:
    agent.say(printer())
    reading = asked(agent.port, read_printer, **settings)
    assert [(one.name, one.kind, one.left, one.colorant) for one in reading.supplies] == [
        ("Cyan Toner", "tonerCartridge", 30, "cyan"),
        ("Drum", "opc", 5, ""),
        ("Waste Box", "wasteToner", 3, ""),
    ]
    assert [(one.code, one.severity, one.description) for one in reading.alerts] == [
        ("markerTonerAlmostEmpty", "warning", "Toner low: cyan")
    ]
    assert (reading.life_count, reading.status, reading.errors) == (1200, "idle", ())


def test_the_counter_is_read_by_itself(agent: SnmpAgent) -> None:
    agent.say(printer(count=77, status=4))
    assert asked(agent.port, read_counter, community=COMMUNITY) == Counted(77, is_idle=False)


@pytest.mark.parametrize(
    "settings",
    [{"community": "guessed"}, version_3(authentication_key="guessed guessed")],
    ids=["community", "key"],
)
def test_who_does_not_know_the_secret_is_told_nothing(agent: SnmpAgent, settings: dict[str, object]) -> None:
    with pytest.raises(SnmpFailed, match=r"127\.0\.0\.1"):
        asked(agent.port, read_printer, **settings)


@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
def test_an_agent_that_is_no_printer_has_nothing(agent: SnmpAgent, version: SnmpVersion) -> None:
    agent.say({"43.99.1.1": ("integer", 1)})
    assert asked(agent.port, read_printer, version=version, community=COMMUNITY) == Reading()


def test_of_endless_tables_a_part_is_read(agent: SnmpAgent) -> None:
    many = [supply(number, name="x" * 250, kind=3, capacity=1, level=1) for number in range(1, 120)]
    more = [alert(number, severity=3, code=8, description="y" * 250) for number in range(1, 120)]
    agent.say({key: value for row in (*many, *more) for key, value in row.items()})
    reading = asked(agent.port, read_printer, community=COMMUNITY)
    assert (len(reading.supplies), len(reading.alerts)) == (64, 50)
    assert max(len(one.name) for one in reading.supplies) == 200


@contextmanager
def answering(octets: Callable[[bytes], bytes]) -> Iterator[int]:
    """The port of an agent that answers each question with those octets."""
    with socket.socket(type=socket.SOCK_DGRAM) as agent:
        agent.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                question, who = agent.recvfrom(65535)
                if not question:
                    return
                agent.sendto(octets(question), who)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield int(agent.getsockname()[1])
        finally:
            agent.sendto(b"", agent.getsockname())
            serving.join(10.0)


def as_answer(question: bytes) -> bytes:
    """The question sent back as a response (RFC 3416: PDU 2): an agent that goes in circles."""
    place = question.index(b"\xa1") if b"\xa1" in question else question.index(b"\xa0")
    return question[:place] + b"\xa2" + question[place + 1 :]


NONSENSE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "noise": lambda _: b"\xff" * 1400,
    "sequences in sequences": lambda _: b"\x30\x80" * 2000,
    "cut": lambda question: question[:-3],
    "a question": lambda question: question,
}


def test_nonsense_is_no_answer() -> None:
    """All at once: each of them is waited for until its time is over."""
    with ExitStack() as stack:
        ports = [stack.enter_context(answering(octets)) for octets in NONSENSE.values()]

        async def read_all(session: SnmpSession, _: Agent) -> list[object]:
            agents = [Agent("127.0.0.1", Snmp(port=port)) for port in ports]
            return await asyncio.gather(*(read_printer(session, agent) for agent in agents), return_exceptions=True)

        found = asked(ports[0], read_all)
    assert [type(one) for one in found] == [SnmpFailed] * len(NONSENSE), dict(zip(NONSENSE, found, strict=True))


def test_an_agent_that_goes_in_circles_is_left() -> None:
    with answering(as_answer) as port:
        assert asked(port, read_printer, community=COMMUNITY) == Reading()


def test_secrets_do_not_show(agent: SnmpAgent) -> None:
    shown = repr(Snmp(**version_3(community="a community")))  # type: ignore[arg-type]
    assert not [secret for secret in (KEY, PRIVACY_KEY, "a community") if secret in shown]
