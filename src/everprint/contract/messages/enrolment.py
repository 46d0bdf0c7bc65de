"""Enrolment: a one-time code, made by an administrator, becomes a credential of the provider's own."""

from __future__ import annotations

import msgspec

from everprint.contract.version import Versions


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """POST /contract/enrol, the only request without a credential."""

    code: str
    name: str  # how people call this print server
    software_version: str
    # What the provider chose for itself, so that a lost answer can be asked for again; empty: the server chooses.
    credential: str = ""
    versions: Versions = msgspec.field(default_factory=Versions)


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The certificate that vouches for the server's own. Nothing says so but its fingerprint, which people carry."""

    pem: str


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's identity. The server keeps only a hash of the credential, which the provider chose, or is told
    once."""

    provider_id: str
    credential: str
    contract_version: int
