"""Making, importing, voiding and using vouchers.

A code has 80 bits and comes from the batch's random seed under the server's key: it can be printed again, and neither
the database nor a neighbouring card gives it away. Looked up is its digest under the same key. Attempts are limited,
and each voucher's booking has one key, so it is used once whoever tries at the same moment.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.utils import timezone
from django.utils.crypto import salted_hmac

from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.ledger import adjust
from everprint.server.accounts.models import TransactionKind
from everprint.server.accounts.money import NotExact, to_units
from everprint.server.database import transact
from everprint.server.people.attempts import Attempts
from everprint.server.people.models import User
from everprint.server.topup.models import Voucher, VoucherBatch

MOST = 10_000
DEAREST = Decimal(10_000)
CODE_LENGTH = 16
# Crockford's base 32: no letter that is taken for a digit, and no U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_CODES, _DIGESTS = "everprint.voucher-codes", "everprint.voucher-digests"

attempts = Attempts()


class BadVoucher(ValueError):
    """A voucher that cannot be used, or a batch that cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Card:
    """A voucher with its code, for printing and export."""

    number: int
    code: str
    value: Decimal
    expires_on: date | None
    state: str  # "good", "used", "void"


@dataclass(frozen=True, slots=True)
class Imported:
    """A voucher that somebody else made."""

    code: str
    value: Decimal
    expires_on: date | None


def make_batch(name: str, count: int, value: Decimal, expires_on: date | None, actor: User | None) -> VoucherBatch:
    """So many new vouchers of one value.

    Raises BadVoucher.
    """
    if not 1 <= count <= MOST:
        raise BadVoucher(f"a batch has 1 to {MOST} vouchers, not {count}")
    _check_value(value)

    def work() -> VoucherBatch:
        batch = _new_batch(name, secrets.token_hex(32), actor)
        Voucher.objects.bulk_create(
            Voucher(
                batch=batch,
                number=number,
                digest=digest_of(code_of(batch, number)),
                value=value,
                expires_on=expires_on,
            )
            for number in range(1, count + 1)
        )
        return batch

    return transact(work)


def import_batch(name: str, cards: Sequence[Imported], actor: User | None) -> VoucherBatch:
    """Vouchers that were made elsewhere; all or none.

    Raises BadVoucher.
    """
    if not 1 <= len(cards) <= MOST:
        raise BadVoucher(f"a batch has 1 to {MOST} vouchers, not {len(cards)}")
    digests = [digest_of(card.code) for card in cards]

    def work() -> VoucherBatch:
        known = Voucher.objects.filter(digest__in=digests).count()
        if known or len(set(digests)) != len(digests):
            raise BadVoucher(f"{known or 'some'} of these codes are there already, or come twice")
        batch = _new_batch(name, "", actor)
        Voucher.objects.bulk_create(
            Voucher(batch=batch, number=number, digest=digest, value=card.value, expires_on=card.expires_on)
            for number, (card, digest) in enumerate(zip(cards, digests, strict=True), start=1)
        )
        return batch

    return transact(work)


def void_batch(batch: VoucherBatch) -> int:
    """Makes every voucher of it worthless that was not used; how many."""
    return transact(lambda: Voucher.objects.filter(batch=batch, used_at=None, is_void=False).update(is_void=True))


def use_voucher(user: User, code: str, address: str) -> Voucher:
    """Puts its value onto the user's balance.

    Raises BadVoucher, TooManyAttempts.
    """
    attempts.check(user.name, address)
    found = Voucher.objects.filter(digest=digest_of(code)).first()
    if found is None:
        attempts.failed(user.name, address)
        raise BadVoucher("There is no voucher with this code: look at each of its characters again.")

    def work() -> Voucher:
        voucher = Voucher.objects.select_for_update().select_related("batch").get(pk=found.pk)
        if voucher.used_at is not None:
            by = "you" if voucher.used_by_id == user.pk else "somebody else"
            raise BadVoucher(f"This voucher was used by {by} on {timezone.localdate(voucher.used_at)}.")
        if voucher.is_void:
            raise BadVoucher("This voucher is void: ask whoever gave it to you for another.")
        if voucher.expires_on is not None and voucher.expires_on < timezone.localdate():
            raise BadVoucher(f"This voucher was good until {voucher.expires_on}.")
        voucher.used_by, voucher.used_at = user, timezone.now()
        voucher.save(update_fields=["used_by", "used_at"])
        comment = f"voucher {voucher.batch.name}/{voucher.number}"
        account = open_personal_account(user)
        adjust(account.pk, voucher.value, comment, user, f"voucher:{voucher.pk}", kind=TransactionKind.TOP_UP)
        return voucher

    return transact(work)


def cards_of(batch: VoucherBatch) -> Iterator[Card]:
    """The batch's vouchers with their codes.

    Raises BadVoucher for a batch that was imported.
    """
    if not batch.seed:
        raise BadVoucher("these vouchers were imported: their codes are not known here")
    for voucher in Voucher.objects.filter(batch=batch).order_by("number"):
        state = "used" if voucher.used_at else "void" if voucher.is_void else "good"
        yield Card(voucher.number, code_of(batch, voucher.number), voucher.value, voucher.expires_on, state)


def code_of(batch: VoucherBatch, number: int) -> str:
    """The code of a voucher that was made here."""
    octets = salted_hmac(_CODES, f"{batch.seed}:{number}", algorithm="sha256").digest()
    number_of_bits = int.from_bytes(octets, "big")
    return "".join(_ALPHABET[(number_of_bits >> (5 * place)) & 31] for place in range(CODE_LENGTH))


def digest_of(code: str) -> str:
    """What is kept of a code, however it was typed."""
    plain = code.upper().translate(_MISREAD)[:100]
    return salted_hmac(_DIGESTS, sha256(plain.encode()).hexdigest(), algorithm="sha256").hexdigest()


def grouped(code: str) -> str:
    """A code as people read and type it: ABCD-EFGH-JKMN-PQRS."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _new_batch(name: str, seed: str, actor: User | None) -> VoucherBatch:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 100:
        raise BadVoucher("a batch needs a name of at most 100 characters")
    if VoucherBatch.objects.filter(name__iexact=name).exists():
        raise BadVoucher(f"there is already a batch called {name}")
    return VoucherBatch.objects.create(name=name, seed=seed, made_by=actor)


def _check_value(value: Decimal) -> None:
    try:
        to_units(value)
    except NotExact as error:
        raise BadVoucher(str(error)) from None
    if not 0 < value <= DEAREST:
        raise BadVoucher(f"a voucher is worth more than 0 and at most {DEAREST}, not {value}")
