"""`everprint cluster database`: the settings of the machines that keep the database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from everprint.cli.cluster_topology import topology_argument, topology_of
from everprint.cluster.database.etcd import etcd_configuration
from everprint.cluster.database.layer import database_cluster
from everprint.cluster.database.members import POSTGRESQL_PORT, DatabaseCluster
from everprint.cluster.database.patroni import patroni_configuration
from everprint.cluster.database.pgbackrest import pgbackrest_configuration
from everprint.cluster.database.places import DEBIAN

ETCD_STATE = "/var/lib/everprint/etcd"
# The server's own user and database: made once, by the how-to.
_USER = _DATABASE = "everprint"


@click.command()
@topology_argument
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the settings of etcd, Patroni and pgBackRest into this folder, in a folder for each member.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def database(topology: Path, *, output: Path | None, as_json: bool) -> None:
    """Show who keeps the database, and make the settings of its machines.

    The topology's table [database] names them. PostgreSQL runs on each; Patroni makes one of them the primary, and
    another one when that is lost; etcd remembers which. Nothing is changed on any of them: copy the files there.

    \b
    Examples:
      everprint cluster database print.toml
      everprint cluster database print.toml --output database
    """
    read = topology_of(topology)
    if read.database is None:
        raise click.ClickException(f"{topology} has no table [database]: nothing fails over but what its VMs do")
    cluster = database_cluster(read, read.database)
    files = _files(cluster) if output else {}
    if output:
        for name, text in files.items():
            path = output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    url = cluster.server_url(_USER, _DATABASE)
    if as_json:
        members = [{"name": member.name, "address": str(member.address)} for member in cluster.members]
        click.echo(json.dumps({"members": members, "server_database": url, "files": sorted(files)}, indent=2))
        return
    for member in cluster.members:
        click.echo(f"{member.name}  {member.at(POSTGRESQL_PORT)}")
    for name in files:
        click.echo(f"written: {output}/{name}")
    click.echo("In the settings of each Application Server (its password: in libpq's password file):")
    click.echo(f'database = "{url}"')


def _files(cluster: DatabaseCluster) -> dict[str, str]:
    backup = cluster.backup
    return {
        f"{member.name}/{name}": text
        for member in cluster.members
        for name, text in (
            ("etcd.yml", etcd_configuration(cluster, member, ETCD_STATE)),
            ("patroni.yml", patroni_configuration(cluster, member, DEBIAN)),
            *((("pgbackrest.conf", pgbackrest_configuration(cluster.name, backup, DEBIAN)),) if backup else ()),
        )
    }
