"""`everprint server job`: the job log."""

from __future__ import annotations

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

COLUMNS = ["number", "submitted_at", "user", "printer", "name", "state", "pages", "sheets", "charged", "reason"]


@click.group(cls=CommandList)
def job() -> None:
    """Jobs: who printed what, and what became of it."""


@job.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=int)
@click.option("--to", "target", required=True, help="The printer; of the same print server, if none is named.")
@click.option("--to-provider", "provider_name", help="The print server of that printer.")
@with_database
def redirect(numbers: tuple[int, ...], target: str, provider_name: str | None) -> None:
    """Send jobs that wait to another printer: priced and decided anew, held ones stay held.

    \b
    Examples:
      everprint server job redirect 4711 4712 --to hall
      everprint server job redirect 4711 --to foyer --to-provider south
    """
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.jobs.redirection import order_redirect, target_named

    for number in numbers:
        found = Job.objects.select_related("printer").filter(pk=number).first()
        if found is None:
            raise click.ClickException(f"there is no job {number}; `everprint server job list` names them")
        try:
            order_redirect(found, target_named(found.printer, target, provider_name), None)
        except NotPossible as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Job {number} will be redirected to {target}, if that can print it.")


@job.command("list")
@click.option("--user", "user_name", help="Only this user's.")
@click.option("--state", help="Only those in this state, such as held or completed.")
@click.option("--unpaid", is_flag=True, help="Only those printed beyond what their account could pay.")
@click.option("--offline", is_flag=True, help="Only those decided by their print server while this server was away.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@as_json
@with_database
def list_jobs(
    user_name: str | None, state: str | None, unpaid: bool, offline: bool, limit: int, as_json: bool
) -> None:
    """List jobs, the newest first."""
    from everprint.contract.job_life import JobState
    from everprint.contract.user_names import canonical_user_name
    from everprint.server.jobs.models import Job

    found = Job.objects.select_related("printer", "owner")
    if user_name is not None:
        found = found.filter(owner__name=canonical_user_name(user_name))
    if state is not None:
        if state not in list(JobState):
            raise click.ClickException(f"{state} is not a state; expected one of: {', '.join(JobState)}")
        found = found.filter(state=state)
    if unpaid:
        found = found.filter(cost_uncollected__gt=0)
    if offline:
        found = found.filter(offline=True)
    rows: list[dict[str, object]] = [
        {
            "number": row.number,
            "uuid": str(row.uuid),
            "submitted_at": row.submitted_at,
            "user": row.owner.name if row.owner else row.user_name,
            "printer": row.printer.name,
            "name": row.name,
            "state": row.state,
            "pages": row.pages,
            "impressions": row.printed_impressions,
            "colour_impressions": row.printed_colour_impressions,
            "sheets": row.printed_sheets,
            "reserved": row.cost_reserved,
            "charged": row.cost_charged,
            "uncollected": row.cost_uncollected,
            "offline": row.offline,
            "unlogged": row.unlogged,
            "reason": row.reason,
        }
        for row in found[:limit]
    ]
    print_rows(rows, COLUMNS, as_json=as_json, nothing="No jobs.")
