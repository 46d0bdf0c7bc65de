"""`everprint cluster check`: what will hurt, before it does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from everprint.cli.cluster_topology import hosts_of, topology_of, via_option
from everprint.cluster.check.finding import Finding, level_of
from everprint.cluster.check.live import check_hosts
from everprint.cluster.check.topology import check_topology
from everprint.cluster.fault_tolerance.verdict import VERDICT, Verdict, write_verdict
from everprint.monitor.health import Level

_IMAGE = Path(".lab/image")
_COLOURS = {Level.FAIL: "red", Level.WARN: "yellow", Level.OK: "green"}


@click.command()
@click.argument("topology", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--live", is_flag=True, help="Also ask the hosts: clocks, versions, shared folders, power devices.")
@via_option
@click.option(
    "--ft",
    is_flag=True,
    help="Instead of a topology: try whether this machine's QEMU can keep two VMs in lock-step. Needs root and an "
    "image; takes about a minute.",
)
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    default=_IMAGE,
    show_default=True,
    help="For --ft: folder of the image.",
)
@click.option(
    "--accelerator", default="tcg,thread=multi", show_default=True, help="For --ft: QEMU's; kvm where there is KVM."
)
@click.option(
    "--verdict",
    type=click.Path(path_type=Path, dir_okay=False),
    default=VERDICT,
    show_default=True,
    help="For --ft: where the end is kept, for the agent of fault-tolerant VMs.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def check(
    ctx: click.Context,
    topology: Path | None,
    *,
    live: bool,
    via: str | None,
    ft: bool,
    image: Path,
    accelerator: str,
    verdict: Path,
    as_json: bool,
) -> None:
    """Find what will hurt before it does.

    Each finding says what is so, why it matters and what to do. Without --live nothing but the file is looked at.
    Exit code 0: nothing to mend (warnings at most); 1: something to mend; 2: the file has mistakes, or nothing
    could be tried.

    \b
    Examples:
      everprint cluster check print.toml
      everprint cluster check print.toml --live --json
      everprint cluster check --ft
    """
    if ft:
        if topology is not None:
            raise click.UsageError("--ft tries this machine, and reads no topology")
        ctx.exit(_try_take_over(image, accelerator, verdict, as_json=as_json))
    if topology is None:
        raise click.UsageError("name the topology file")
    read = topology_of(topology)
    findings = check_topology(read)
    if live or via is not None:
        if read.hypervisor:
            raise click.UsageError("there is no host to ask: the hypervisor has them")
        findings += check_hosts(read, hosts_of(read, via))
    if as_json:
        report = {"status": level_of(findings).value, "findings": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(report, indent=2))
    else:
        _tell(read.file, findings)
    if level_of(findings) is Level.FAIL:
        ctx.exit(1)


def _try_take_over(image: Path, accelerator: str, verdict: Path, *, as_json: bool) -> int:
    """The trial, told; the exit code."""
    from everprint.cluster.fault_tolerance.self_test.network import TrialNotPossible
    from everprint.cluster.fault_tolerance.self_test.trial import TrialFailed, try_take_over

    def say(step: str) -> None:
        click.echo(f"{step} ...", err=True)

    try:
        report = asyncio.run(try_take_over(image.absolute(), say, accelerator=accelerator))
    except TrialNotPossible as error:
        raise click.UsageError(str(error)) from error
    except TrialFailed as error:
        _keep(verdict, Verdict(error.qemu, accelerator, passed=False, reason=str(error)))
        if as_json:
            click.echo(json.dumps({"status": Level.FAIL.value, "reason": str(error)}, indent=2))
        else:
            click.echo(click.style("This QEMU keeps no two VMs in lock-step", fg="red") + f": {error}.")
            click.echo("What to do: use `ha` or `app-ha`, or a QEMU that can: docs/explanation/fault-tolerance.md.")
        return 1
    _keep(verdict, Verdict(report.qemu, accelerator, passed=True))
    told = report.as_json()
    if as_json:
        click.echo(json.dumps({"status": Level.OK.value, **told}, indent=2))
        return 0
    click.echo(click.style(f"QEMU {report.qemu} keeps two VMs in lock-step", fg="green") + ".")
    click.echo(
        f"  Protected within {told['protected_s']} s; again, on the other host, within {told['protected_again_s']} s."
    )
    click.echo(f"  Its host died: the open connection paused for {told['gap_s']} s.")
    click.echo(f"  The secondary's host died: it paused for {told['alone_gap_s']} s.")
    still = f"at each it stood still for {told['checkpoint_median_ms']} ms (median)"
    click.echo(f"  There were {told['checkpoints']} checkpoints; {still}.")
    click.echo(f"  All of {told['answers']} answers were right, and what they stand for is on the disk.")
    return 0


def _keep(file: Path, verdict: Verdict) -> None:
    try:
        write_verdict(file, verdict)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror}): name another file") from error


def _tell(file: str, findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(
            f"{file}:{finding.line}: {click.style(finding.level.value, fg=_COLOURS[finding.level])}: "
            f"{finding.what} [{finding.code}]"
        )
        if finding.why:
            click.echo(f"    Why it matters: {finding.why}.")
        if finding.advice:
            click.echo(f"    What to do: {finding.advice}.")
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    click.echo(f"{counts[Level.FAIL]} to mend, {counts[Level.WARN]} warnings.")
