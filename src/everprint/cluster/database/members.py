"""Who keeps the database: an odd number of machines, each with PostgreSQL, Patroni and etcd."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from everprint.cluster.topology.model import DatabaseBackup

FEWEST = 3
"""With two, neither can go on alone: the loss of one would stop both."""

POSTGRESQL_PORT = 5432
PATRONI_PORT = 8008
ETCD_PORT = 2379
ETCD_PEER_PORT = 2380


@dataclass(frozen=True, slots=True)
class Member:
    """One of the machines."""

    name: str
    address: IPv4Address | IPv6Address

    def at(self, port: int) -> str:
        """That port of it, as libpq, etcd and Patroni write it."""
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class DatabaseCluster:
    """All members, and what they have in common."""

    name: str
    members: tuple[Member, ...]
    certificates: str
    """Folder on each member with *authority.pem*, *certificate.pem* and *key.pem*; empty: nothing is encrypted."""
    watchdog: bool
    """The machine is reset if Patroni hangs while its PostgreSQL is the primary."""
    lost_after_s: int
    """A primary that has not renewed its claim for so long is replaced (Patroni's *ttl*)."""
    backup: DatabaseBackup | None = None
    """Where backups and the write-ahead log go; None: nowhere."""

    @property
    def scheme(self) -> str:
        """What their HTTP interfaces are reached by."""
        return "https" if self.certificates else "http"

    def certificate_file(self, name: str) -> str:
        """A file of the certificates' folder."""
        return f"{self.certificates}/{name}.pem"

    def server_url(self, user: str, database: str) -> str:
        """The Application Server's setting *database*: whichever member can be written to; without the password.

        Times by libpq (manual, section 34.1.2): a member that is gone costs 3 s at most, a connection whose other end
        fell silent ends after 10 s, and the request is tried again on the next one.
        """
        hosts = ",".join(member.at(POSTGRESQL_PORT) for member in self.members)
        parameters = ["target_session_attrs=read-write", "connect_timeout=3", "tcp_user_timeout=10000"]
        parameters += ["keepalives_idle=5", "keepalives_interval=2", "keepalives_count=3"]
        if self.certificates:
            parameters += ["sslmode=verify-full", f"sslrootcert={self.certificate_file('authority')}"]
        return f"postgresql://{user}@{hosts}/{database}?{'&'.join(parameters)}"
