"""etcd's configuration file (etcd manual, *Configuration options*), for one member. JSON, which is YAML."""

from __future__ import annotations

import json

from everprint.cluster.database.members import ETCD_PEER_PORT, ETCD_PORT, DatabaseCluster, Member


def etcd_configuration(cluster: DatabaseCluster, member: Member, state_folder: str) -> str:
    """The file. `state_folder` is where etcd keeps its log, on a disk that honours fsync."""
    scheme = cluster.scheme
    settings: dict[str, object] = {
        "name": member.name,
        "data-dir": state_folder,
        "initial-cluster-token": cluster.name,
        "initial-cluster-state": "new",
        "initial-cluster": ",".join(f"{one.name}={scheme}://{one.at(ETCD_PEER_PORT)}" for one in cluster.members),
        "listen-peer-urls": f"{scheme}://{member.at(ETCD_PEER_PORT)}",
        "initial-advertise-peer-urls": f"{scheme}://{member.at(ETCD_PEER_PORT)}",
        "listen-client-urls": f"{scheme}://{member.at(ETCD_PORT)}",
        "advertise-client-urls": f"{scheme}://{member.at(ETCD_PORT)}",
        # What Patroni speaks. On by default, but not where a file gives the settings.
        "enable-grpc-gateway": True,
        # The leader of etcd is looked for anew after a second: well below what Patroni waits.
        "heartbeat-interval": 100,
        "election-timeout": 1000,
        # Patroni writes every few seconds: old revisions would fill the disk.
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "1h",
    }
    if cluster.certificates:
        security = {
            "cert-file": cluster.certificate_file("certificate"),
            "key-file": cluster.certificate_file("key"),
            "client-cert-auth": True,
            "trusted-ca-file": cluster.certificate_file("authority"),
        }
        settings |= {"client-transport-security": security, "peer-transport-security": security}
    return json.dumps(settings, indent=2) + "\n"
