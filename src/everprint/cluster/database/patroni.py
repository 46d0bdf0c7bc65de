"""Patroni's configuration file (its manual, *YAML Configuration Settings*), for one member. JSON, which is YAML.

Passwords are in none of it: Patroni reads them from its environment (PATRONI_SUPERUSER_PASSWORD,
PATRONI_REPLICATION_PASSWORD, PATRONI_REWIND_PASSWORD), which systemd reads from a file that root alone may read.
"""

from __future__ import annotations

import json

from everprint.cluster.database.members import (
    ETCD_PORT,
    PATRONI_PORT,
    POSTGRESQL_PORT,
    DatabaseCluster,
    Member,
)
from everprint.cluster.database.pgbackrest import archiving_parameters, restore_command
from everprint.cluster.database.places import Places

OLDEST_PATRONI = (4, 1)
"""Older ones lose acknowledged commits: after a partition the old leader takes its claim back (fixed in 3.0.3), and
Debian 12 has 3.0.2. Nothing before 4.1 was tried."""


def patroni_configuration(cluster: DatabaseCluster, member: Member, places: Places) -> str:
    """The file."""
    # Patroni asks that ttl >= loop_wait + 2 * retry_timeout: a claim is renewed before it can run out.
    loop_wait = max(2, cluster.lost_after_s // 4)
    retry_timeout = (cluster.lost_after_s - loop_wait) // 2
    settings = {
        "scope": cluster.name,
        "name": member.name,
        "restapi": {
            "listen": member.at(PATRONI_PORT),
            "connect_address": member.at(PATRONI_PORT),
            **_certificates(cluster, "certfile", "keyfile", "cafile"),
            **({"verify_client": "required"} if cluster.certificates else {}),
        },
        "ctl": _certificates(cluster, "certfile", "keyfile", "cacert"),
        "etcd3": {
            "hosts": [one.at(ETCD_PORT) for one in cluster.members],
            "protocol": cluster.scheme,
            **_certificates(cluster, "cert", "key", "cacert"),
        },
        "bootstrap": {
            "dcs": {
                "ttl": cluster.lost_after_s,
                "loop_wait": loop_wait,
                "retry_timeout": retry_timeout,
                # A commit is acknowledged when a second member has it on disk, and only such a one may take over.
                "synchronous_mode": True,
                # Not strict: alone, a primary goes on. What it commits then is nowhere else, and nobody takes over.
                "synchronous_mode_strict": False,
                # The old primary is told to stop, and has stopped, before its claim runs out.
                "primary_stop_timeout": max(1, cluster.lost_after_s // 4),
                "postgresql": {
                    "use_pg_rewind": True,
                    "use_slots": True,
                    "parameters": {"max_connections": 200, "wal_log_hints": "on", "hot_standby": "on"},
                },
            },
            "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
        },
        "postgresql": {
            "listen": member.at(POSTGRESQL_PORT),
            "connect_address": member.at(POSTGRESQL_PORT),
            "data_dir": places.data,
            "bin_dir": places.programs,
            "pgpass": places.passfile,
            "use_unix_socket": True,
            "authentication": {
                "superuser": {"username": "postgres", **_verified(cluster)},
                "replication": {"username": "replicator", **_verified(cluster)},
                "rewind": {"username": "rewinder", **_verified(cluster)},
            },
            "parameters": {
                "unix_socket_directories": places.socket,
                # What the server answers was written is on disk here and at the standby.
                "fsync": "on",
                "synchronous_commit": "on",
                # Half a connection is found out and ended, so that its locks are let go.
                "tcp_keepalives_idle": 5,
                "tcp_keepalives_interval": 2,
                "tcp_keepalives_count": 3,
                "password_encryption": "scram-sha-256",
                **_postgresql_certificates(cluster),
                **(archiving_parameters(cluster.name) if cluster.backup else {}),
            },
            **({"recovery_conf": {"restore_command": restore_command(cluster.name)}} if cluster.backup else {}),
            "pg_hba": _who_may_connect(cluster),
        },
        "watchdog": {"mode": "required" if cluster.watchdog else "off", "safety_margin": 5},
    }
    return json.dumps(settings, indent=2) + "\n"


def _who_may_connect(cluster: DatabaseCluster) -> list[str]:
    kind = "hostssl" if cluster.certificates else "host"
    masks = {4: 32, 6: 128}
    peers = [f"{member.address}/{masks[member.address.version]}" for member in cluster.members]
    return [
        "local all postgres peer",
        *(f"{kind} replication replicator {peer} scram-sha-256" for peer in peers),
        *(f"{kind} all all {peer} scram-sha-256" for peer in peers),
        *(f"{kind} all all {everywhere} scram-sha-256" for everywhere in ("0.0.0.0/0", "::/0")),
    ]


def _certificates(cluster: DatabaseCluster, certificate: str, key: str, authority: str) -> dict[str, str]:
    if not cluster.certificates:
        return {}
    return {
        certificate: cluster.certificate_file("certificate"),
        key: cluster.certificate_file("key"),
        authority: cluster.certificate_file("authority"),
    }


def _postgresql_certificates(cluster: DatabaseCluster) -> dict[str, str]:
    if not cluster.certificates:
        return {}
    return {"ssl": "on", **_certificates(cluster, "ssl_cert_file", "ssl_key_file", "ssl_ca_file")}


def _verified(cluster: DatabaseCluster) -> dict[str, str]:
    if not cluster.certificates:
        return {}
    return {"sslmode": "verify-full", "sslrootcert": cluster.certificate_file("authority")}
