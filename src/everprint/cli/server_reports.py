"""`everprint server report`: reports on the command line, for people and for programs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database


@click.group(cls=CommandList)
def report() -> None:
    """Reports: how much was printed, by whom, where, and what it cost."""


@report.command("list")
@as_json
@with_database
def list_reports(as_json: bool) -> None:
    """List the reports that there are, and those that are kept by name."""
    from everprint.server.reports.kinds import KINDS
    from everprint.server.reports.saved import saved_reports

    rows: list[dict[str, object]] = [
        {"report": kind.key, "title": kind.title, "saved": False} for kind in KINDS.values()
    ]
    rows += [{"report": row.name, "title": KINDS[row.asked["kind"]].title, "saved": True} for row in saved_reports()]
    print_rows(rows, ["report", "title", "saved"], as_json=as_json, nothing="No reports.")


@report.command()
@click.argument("name", metavar="REPORT")
@click.option("--period", default="", help="Such as last-month or this-year; by default the last 30 days.")
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The first day, instead of --period.",
)
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="The last day, included.")
@click.option(
    "--compare", type=click.Choice(["before", "year-before"]), help="With the time before, or a year before."
)
@click.option("--sort", default="", help="A column; with - before it, descending.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="The first so many.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file as PDF instead.")
@as_json
@with_database
def show(
    name: str,
    period: str,
    first: datetime | None,
    last: datetime | None,
    compare: str | None,
    sort: str,
    limit: int,
    pdf: Path | None,
    as_json: bool,
) -> None:
    """Make a report, by its kind or by the name under which it is kept: `everprint server report list` has both.

    \b
    Example:
      everprint server report show users --period last-month --limit 20
    """
    from everprint.server.pages.report_files import pdf_of
    from everprint.server.reports.asked import BadReport, asked_in_words
    from everprint.server.reports.models import SavedReport
    from everprint.server.reports.periods import Named
    from everprint.server.reports.table import make_table

    if period and period not in list(Named):
        raise click.ClickException(f"{period} is no period; expected one of: {', '.join(Named)}")
    saved = SavedReport.objects.filter(name=name).first()
    words: dict[str, object] = dict(saved.asked) if saved else {"kind": name}
    if first or last:
        words |= {"period": "", "first_day": first.date() if first else "", "last_day": last.date() if last else ""}
    given = {"period": period, "compare": compare, "sort": sort}
    try:
        table = make_table(asked_in_words(words | {key: value for key, value in given.items() if value}), most=limit)
    except BadReport as error:
        raise click.ClickException(str(error)) from None
    if pdf is not None:
        pdf.write_bytes(pdf_of(table))
        click.echo(f"{table.title}: written to {pdf}.")
        return
    keys = [column.key for column in table.columns]
    rows: list[dict[str, object]] = [dict(zip(keys, row.cells, strict=True)) for row in table.rows]
    if not as_json and table.total is not None and rows:
        rows.append(dict(zip(keys, table.total, strict=True)))
    if not as_json:
        click.echo(table.title, err=True)
    print_rows(rows, keys, as_json=as_json, nothing="Nothing was printed in that time.")


@report.command()
@as_json
@with_database
def mails(as_json: bool) -> None:
    """List the kept reports that are mailed, and to whom."""
    from everprint.server.reports.mailed import scheduled

    columns = ["id", "report", "every", "hour", "form", "recipients", "by", "problem"]
    rows: list[dict[str, object]] = [
        {
            "id": mail.pk,
            "report": mail.saved.name,
            "every": mail.every,
            "hour": mail.hour,
            "form": mail.form,
            "recipients": ", ".join(mail.recipients),
            "by": mail.made_by.name,
            "problem": mail.problem,
        }
        for mail in scheduled()
    ]
    print_rows(rows, columns, as_json=as_json, nothing="No reports are mailed.")


@report.command()
@click.argument("name", metavar="REPORT")
@click.option("--every", type=click.Choice(["day", "week", "month"]), required=True, help="How often.")
@click.option("--to", "recipients", multiple=True, required=True, help="A mail address; may be given again.")
@click.option("--by", "user_name", required=True, help="The user who mails it, and may see reports.")
@click.option("--hour", type=click.IntRange(0, 23), default=6, show_default=True, help="From which hour on.")
@click.option("--form", type=click.Choice(["pdf", "csv"]), default="pdf", show_default=True, help="As which file.")
@with_database
def mail(name: str, every: str, recipients: tuple[str, ...], user_name: str, hour: int, form: str) -> None:
    """Mail a report that is kept by name, from its next day on.

    \b
    Example:
      everprint server report mail "All printers" --every month --to head@school.example --by anna
    """
    from everprint.cli.server_users import find
    from everprint.server.access.permissions import Permission
    from everprint.server.reports.asked import BadReport
    from everprint.server.reports.mail_plan import Every
    from everprint.server.reports.mailed import Form, MailTerms, schedule_report
    from everprint.server.reports.models import SavedReport

    saved = SavedReport.objects.filter(name=name).first()
    if saved is None:
        raise click.ClickException(f"no report is kept by the name {name}")
    actor = find(user_name)
    if not actor.may(Permission.VIEW_REPORTS):
        raise click.ClickException(f"{actor.name} may not see reports")
    try:
        made = schedule_report(saved, MailTerms(Every(every), hour, Form(form), list(recipients)), actor)
    except BadReport as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{name} is mailed from its next day on, as number {made.pk}.")


@report.command()
@click.argument("number", type=click.IntRange(1), metavar="ID")
@with_database
def end_mail(number: int) -> None:
    """Mail a report no longer; ID is that of `everprint server report mails`."""
    from everprint.server.reports.mailed import end_schedule
    from everprint.server.reports.models import ReportMail

    found = ReportMail.objects.select_related("saved").filter(pk=number).first()
    if found is None:
        raise click.ClickException(f"no report is mailed as number {number}")
    end_schedule(found)
    click.echo(f"{found.saved.name} is not mailed as number {number} any more.")
