"""One SNMP engine with one set of credentials: the only module that knows pysnmp, loaded when it is needed."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING

from everprint.contract.snmp import Snmp, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.provider.snmp.values import Agent, Oid, SnmpFailed, Value, Values

if TYPE_CHECKING:
    from pysnmp.hlapi.v3arch.asyncio import CommunityData, ObjectType, UsmUserData

_TIME_OUT_S = 2.0
_RETRIES = 1
_NO_SUCH_NAME = 2  # how version 1 says that there is nothing (more)
_LONGEST_OCTETS = 4096


class Engine:
    """Made, used and closed in one thread."""

    def __init__(self, snmp: Snmp) -> None:
        """Loads pysnmp, which takes a second the first time."""
        from pysnmp.hlapi.v3arch.asyncio import SnmpEngine

        self._snmp = snmp
        self._engine = SnmpEngine()
        self._who = _who(snmp)

    def close(self) -> None:
        """Closes its sockets."""
        self._engine.close_dispatcher()

    async def get(self, agent: Agent, oids: Sequence[Oid]) -> Values:
        """See values.Asks.

        Version 1 answers for all or for none: there each is asked for by itself.
        """
        if self._snmp.version is not SnmpVersion.V1:
            return _values(await self._ask(agent, oids, following=False))
        found: dict[Oid, Value] = {}
        for oid in oids:
            found.update(_values(await self._ask(agent, (oid,), following=False)))
        return found

    async def rows(self, agent: Agent, columns: Sequence[Oid], most: int) -> list[Values]:
        """See values.Asks. A row at a time, as the agent orders them; it ends where its first column does."""
        rows: list[Values] = []
        asked = tuple(columns)
        while len(rows) < most:
            answer = await self._ask(agent, asked, following=True)
            if not answer:
                break
            first = answer[0][0]
            if not _is_below(first, columns[0]) or first <= asked[0]:  # an agent that goes in circles
                break
            index = first[len(columns[0]) :]
            rows.append(_values([pair for pair in answer if pair[0][-len(index) :] == index]))
            asked = tuple((*column, *index) for column in columns)
        return rows

    async def _ask(self, agent: Agent, oids: Sequence[Oid], *, following: bool) -> list[tuple[Oid, Value | None]]:
        """The objects, or those that follow them; nothing where version 1 says that there is none."""
        from pysnmp.error import PySnmpError
        from pysnmp.hlapi.v3arch.asyncio import (
            ContextData,
            Udp6TransportTarget,
            UdpTransportTarget,
            get_cmd,
            next_cmd,
        )

        kind = Udp6TransportTarget if _is_version_6(agent.host) else UdpTransportTarget
        try:
            target = await kind.create((agent.host, agent.snmp.port), timeout=_TIME_OUT_S, retries=_RETRIES)
            trouble, status, _, pairs = await (next_cmd if following else get_cmd)(
                self._engine, self._who, target, ContextData(), *map(_object, oids), lookupMib=False
            )
        except (PySnmpError, OSError) as error:
            raise SnmpFailed(f"The SNMP agent at {agent.host} cannot be asked: {_first_line(error)}.") from error
        if trouble:
            raise SnmpFailed(f"The SNMP agent at {agent.host} does not answer: {_first_line(trouble)}.")
        if int(status) == _NO_SUCH_NAME:
            return []
        if int(status):
            raise SnmpFailed(f"The SNMP agent at {agent.host} refuses to answer (error-status {int(status)}).")
        return [(tuple(int(part) for part in name), _value(value)) for name, value in pairs]


def _who(snmp: Snmp) -> CommunityData | UsmUserData:
    from pysnmp.hlapi.v3arch import asyncio as pysnmp

    if snmp.version is not SnmpVersion.V3:
        return pysnmp.CommunityData(snmp.community, mpModel=0 if snmp.version is SnmpVersion.V1 else 1)
    signed = {
        SnmpAuthentication.NONE: pysnmp.USM_AUTH_NONE,
        SnmpAuthentication.MD5: pysnmp.USM_AUTH_HMAC96_MD5,
        SnmpAuthentication.SHA: pysnmp.USM_AUTH_HMAC96_SHA,
        SnmpAuthentication.SHA224: pysnmp.USM_AUTH_HMAC128_SHA224,
        SnmpAuthentication.SHA256: pysnmp.USM_AUTH_HMAC192_SHA256,
        SnmpAuthentication.SHA384: pysnmp.USM_AUTH_HMAC256_SHA384,
        SnmpAuthentication.SHA512: pysnmp.USM_AUTH_HMAC384_SHA512,
    }
    enciphered = {
        SnmpPrivacy.NONE: pysnmp.USM_PRIV_NONE,
        SnmpPrivacy.DES: pysnmp.USM_PRIV_CBC56_DES,
        SnmpPrivacy.AES128: pysnmp.USM_PRIV_CFB128_AES,
        SnmpPrivacy.AES192: pysnmp.USM_PRIV_CFB192_AES,
        SnmpPrivacy.AES256: pysnmp.USM_PRIV_CFB256_AES,
    }
    return pysnmp.UsmUserData(
        snmp.user_name,
        authKey=snmp.authentication_key if snmp.authentication is not SnmpAuthentication.NONE else None,
        privKey=snmp.privacy_key if snmp.privacy is not SnmpPrivacy.NONE else None,
        authProtocol=signed[snmp.authentication],
        privProtocol=enciphered[snmp.privacy],
    )


def _object(oid: Oid) -> ObjectType:
    from pysnmp.hlapi.v3arch.asyncio import ObjectIdentity, ObjectType

    return ObjectType(ObjectIdentity(oid))


def _values(pairs: Sequence[tuple[Oid, Value | None]]) -> Values:
    return {oid: value for oid, value in pairs if value is not None}


def _value(value: object) -> Value | None:
    """A number, or octets up to a length; None for all else, such as *noSuchObject*."""
    from pyasn1.type import univ

    if isinstance(value, univ.Integer):
        return int(value)
    if isinstance(value, univ.OctetString):
        return bytes(value[:_LONGEST_OCTETS])
    return None


def _is_below(oid: Oid, column: Oid) -> bool:
    return len(oid) > len(column) and oid[: len(column)] == column


def _is_version_6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False


def _first_line(said: object) -> str:
    return str(said).splitlines()[0][:200].rstrip(".") if str(said) else type(said).__name__
