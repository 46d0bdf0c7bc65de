"""Under which addresses a client reaches the queues: the host it asked for, and our ports."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

FOLDER = "/ipp/print"
ICONS = "/icons"
ICON_PIXELS = (48, 128, 512)  # PWG 5100.13 section 5.6.15


@dataclass(frozen=True, slots=True)
class Addresses:
    """The authorities (host:port) of ipp:// and ipps:// URIs; None where that is not offered."""

    plain: str | None
    tls: str | None

    @classmethod
    def seen_by(cls, host_header: str, tls: bool, port: int | None, tls_port: int | None) -> Addresses:
        """What a client that reached us under this Host header can use.

        The header's own port is believed for its own scheme: there may be a port forwarder before us.
        """
        host = host_of(host_header)
        plain = None if port is None else f"{host}:{port}"
        secure = None if tls_port is None else f"{host}:{tls_port}"
        return cls(plain, host_header) if tls else cls(host_header, secure)

    def queue_uris(self, queue: str, tls_only: bool) -> list[str]:
        """The URIs of a queue, the safest first."""
        path = queue_path(queue)
        uris = [] if self.tls is None else [f"ipps://{self.tls}{path}"]
        if self.plain is not None and not (tls_only and uris):
            uris.append(f"ipp://{self.plain}{path}")
        return uris

    def icon_uris(self) -> list[str]:
        """Where the pictures of a printer are (pages), small, middle and large."""
        folder = f"http://{self.plain}" if self.plain is not None else f"https://{self.tls}"
        return [f"{folder}{ICONS}/printer-{pixels}.png" for pixels in ICON_PIXELS]


def host_of(authority: str) -> str:
    """The host of a host:port."""
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def queue_path(queue: str) -> str:
    """The path of a queue's URI."""
    return f"{FOLDER}/{quote(queue, safe='')}"


def queue_of(path: str) -> str | None:
    """The queue that a decoded path names: "" for "the only one", None if the path is none of ours."""
    if path == FOLDER:
        return ""
    name = path.removeprefix(FOLDER + "/")
    return name if name != path and "/" not in name else None
