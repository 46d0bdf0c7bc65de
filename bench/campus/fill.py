"""Fills a database with people, printers and a year of jobs, all of them copies of one that was really printed.

The ledger is right to the last unit: each person's credit, each job's reservation and settlement are transactions of
their own, every balance is the sum of its entries, and `everprint server audit` finds nothing. Triggers and foreign
keys are not looked at meanwhile; what the triggers would have told the reports' sums is said at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from bench.campus.copying import Copying
from bench.campus.jobs import DAYS, JobsCopied, Originals
from bench.campus.sizes import Size
from bench.progress import say

JOBS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Filled:
    """Where the copies are: the n-th person's id is `first_user` + n, from 1 on; printers and groups as well."""

    first_user: int
    first_printer: int
    first_group: int


def user_name(number: int) -> str:
    """What the n-th person is called."""
    return f"u{number:07}"


def fill(
    connection: psycopg.Connection,
    user: str,
    printer: str,
    job: str,
    open_job: str,
    size: Size,
    before_jobs: Callable[[], None] = lambda: None,
) -> Filled:
    """Copies that person, that printer and those jobs (by uuid: one that is old, and one whose books are open).

    Afterwards the planner's statistics are fresh, as they are where autovacuum had its time.
    """
    copying = Copying(connection)
    originals = _originals(copying, user, printer, job, open_job)
    copying.run("SET session_replication_role = replica")
    copying.run("SET synchronous_commit = off")
    with connection.transaction():
        first_user, first_account, first_group = _copy_people(copying, originals, size)
        first_printer = _copy_printers(copying, originals, size)
        jobs = JobsCopied(copying, originals, first_user, first_account, first_printer)
        jobs.plan(size)
    before_jobs()
    for first in range(0, size.jobs, JOBS_AT_ONCE):
        with connection.transaction():
            jobs.copy(first, min(JOBS_AT_ONCE, size.jobs - first))
        say(f"filled {min(first + JOBS_AT_ONCE, size.jobs):,} of {size.jobs:,} jobs")
    with connection.transaction():
        jobs.settle_balances()
        _tell_the_sums(copying)
        copying.renew_sequences()
    copying.run("SET session_replication_role = DEFAULT")
    copying.run("VACUUM ANALYZE")
    return Filled(first_user, first_printer, first_group)


def _originals(copying: Copying, user: str, printer: str, job: str, open_job: str) -> Originals:
    its_user = copying.number("SELECT id FROM people_user WHERE name = %s", user)
    account = copying.number("SELECT id FROM accounts_account WHERE owner_id = %s", its_user)
    credit = "SELECT {} FROM accounts_transaction t JOIN accounts_entry e ON e.transaction_id = t.id "
    credit += "WHERE t.account_id = %s AND t.kind = 'adjust' AND e.account_id = t.account_id"
    return Originals(
        user=its_user,
        account=account,
        printer=copying.number("SELECT id FROM printers_printer WHERE name = %s", printer),
        job=copying.number("SELECT number FROM jobs_job WHERE uuid = %s", job),
        uuid=job,
        open_job=open_job,
        credit_booked=copying.number(credit.format("t.id"), account),
        credit=copying.number(credit.format("e.amount"), account),
    )


def _copy_people(copying: Copying, originals: Originals, size: Size) -> tuple[int, int, int]:
    """People in groups, each with an account and the original's credit; all of them are the directory's."""
    copies, members = f"generate_series(1, {size.users}) AS copy(n)", f"generate_series(1, {size.groups}) AS copy(n)"
    first_user, first_account = copying.last("people_user", "id"), copying.last("accounts_account", "id")
    first_group = copying.last("people_group", "id")
    user, account, name = f"{first_user} + n", f"{first_account} + n", "'u' || lpad(n::text, 7, '0')"
    copying.copy(
        "people_user",
        {"id": user, "name": name, "full_name": "'Person ' || n", "email": "'u' || n || '@campus.example'"},
        which=f"id = {originals.user}",
        copies=copies,
    )
    copying.copy(
        "accounts_account",
        {"id": account, "name": name, "owner_id": user},
        which=f"id = {originals.account}",
        copies=copies,
    )
    for table, columns, values, which in (
        ("people_group", "id, name", f"{first_group} + n, 'Group ' || n", members),
        ("directory_directorygroup", "group_id", f"{first_group} + n", members),
        ("people_group_members", "user_id, group_id", f"{user}, {first_group} + 1 + n % {size.groups}", copies),
        ("directory_directoryentry", "user_id, key", f"{user}, 'key-' || n", copies),
    ):
        copying.run(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {which}")
    _copy_credit(copying, originals, first_account, copies)
    return first_user, first_account, first_group


def _copy_credit(copying: Copying, originals: Originals, first_account: int, copies: str) -> None:
    booked, entry = copying.last("accounts_transaction", "id"), copying.last("accounts_entry", "id")
    account, is_own = f"{first_account} + n", f"original.account_id = {originals.account}"
    copying.copy(
        "accounts_transaction",
        {
            "id": f"{booked} + n",
            "key": "'campus-credit:' || n",
            "account_id": account,
            "at": f"original.at - interval '{DAYS} days'",
        },
        which=f"id = {originals.credit_booked}",
        copies=copies,
    )
    before = "(SELECT balance FROM accounts_account WHERE id = original.account_id)"
    copying.copy(
        "accounts_entry",
        {
            "id": f"{entry} + 2 * (n - 1) + original.place",
            "transaction_id": f"{booked} + n",
            "account_id": f"CASE WHEN {is_own} THEN {account} ELSE original.account_id END",
            "balance_after": f"original.amount * CASE WHEN {is_own} THEN 1 ELSE n END "
            f"+ CASE WHEN {is_own} THEN 0 ELSE {before} END",
        },
        which=f"transaction_id = {originals.credit_booked}",
        copies=copies,
    )
    users = f"id > {first_account}"
    given = f"SELECT sum(balance) FROM accounts_account WHERE {users}"
    copying.run(f"UPDATE accounts_account SET balance = {originals.credit} WHERE {users}")
    copying.run(f"UPDATE accounts_account SET balance = balance - ({given}) WHERE kind = 'funding'")


def _copy_printers(copying: Copying, originals: Originals, size: Size) -> int:
    first = copying.last("printers_printer", "id")
    copies = f"generate_series(1, {size.printers}) AS copy(n)"
    copying.copy(
        "printers_printer",
        {"id": f"{first} + n", "name": "'p' || lpad(n::text, 4, '0')", "uuid": "gen_random_uuid()"},
        which=f"id = {originals.printer}",
        copies=copies,
    )
    copying.copy(
        "printers_costperside",
        {"id": None, "printer_id": f"{first} + n"},
        which=f"printer_id = {originals.printer}",
        copies=copies,
    )
    return first


def _tell_the_sums(copying: Copying) -> None:
    """That every day on which a job ended is to be summed, as reports.triggers does it for an old history, and every
    day of the ledger."""
    copying.run("UPDATE reports_sumsmade SET ledger_through = NULL")
    for edge in ("min", "max"):
        copying.run(
            f"INSERT INTO reports_stalemoment (at) SELECT {edge}(finished_at) FROM jobs_job "
            "WHERE finished_at IS NOT NULL GROUP BY (finished_at AT TIME ZONE 'UTC')::date"
        )
