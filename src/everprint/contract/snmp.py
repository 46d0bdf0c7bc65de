"""How a printer's SNMP agent is asked: version and credentials. They are as secret as a device URI with a password,
and kept where that is kept: with the printer at the Application Server, and in the snapshot of its print server.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

PORT = 161
LONGEST_SECRET = 255
# A key of SNMPv3 is made of a password of eight characters at the least (RFC 3414 section 11.2).
SHORTEST_KEY = 8


class SnmpVersion(StrEnum):
    """The versions that agents speak. Only the third keeps anything secret."""

    V1 = "1"
    V2C = "2c"
    V3 = "3"


class SnmpAuthentication(StrEnum):
    """How a message of SNMPv3 is signed (RFC 3414, RFC 7860)."""

    NONE = "none"
    MD5 = "md5"
    SHA = "sha"
    SHA224 = "sha224"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class SnmpPrivacy(StrEnum):
    """How a message of SNMPv3 is enciphered (RFC 3414, RFC 3826, and the longer keys that vendors have)."""

    NONE = "none"
    DES = "des"
    AES128 = "aes128"
    AES192 = "aes192"
    AES256 = "aes256"


class Snmp(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of one printer; of a pool, of all its devices. `community` is for versions 1 and 2c, the rest for 3."""

    version: SnmpVersion = SnmpVersion.V2C
    port: int = PORT
    community: str = "public"
    user_name: str = ""
    authentication: SnmpAuthentication = SnmpAuthentication.NONE
    authentication_key: str = ""
    privacy: SnmpPrivacy = SnmpPrivacy.NONE
    privacy_key: str = ""
    # Settle jobs on the difference of the printer's own counter, where that makes sense.
    check_counter: bool = False

    def __repr__(self) -> str:
        return f"Snmp(version={self.version.value!r}, port={self.port})"  # the rest is nobody's who reads a log


def without_secrets(snmp: Snmp) -> Snmp:
    """The same as lists may show it."""
    return msgspec.structs.replace(snmp, community="", authentication_key="", privacy_key="")
