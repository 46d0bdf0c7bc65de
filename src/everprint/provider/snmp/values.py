"""What comes out of an agent: numbers and octets by object identifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from everprint.contract.snmp import Snmp

Oid = tuple[int, ...]
Value = int | bytes
Values = Mapping[Oid, Value]


class SnmpFailed(Exception):
    """The agent did not answer, or not in a way that can be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Where an agent is, and how it is asked."""

    host: str
    snmp: Snmp


class Asks(Protocol):
    """What an agent can be asked. Both raise SnmpFailed."""

    async def get(self, agent: Agent, oids: Sequence[Oid]) -> Values:
        """These objects; what the agent does not have is left out."""
        ...

    async def rows(self, agent: Agent, columns: Sequence[Oid], most: int) -> list[Values]:
        """The rows of a table, at most so many, each as its objects with their full identifiers."""
        ...


def number(values: Values, oid: Oid) -> int | None:
    """The number there; None if there is none."""
    value = values.get(oid)
    return value if isinstance(value, int) else None


def octets(values: Values, oid: Oid) -> bytes:
    """The octets there; none if there are none."""
    value = values.get(oid)
    return value if isinstance(value, bytes) else b""
