"""Takes a document as it comes over the network and puts it into its job's folder."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Received:
    """A whole document."""

    octets: int
    sha256: str


async def receive_document(pieces: AsyncIterable[bytes], path: Path) -> Received:
    """Writes the pieces to the file. Whatever the stream raises comes through; a part may then be in the file."""
    octets, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        async for piece in pieces:
            octets += len(piece)
            digest.update(piece)
            file.write(piece)
    return Received(octets, digest.hexdigest())
