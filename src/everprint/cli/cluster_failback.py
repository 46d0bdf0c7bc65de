"""`everprint cluster failback`: VMs come home from another site."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from everprint.cli.cluster_backup_target import TROUBLES
from everprint.cli.cluster_other_site import between_sites, nobody_is_asked_in_json, opened_for
from everprint.cli.cluster_replicate import told
from everprint.cluster.replication.failback import HalfWay, Returned, away, send_back, switch
from everprint.cluster.replication.sending import Sent


@click.command()
@between_sites
@click.option("--prepare", is_flag=True, help="Only send back what was written; the VMs run on there.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def failback(
    ctx: click.Context,
    topology: Path,
    *,
    via: str | None,
    site: str,
    prepare: bool,
    yes: bool,
    within: int,
    as_json: bool,
) -> None:
    """Bring the VMs back from another site to their own, with no loss.

    First what they wrote is sent back while they run on; --prepare ends there, and may be repeated. Then they stand
    still, the rest is sent, and they start at home. Until a VM is ready there its disks at the other site stay.

    \b
    Examples:
      everprint cluster failback print.toml --site north --prepare
      everprint cluster failback print.toml --site north
    """
    nobody_is_asked_in_json(as_json=as_json, would_ask=not (yes or prepare))
    read, hosts, settings = opened_for(topology, via, site)
    sent: list[Sent] = []
    returned: list[Returned] = []
    try:
        found = away(read, settings, hosts)
        if not found:
            raise click.ClickException(f"no VM was started at {site}: there is nothing to bring back")
        for one in found:
            sent.append(send_back(read, hosts, one))
            if not as_json:
                click.echo(told(sent[-1]))
        if not prepare:
            if settings.ticket and not as_json:
                click.echo(f"When they stand, let booth take {settings.ticket} from {site} and give it to your site.")
            names = ", ".join(one.vm.name for one in found)
            if not yes and not click.confirm(f"{names} will stand still while the rest is sent. Go on?"):
                raise click.ClickException("They run on where they are.")
            tell = (lambda one: None) if as_json else _tell
            returned = switch(read, settings, hosts, found, ready_within_s=within, tell=tell)
    except HalfWay as error:
        raise click.ClickException(str(error)) from error
    except TROUBLES as error:
        raise click.ClickException(f"{error}\nNothing was switched: the VMs are where they were.") from error
    if as_json:
        report = {"sent": [asdict(one) for one in sent], "vms": [one.as_json() for one in returned]}
        click.echo(json.dumps(report, indent=2))
    ctx.exit(1 if any(one.trouble for one in returned) else 0)


def _tell(one: Returned) -> None:
    if one.trouble:
        click.secho(f"{one.vm} on {one.host}: {one.trouble}", fg="red")
    else:
        click.echo(f"{one.vm} is ready on {one.host}; it stood for {one.stood_s:.1f} s")
    for path in one.kept:
        click.echo(f"  Kept as it was: {path}")
