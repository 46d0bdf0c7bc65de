"""`everprint cluster failover`: another site takes over, or rehearses it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from everprint.cli.cluster_backup_target import TROUBLES
from everprint.cli.cluster_other_site import between_sites, nobody_is_asked_in_json, opened_for
from everprint.cluster.hosts.port import Hosts
from everprint.cluster.replication import lost_site
from everprint.cluster.replication.failover import Started, fail_over
from everprint.cluster.replication.lost_work import LostWork, lost_work
from everprint.cluster.replication.rehearsal import Rehearsed, rehearse
from everprint.cluster.replication.replica import in_order
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.replication import ReplicationSettings

_SHOWN_JOBS = 50


@click.command()
@between_sites
@click.option(
    "--yes", is_flag=True, help="Do not ask. Hosts that nothing can switch off still need --i-confirm-dead."
)
@click.option(
    "--i-confirm-dead", "dead", default="", metavar="LOST", help="Your word that the site of this name is dead."
)
@click.option("--drill", is_flag=True, help="Only rehearse: boot each newest point in isolation. Nothing is started.")
@click.pass_context
def failover(
    ctx: click.Context,
    topology: Path,
    *,
    via: str | None,
    site: str,
    yes: bool,
    dead: str,
    drill: bool,
    within: int,
    as_json: bool,
) -> None:
    """Start the replicas at another site, after the cluster's own site was lost.

    First the lost site's hosts are switched off by their power devices. For one whose device does not answer your
    word is needed; while one answers, nothing is started. Then VMs start in the order in which they need each other,
    people are led there, and what it cost is shown: the age of each point, and the jobs of print servers since.
    Called again, it goes on. Exit code 1: something is not ready, or was not done.

    \b
    Examples:
      everprint cluster failover print.toml --site north --drill
      everprint cluster failover print.toml --site north
    """
    nobody_is_asked_in_json(as_json=as_json, would_ask=not (yes or dead or drill))
    read, hosts, settings = opened_for(topology, via, site)
    if drill:
        ctx.exit(_rehearse(read, settings, hosts, within, as_json=as_json))
    lost = lost_site.name_of_lost(read)
    if dead and dead != lost:
        raise click.UsageError(f"the site that would be given up is {lost}, not {dead}")
    word = bool(dead) or (not yes and _asked(lost, site))
    began = time.monotonic()
    try:
        certain = lost_site.make_sure(read, settings, hosts, word=word)
    except TROUBLES as error:
        raise click.ClickException(f"{error}\nNothing was started.") from error
    if not as_json:
        for one in certain:
            click.echo(f"{one.host}: {one.reason}")
    started = fail_over(
        read, settings, hosts, ready_within_s=within, tell=lambda one: None if as_json else _tell(one)
    )
    ready_s = round(time.monotonic() - began, 1)
    lost_jobs = lost_work(read, settings, hosts, started)
    if as_json:
        report = {
            "site": site,
            "lost": [{"host": one.host, "reason": one.reason} for one in certain],
            "vms": [one.as_json() for one in started],
            "seconds": ready_s,
            "lost_work": lost_jobs.as_json(),
        }
        click.echo(json.dumps(report, indent=2))
    else:
        click.echo(f"{site} took over in {ready_s:.1f} s.")
        _tell_lost(lost_jobs)
    ctx.exit(1 if not started or any(one.trouble for one in started) or lost_jobs.silent else 0)


def _asked(lost: str, site: str) -> bool:
    click.echo(f"{site} will take over. Hosts of {lost} are switched off where a power device answers.")
    click.echo("If one still works and is not switched off, two Application Servers will charge people.")
    said = click.prompt(f"Type {lost} if you know that it is dead", default="", show_default=False)
    if said != lost:
        raise click.ClickException("Nothing was done.")
    return True


def _tell(one: Started) -> None:
    if one.ready_s is None:
        click.secho(f"{one.vm} on {one.host}: NOT READY. {one.trouble}", fg="red")
        return
    age = "" if one.rpo_s is None else f", {one.rpo_s:.0f} s old, {one.consistency}"
    click.echo(f"{one.vm} on {one.host}: ready after {one.ready_s:.1f} s, from {one.point}{age}")
    if one.trouble:
        click.secho(f"  {one.trouble}", fg="red")


def _tell_lost(found: LostWork) -> None:
    if found.since is None:
        click.echo("No Application Server was started: nobody's books are older than they were.")
    else:
        click.echo(f"The books are of {found.since.astimezone():%Y-%m-%d %H:%M:%S}. ", nl=False)
        click.echo(f"Print servers have {len(found.jobs)} jobs that were received or ended since:")
        for job in found.jobs[:_SHOWN_JOBS]:
            sheets = "" if job.sheets is None else f", {job.sheets} sheets"
            click.echo(
                f"  {job.created_at.astimezone():%H:%M:%S} {job.print_server} job {job.job_id} of {job.user_name}: "
                f"{job.job_name} ({job.state}{sheets})"
            )
        if len(found.jobs) > _SHOWN_JOBS:
            click.echo(f"  and {len(found.jobs) - _SHOWN_JOBS} more: --json has all")
    for line in found.silent:
        click.secho(f"Could not be asked: {line}", fg="red")


def _rehearse(
    topology: Topology, settings: ReplicationSettings, hosts: Hosts, within_s: float, *, as_json: bool
) -> int:
    found: list[Rehearsed] = []
    for vm in in_order(topology):
        if (how := settings.of(vm.name)) is None:
            continue
        one = rehearse(topology, settings, hosts, vm, how, within_s=within_s)
        found.append(one)
        if as_json:
            continue
        if one.trouble:
            click.secho(f"{one.vm}: WOULD NOT TAKE OVER. {one.trouble}", fg="red")
        else:
            audit = f", {one.audit}" if one.audit else ""
            click.secho(f"{one.vm}: {one.point} was ready after {one.ready_s:.1f} s{audit}", fg="green")
    if as_json:
        click.echo(json.dumps({"drill": [one.as_json() for one in found]}, indent=2))
    return 0 if found and not any(one.trouble for one in found) else 1
