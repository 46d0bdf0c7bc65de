"""Copies of two jobs: who prints when, then the jobs as they are kept, and their books, closed or open."""

from __future__ import annotations

from dataclasses import dataclass

from bench.campus.copying import Copying
from bench.campus.sizes import Size

DAYS = 364
OPEN_DAYS = 7  # so long the server leaves the books of a job open
GREY_UNITS, COLOUR_UNITS = 100, 400  # what a side costs, and what colour adds, in units of the ledger
_MOMENTS = ("submitted_at", "state_at", "finished_at", "processing_at")
_FIGURES = ("pages", "sheets", "impressions", "printed_sheets", "printed_impressions")


@dataclass(frozen=True, slots=True)
class Originals:
    """The rows that are copied, by their ids; `credit` in units of the ledger."""

    user: int
    account: int
    printer: int
    job: int
    uuid: str  # of a job that is packed, and whose books are closed; if they are not, no copy's are
    open_job: str  # the uuid of one whose books are open
    credit_booked: int
    credit: int


class JobsCopied:
    """First `plan`, then `copy` piece by piece, then `settle_balances`."""

    def __init__(
        self, copying: Copying, originals: Originals, first_user: int, first_account: int, first_printer: int
    ) -> None:
        self._copying = copying
        self._originals = originals
        self._first_user, self._first_account, self._first_printer = first_user, first_account, first_printer
        self._last = {
            table: copying.last(table, key)
            for table, key in (
                ("jobs_job", "number"),
                ("accounts_transaction", "id"),
                ("accounts_entry", "id"),
            )
        }
        is_closed = copying.number(f"SELECT count(*) FROM accounts_closedjob WHERE job = '{originals.uuid}'")
        self._open_since = f"now() - interval '{OPEN_DAYS} days'" if is_closed else "'-infinity'::timestamptz"
        self._booked = f"SELECT id FROM accounts_transaction WHERE job = '{originals.open_job}'"
        its = {
            "accounts_transaction": f"job = '{originals.open_job}'",
            "accounts_entry": f"transaction_id IN ({self._booked})",
        }
        self._which = its
        self._each = {
            table: copying.number(f"SELECT count(*) FROM {table} WHERE {where}") for table, where in its.items()
        }

    def plan(self, size: Size) -> None:
        """Spread over a year, some people printing much more than others. UUIDs grow with time, as providers make
        them (RFC 9562, version 7). `spent` and `earned` are what the owner and everybody paid, this job included."""
        cost = f"impressions * {GREY_UNITS} + colour * {COLOUR_UNITS}"
        self._copying.run("SELECT setseed(0.5)")
        self._copying.run(
            f"""
            CREATE UNLOGGED TABLE bench_plan AS
            SELECT n, at, uuid, owner, printer, impressions, colour, {cost} AS cost,
                (sum({cost}) OVER (PARTITION BY owner ORDER BY n))::bigint AS spent,
                (sum({cost}) OVER (ORDER BY n))::bigint AS earned
            FROM (
                SELECT n, at, owner, printer, impressions, CASE WHEN n % 5 = 0 THEN impressions ELSE 0 END AS colour,
                    overlay(overlay(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
                        || left(md5(n::text), 20) PLACING '7' FROM 13) PLACING '8' FROM 17)::uuid AS uuid
                FROM (
                    SELECT n, now() - interval '{DAYS} days'
                            + n::float / {size.jobs} * interval '{DAYS - 1} days' AS at,
                        1 + (power(random(), 2) * {size.users - 1})::int AS owner,
                        1 + (random() * {size.printers - 1})::int AS printer,
                        1 + (random() * 9)::int AS impressions
                    FROM generate_series(1, {size.jobs}) AS job(n)
                ) drawn
            ) described
            """
        )
        self._copying.run("CREATE INDEX ON bench_plan (n)")
        self._copying.run("ANALYZE bench_plan")

    def copy(self, first: int, count: int) -> None:
        """So many jobs of the plan after the first ones."""
        some = f"SELECT * FROM bench_plan WHERE n > {first} AND n <= {first + count}"
        self._copy_log(f"({some}) AS copy")
        self._copy_closed(f"({some} AND at < {self._open_since}) AS copy")
        self._copy_bookings(f"({some} AND at >= {self._open_since}) AS copy")

    def settle_balances(self) -> None:
        """The cached sums: people's less what they spent, the revenue more by what all spent. The plan goes."""
        self._copying.run(
            "UPDATE accounts_account SET balance = balance - spent "
            "FROM (SELECT owner, max(spent) AS spent FROM bench_plan GROUP BY owner) paid "
            f"WHERE accounts_account.id = {self._first_account} + paid.owner"
        )
        earned = "SELECT max(earned) FROM bench_plan"
        self._copying.run(f"UPDATE accounts_account SET balance = balance + ({earned}) WHERE kind = 'revenue'")
        self._copying.run("DROP TABLE bench_plan")
        self._copying.run(
            "UPDATE accounts_closedthrough "
            "SET through = COALESCE((SELECT max(reservation + settled_after) FROM accounts_closedjob), through)"
        )

    def _copy_log(self, copies: str) -> None:
        number = f"{self._last['jobs_job']} + copy.n"
        self._copying.copy(
            "jobs_job",
            {
                "number": number,
                "uuid": "copy.uuid",
                "owner_id": f"{self._first_user} + copy.owner",
                "account_id": f"{self._first_account} + copy.owner",
                "printer_id": f"{self._first_printer} + copy.printer",
                "user_name": "'u' || lpad(copy.owner::text, 7, '0')",
                "name": "'Document ' || copy.n || '.pdf'",
                "octets": "10000 + copy.n % 1000000",
                "ipp_job_id": number,
                **dict.fromkeys(_FIGURES, "copy.impressions"),
                "colour_impressions": "copy.colour",
                "printed_colour_impressions": "copy.colour",
                "cost_charged": "copy.cost",
                **{name: self._moment(name, self._originals.uuid) for name in _MOMENTS},
            },
            which=f"number = {self._originals.job}",
            copies=copies,
        )

    def _copy_closed(self, copies: str) -> None:
        """The closed books of jobs: one row says what their two transactions said."""
        account = f"{self._first_account} + copy.owner"
        self._copying.copy(
            "accounts_closedjob",
            {
                "job": "copy.uuid",
                "account_id": account,
                "entry": f"{self._last['accounts_entry']} + 4 * (copy.n - 1) + 1",
                "reservation": f"{self._last['accounts_transaction']} + 2 * (copy.n - 1) + 1",
                "settled_after": "1",
                "amount": "copy.cost",
                "balance_after": f"{self._originals.credit} - copy.spent",
                **{name: self._moment(name, self._originals.uuid) for name in ("reserved_at", "settled_at")},
            },
            which=f"job = '{self._originals.uuid}'",
            copies=copies,
            order="copy.n",
        )

    def _copy_bookings(self, copies: str) -> None:
        """A reservation and its settlement: what was reserved is what it came to, so the owner is charged once."""
        each = self._each["accounts_transaction"]
        first = f"{self._last['accounts_transaction']} + {each} * (copy.n - 1)"
        account = f"{self._first_account} + copy.owner"
        self._copying.copy(
            "accounts_transaction",
            {
                "id": f"{first} + original.place",
                "key": f"replace(original.key, '{self._originals.open_job}', copy.uuid::text)",
                "job": "copy.uuid",
                "account_id": account,
                "at": self._moment("at", self._originals.open_job),
            },
            which=self._which["accounts_transaction"],
            copies=copies,
        )
        system = "(SELECT kind FROM accounts_account WHERE id = original.account_id)"
        is_own = f"original.account_id = {self._originals.account}"
        before = "(SELECT balance FROM accounts_account WHERE id = original.account_id)"
        each = self._each["accounts_entry"]
        place_of_its = f"(SELECT count(*) FROM ({self._booked}) booked WHERE booked.id <= original.transaction_id)"
        self._copying.copy(
            "accounts_entry",
            {
                "id": f"{self._last['accounts_entry']} + {each} * (copy.n - 1) + original.place",
                "transaction_id": f"{first} + {place_of_its}",
                "account_id": f"CASE WHEN {is_own} THEN {account} ELSE original.account_id END",
                "amount": "sign(original.amount)::int * copy.cost",
                "balance_after": f"CASE WHEN {is_own} THEN {self._originals.credit} - copy.spent "
                f"WHEN {system} = 'revenue' THEN {before} + copy.earned "
                f"WHEN {system} = 'reserved' AND original.amount > 0 THEN {before} + copy.cost "
                f"ELSE {before} END",
            },
            which=self._which["accounts_entry"],
            copies=copies,
        )

    def _moment(self, column: str, job: str) -> str:
        """As long after the copy's submission as it was after that of the original."""
        begun = f"(SELECT submitted_at FROM jobs_job WHERE uuid = '{job}')"
        return f"copy.at + (original.{column} - {begun})"
