"""Who this provider is to the Application Server: made by enrolment, kept where only its user can read it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

FILE_NAME = "identity.json"
# The certificate of the authority that vouches for the server, if it was fetched by its fingerprint.
SERVER_AUTHORITY = "server-authority.pem"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The result of `everprint provider enrol`. The credential is the only copy: the server keeps a hash."""

    server: str
    provider_id: str
    credential: str
    name: str
    ca_file: str | None = None


class NotEnrolled(Exception):
    """There is no usable identity in the state folder."""


def load_identity(state_folder: Path) -> Identity:
    """The identity that enrolment stored.

    Raises NotEnrolled.
    """
    path = state_folder / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Identity)
    except FileNotFoundError:
        raise NotEnrolled(
            f"{path} is not there: this print server is not enrolled. Run "
            f"'everprint provider enrol --state-folder {state_folder} ...' with a code from the Application Server."
        ) from None
    except (OSError, msgspec.DecodeError) as error:
        raise NotEnrolled(f"{path} cannot be read ({error}). Enrol this print server again.") from error


def store_identity(state_folder: Path, identity: Identity) -> None:
    """Writes it with mode 0600, whole or not at all."""
    store_durably(state_folder / FILE_NAME, msgspec.json.format(msgspec.json.encode(identity)))


def store_durably(path: Path, octets: bytes) -> None:
    """Replaces a private file so that a crash leaves the old one or the new one, never half of it."""
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
