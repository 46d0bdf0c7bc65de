"""What is done at a host and must succeed: a command, and files that are there whole or not at all."""

from __future__ import annotations

import io
import tarfile

from everprint.cluster.hosts.port import Answer, Hosts
from everprint.cluster.live.observed import HostRefuses

_NEW = ".everprint-new"


def put_files(hosts: Hosts, host: str, files: list[tuple[str, bytes, int]]) -> None:
    """Writes all beside the files and then renames: a reader sees the old or the new one.

    Raises HostUnreachable or HostRefuses.
    """
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, content, mode in files:
            member = tarfile.TarInfo(path.removeprefix("/") + _NEW)
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
    must(hosts, host, ["tar", "--extract", "--preserve-permissions", "--directory", "/"], stdin=archive.getvalue())
    rename = f'for file; do mv -f -- "$file{_NEW}" "$file" || exit 1; done'
    must(hosts, host, ["sh", "-c", rename, "sh", *(path for path, _, _ in files)])


def must(
    hosts: Hosts,
    host: str,
    argv: list[str],
    *,
    stdin: bytes = b"",
    timeout_s: float = 60.0,
    well: tuple[int, ...] = (0,),
) -> Answer:
    """Its answer, if it ended as it should. Raises HostUnreachable or HostRefuses."""
    answer = hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)
    if answer.code not in well:
        raise HostRefuses(f"{host}: {argv[0]} failed: {answer.complaint}")
    return answer
