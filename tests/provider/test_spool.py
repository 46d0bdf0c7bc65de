"""Documents in the spool: private, whole or not there, and never at the cost of what was accepted before."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from everprint.provider.spool import ClaimedAlready, Spool, SpoolFull

LARGE = os.urandom(3 << 20)


async def pieces(octets: bytes, size: int = 64 << 10, then: Exception | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(octets), size):
        yield octets[start : start + size]
    if then is not None:
        raise then


@pytest.mark.parametrize("octets", [b"x", bytes(256 << 10), LARGE], ids=["one octet", "the limit", "large"])
def test_a_document_is_kept_as_it_came(tmp_path: Path, octets: bytes) -> None:
    spool = Spool(tmp_path / "spool", 0)
    file = asyncio.run(spool.receive("a-job", pieces(octets)))
    file.keep()
    assert file.octets == len(octets)
    assert spool.path("a-job").read_bytes() == octets
    assert spool.path("a-job").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("octets", [b"half", LARGE])
def test_nothing_is_left_of_a_document_that_breaks_off(tmp_path: Path, octets: bytes) -> None:
    spool = Spool(tmp_path / "spool", 0)
    with pytest.raises(ConnectionResetError):
        asyncio.run(spool.receive("a-job", pieces(octets, then=ConnectionResetError())))
    assert list(spool.folder.iterdir()) == []


def test_nothing_is_left_of_a_discarded_document(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    asyncio.run(spool.receive("a-job", pieces(LARGE))).discard()
    assert list(spool.folder.iterdir()) == []


def test_the_reserve_is_not_touched(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(SpoolFull, match="disk is full"):
        asyncio.run(Spool(tmp_path / "a", free * 2).receive("a-job", pieces(b"x")))
    with pytest.raises(SpoolFull):
        Spool(tmp_path / "b", 0).require_space(free * 2)


def test_two_clients_cannot_send_one_jobs_document_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    with spool.claim("a-job"), pytest.raises(ClaimedAlready), spool.claim("a-job"):
        pass
    with spool.claim("a-job"):
        pass


def test_leftovers_go_and_documents_of_jobs_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 0)
    for name in ("wanted", "leftover"):
        spool.path(name).write_bytes(b"x")
    assert spool.remove_leftovers(["wanted"]) == 1
    assert [path.name for path in spool.folder.iterdir()] == ["wanted"]
