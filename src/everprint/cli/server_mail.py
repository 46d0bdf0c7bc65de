"""`everprint server mail`: the outbox, and a test mail."""

from __future__ import annotations

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database


@click.group(cls=CommandList)
def mail() -> None:
    """Mails that wait, were sent or were given up."""


@mail.command("list")
@click.option("--state", type=click.Choice(["waiting", "sent", "given-up"]), help="Only those.")
@click.option("--text", default="", help="Only those with it in the address, the subject or the user's name.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@as_json
@with_database
def list_mails(state: str | None, text: str, limit: int, as_json: bool) -> None:
    """List mails, newest first."""
    from everprint.server.mail.outbox import MailFilter, mails_matching

    columns = ["id", "made_at", "to", "subject", "state", "tries", "problem"]
    found = mails_matching(MailFilter(text, state or ""))[:limit]
    rows: list[dict[str, object]] = [{column: getattr(row, column) for column in columns} for row in found]
    print_rows(rows, columns, as_json=as_json, nothing="No mails.")


@mail.command()
@click.argument("number", type=click.IntRange(1), metavar="ID")
@with_database
def send(number: int) -> None:
    """Send the mail ID (`everprint server mail list`) once more. A running server does it."""
    from everprint.server.mail.models import Mail
    from everprint.server.mail.outbox import BadMail, send_once_more

    try:
        send_once_more(number)
    except Mail.DoesNotExist:
        raise click.ClickException(f"there is no mail {number}") from None
    except BadMail as error:
        raise click.ClickException(str(error)) from None
    click.echo("It waits to be sent once more.")


@mail.command()
@click.argument("address")
@with_database
def test(address: str) -> None:
    """Send a test mail now, and say what the mail server says.

    \b
    Example:
      everprint server mail test it@school.example
    """
    from everprint.server.audit_log.note import note
    from everprint.server.mail.outbox import BadMail
    from everprint.server.mail.sending import send_test_mail
    from everprint.server.mail.smtp import MailServerAway, NotTaken

    try:
        send_test_mail(address)
    except (BadMail, NotTaken, MailServerAway) as error:
        raise click.ClickException(f"The test mail was not sent: {error}") from None
    note("mail.test", "mail", after={"to": address})
    click.echo(f"The mail server took a test mail for {address}.")
