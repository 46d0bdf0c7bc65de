"""`everprint server quota`, `voucher` and `refund`: credit that comes by itself, on cards, or back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from everprint.cli.amounts import AMOUNT
from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.people.models import User
    from everprint.server.refunds.models import RefundRequest

_BY = click.option("--by", "actor", required=True, help="User name of who decides; the job and the ledger name them.")


@click.group(cls=CommandList)
def quota() -> None:
    """Quotas of groups and budgets of shared accounts. They are made on the pages."""


@quota.command("list")
@as_json
@with_database
def list_quotas(as_json: bool) -> None:
    """List quotas and budgets."""
    from everprint.server.quotas.models import Quota

    rows: list[dict[str, object]] = [
        {
            "id": found.pk,
            "for": str(found.group or found.shared),
            "amount": found.amount,
            "period": found.period,
            "starts_on": found.starts_on.isoformat(),
            "cap": found.cap,
            "resets": found.resets,
            "purse": str(found.purse) if found.purse else None,
            "active": found.is_active,
            "granted_through": found.granted_through.isoformat() if found.granted_through else None,
        }
        for found in Quota.objects.select_related("group", "shared__account", "purse")
    ]
    columns = ["id", "for", "amount", "period", "starts_on", "cap", "resets", "purse", "active", "granted_through"]
    print_rows(rows, columns, as_json=as_json, nothing="No quotas.")


@quota.command("run")
@with_database
def run_quotas() -> None:
    """Grant what is due now. A running server does it within a minute; nothing is granted twice."""
    from everprint.server.quotas.granting import grant_what_is_due

    click.echo(grant_what_is_due() or "Nothing is due.")


@click.group(cls=CommandList)
def voucher() -> None:
    """Vouchers: cards that are worth credit."""


@voucher.command("list")
@as_json
@with_database
def list_batches(as_json: bool) -> None:
    """List batches of vouchers, newest first."""
    from django.db.models import Count

    from everprint.server.topup.models import VoucherBatch

    found = VoucherBatch.objects.annotate(count=Count("vouchers"), used=Count("vouchers__used_at")).order_by("-pk")
    rows: list[dict[str, object]] = [
        {"id": batch.pk, "name": batch.name, "count": batch.count, "used": batch.used} for batch in found
    ]
    print_rows(rows, ["id", "name", "count", "used"], as_json=as_json, nothing="No vouchers.")


@voucher.command("make")
@click.argument("name")
@click.argument("count", type=click.IntRange(1, 10_000))
@click.argument("value", type=AMOUNT)
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help="Last day on which they are good."
)
@with_database
def make_vouchers(name: str, count: int, value: Decimal, expires: datetime | None) -> None:
    """Make COUNT vouchers of VALUE each, as the batch NAME.

    \b
    Example:
      everprint server voucher make "Kiosk, May" 100 5.00 --expires 2027-05-31
    """
    from everprint.server.topup.vouchers import make_batch

    batch = make_batch(name, count, value, expires.date() if expires else None, None)
    click.echo(f"Batch {batch.pk} of {count} vouchers was made: everprint server voucher cards {batch.pk}")


@voucher.command("cards")
@click.argument("batch", type=click.IntRange(1))
@as_json
@with_database
def list_cards(batch: int, as_json: bool) -> None:
    """List the vouchers of the batch BATCH (an id of `everprint server voucher list`), with their codes: whoever
    reads a code can use it."""
    from everprint.server.topup.models import VoucherBatch
    from everprint.server.topup.vouchers import cards_of, grouped

    found = VoucherBatch.objects.filter(pk=batch).first()
    if found is None:
        raise click.ClickException(f"there is no batch {batch}")
    rows: list[dict[str, object]] = [
        {
            "number": card.number,
            "code": grouped(card.code),
            "value": card.value,
            "expires_on": card.expires_on.isoformat() if card.expires_on else None,
            "state": card.state,
        }
        for card in cards_of(found)
    ]
    print_rows(rows, ["number", "code", "value", "expires_on", "state"], as_json=as_json, nothing="No vouchers.")


@click.group(cls=CommandList)
def refund() -> None:
    """Requests for money back for jobs."""


@refund.command("list")
@click.option("--all", "decided_too", is_flag=True, help="Those that were decided, too.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="The newest so many.")
@as_json
@with_database
def list_refunds(decided_too: bool, limit: int, as_json: bool) -> None:
    """List requests that wait for a decision, newest first."""
    from everprint.server.refunds.models import RefundRequest, RefundState

    found = RefundRequest.objects.select_related("asked_by").order_by("-pk")
    if not decided_too:
        found = found.filter(state=RefundState.ASKED.value)
    rows: list[dict[str, object]] = [
        {
            "id": request.pk,
            "job": request.job_id,
            "asked_by": request.asked_by.name,
            "asked_at": request.asked_at,
            "amount": request.amount,
            "reason": request.reason,
            "state": request.state,
        }
        for request in found[:limit]
    ]
    columns = ["id", "job", "asked_by", "asked_at", "amount", "reason", "state"]
    print_rows(rows, columns, as_json=as_json, nothing="No requests.")


@refund.command("approve")
@click.argument("number", type=click.IntRange(1), metavar="ID")
@click.option("--amount", type=AMOUNT, help="So much and no more; else what was asked for.")
@click.option("--answer", default="", help="What the asker reads.")
@_BY
@with_database
def approve_refund(number: int, amount: Decimal | None, answer: str, actor: str) -> None:
    """Give the money back that the request ID (`everprint server refund list`) asks for.

    \b
    Example:
      everprint server refund approve 17 --by oper
    """
    from everprint.server.refunds.requests import grant_refund

    request = _request(number)
    decided = grant_refund(request, _decider(actor), request.amount if amount is None else amount, answer)
    click.echo(f"{decided.granted:f} were given back.")


@refund.command("deny")
@click.argument("number", type=click.IntRange(1), metavar="ID")
@click.option("--answer", required=True, help="Why; the asker reads it.")
@_BY
@with_database
def deny_refund(number: int, answer: str, actor: str) -> None:
    """Give nothing back for the request ID (`everprint server refund list`)."""
    from everprint.server.refunds.requests import deny_refund as deny

    deny(_request(number), _decider(actor), answer)
    click.echo("It was denied.")


def _request(number: int) -> RefundRequest:
    from everprint.server.refunds.models import RefundRequest

    found = RefundRequest.objects.filter(pk=number).first()
    if found is None:
        raise click.ClickException(f"there is no request {number}")
    return found


def _decider(name: str) -> User:
    from everprint.server.access.permissions import Permission
    from everprint.server.people.users import find_user

    user = find_user(name)
    if user is None:
        raise click.ClickException(f"there is no user {name}")
    if not user.may(Permission.REFUND_JOBS):
        raise click.ClickException(f"{user.name} may not give money back: it takes {Permission.REFUND_JOBS}")
    return user
