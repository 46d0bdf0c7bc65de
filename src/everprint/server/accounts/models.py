"""The ledger's tables. Only ledger.py writes them; entries and transactions are never changed or removed.

Double entry: the entries of a transaction sum to zero, and an account's balance is the sum of its entries. What is
free to spend is the balance: a reservation has already left it, to the account *reserved*.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from everprint.server.accounts.money import ZERO, MoneyField, OptionalMoneyField


class AccountKind(StrEnum):
    """What an account is for. There is exactly one account of each system kind."""

    PERSONAL = "personal"  # a person's own: their balance
    PURSE = "purse"  # a further account of a person, such as a free quota
    SHARED = "shared"
    RESERVED = "reserved"  # system: held for jobs that were let through
    REVENUE = "revenue"  # system: charged for what was printed
    FUNDING = "funding"  # system: where credit comes from; its balance is minus all credit given
    UNCOLLECTED = "uncollected"  # system: printed, but nobody's credit covered it


# The system accounts' ids, given by a migration. The lowest is locked first by all that concerns a reservation.
SYSTEM_ACCOUNTS: dict[AccountKind, int] = {
    AccountKind.RESERVED: 1,
    AccountKind.REVENUE: 2,
    AccountKind.FUNDING: 3,
    AccountKind.UNCOLLECTED: 4,
}


class TransactionKind(StrEnum):
    """Why money moved."""

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"
    QUOTA = "quota"  # credit that is given again and again (quotas)
    TOP_UP = "top-up"  # paid by a voucher or through a gateway (topup)
    TRANSFER = "transfer"  # from one person to another
    REFUND = "refund"  # of a job that was charged


class Purse(models.Model):
    """A kind of further account that people have beside their balance, and when it is charged (payers.py)."""

    name = models.CharField(max_length=100, unique=True)
    # Purses below MAIN_POSITION are charged before the balance, the others after it; each in the order of position.
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)  # False: what is in it stays, and is not charged any more

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """Somebody's, a shared or a system account. `balance` is the cached sum of the entries (see audit.py)."""

    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=20)
    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="account"
    )
    # Whose purse it is, and which; for kind *purse* only.
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="purses"
    )
    purse = models.ForeignKey(Purse, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    restricted = models.BooleanField(default=True)  # never below the floor
    overdraft = MoneyField(default=ZERO)  # how far below zero the floor is
    # False for a person: as deep as the installation says (overdraft.py).
    overdraft_is_own = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    balance = MoneyField(default=ZERO)
    # What may be printed on it while the server is away; None: as the setting offline_credit says.
    offline_credit = OptionalMoneyField(null=True, blank=True)
    # When anything but the balance changed that a provider must know (providers/spendable.py).
    terms_changed_at = models.DateTimeField(null=True, default=timezone.now, db_index=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=models.Q(overdraft__gte=0), name="overdraft_is_not_negative"),
            models.UniqueConstraint(fields=("kind", "name"), name="account_name_of_its_kind"),
            models.UniqueConstraint(fields=("holder", "purse"), name="one_account_of_each_purse"),
            models.UniqueConstraint(
                fields=("kind",),
                condition=models.Q(kind__in=[kind.value for kind in SYSTEM_ACCOUNTS]),
                name="one_account_of_each_system_kind",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """What its owner calls it."""
        return "Balance" if self.kind == AccountKind.PERSONAL else str(self.purse or self.name)

    @property
    def is_charged(self) -> bool:
        """True if jobs are charged to it: neither it nor its purse is closed."""
        return self.is_active and (self.purse is None or self.purse.is_active)

    @property
    def floor(self) -> Decimal | None:
        """The lowest balance that a charge may leave; None for an account that is not restricted."""
        return -self.overdraft if self.restricted else None


class _NeverChanged(models.Model):
    """A row that is written once. The database's own triggers refuse what goes round this class."""

    class Meta:
        abstract = True

    def save(self, *args: object, **kwargs: object) -> None:
        if not self._state.adding:
            raise AppendOnly(f"{self!r} is part of the ledger: write a new transaction that corrects it")
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnly(f"{self!r} is part of the ledger: write a new transaction that corrects it")


class AppendOnly(Exception):
    """Somebody tried to change what was booked."""


class Transaction(_NeverChanged):
    """One booking. `key` makes it happen once, however often it is asked for."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=10)
    job = models.UUIDField(null=True, db_index=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")  # whose booking it is
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    comment = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Entry(_NeverChanged):
    """What a transaction did to one account."""

    # Both without an index of their own: the constraint and the index below begin with them.
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, db_index=False, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="entries")
    amount = MoneyField()
    balance_after = MoneyField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("transaction", "account"), name="one_entry_per_account_and_transaction"),
        )
        indexes = (models.Index(fields=("account", "-id"), name="entry_statement"),)

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"


class ClosedJob(_NeverChanged):
    """A job whose books are closed (closing.py): what its reservation and its settlement said, in one row. They were
    for one account and the same amount; all else stays transactions. EveryEntry shows these as entries again."""

    job = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, related_name="+")
    entry = models.BigIntegerField()  # the id that the reservation's entry of that account had; 0: it cost nothing
    reservation = models.BigIntegerField()  # the id that transaction had
    reserved_at = models.DateTimeField()
    settled_at = models.DateTimeField()
    amount = MoneyField()
    balance_after = MoneyField()  # of that account, after the reservation
    settled_after = models.IntegerField()  # by so much the settlement's id was higher
    attempt = models.SmallIntegerField()  # of the reservation

    class Meta:
        indexes = (models.Index(fields=("account", "-entry"), name="closed_job_statement"),)

    def __str__(self) -> str:
        return f"books of job {self.job}"


class ClosedThrough(models.Model):
    """Up to which transaction the books were looked at. There is one row."""

    through = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"closed through {self.through}"


class EveryEntry(models.Model):
    """What every transaction did to one account, also of jobs whose books are closed: a view (every_entry.py), to be
    read only. Of closed jobs the system's entries have the id of the account's own, and no balance."""

    id = models.BigIntegerField(primary_key=True)
    transaction = models.BigIntegerField(db_column="transaction_id")
    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    amount = MoneyField()
    balance_after = OptionalMoneyField(null=True)
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    job = models.UUIDField(null=True)
    booked_for = models.BigIntegerField()  # the account whose transaction it is
    comment = models.CharField(max_length=500)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )

    class Meta:
        managed = False
        db_table = "accounts_everyentry"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.amount} on {self.account_id}"
