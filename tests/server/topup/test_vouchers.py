"""Vouchers: used once, never guessed, printed, exported and imported."""

from __future__ import annotations

import re
import threading
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import audit_is_clean, balance_of

if TYPE_CHECKING:
    from everprint.server.people.models import User
    from everprint.server.topup.models import VoucherBatch

pytestmark = pytest.mark.usefixtures("database")

HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def nobody_failed_yet() -> None:
    from everprint.server.people.attempts import Attempts
    from everprint.server.topup import vouchers

    vouchers.attempts = Attempts()


def batch(name: str = "spring", count: int = 3, value: str = "5.00", expires_on: date | None = None) -> VoucherBatch:
    from everprint.server.topup.vouchers import make_batch

    return make_batch(name, count, Decimal(value), expires_on, None)


def user(name: str = "ann") -> User:
    from everprint.server.people.users import create_user

    return create_user(name)


def codes(made: VoucherBatch) -> list[str]:
    from everprint.server.topup.vouchers import cards_of

    return [card.code for card in cards_of(made)]


def use(who: User, code: str) -> None:
    from everprint.server.topup.vouchers import use_voucher

    use_voucher(who, code, HERE)


def test_a_voucher_is_used_once_however_its_code_is_typed() -> None:
    from everprint.server.topup.vouchers import BadVoucher, grouped

    ann, ben = user("ann"), user("ben")
    code = codes(batch())[0]
    use(ann, f" {grouped(code).lower().replace('0', 'o').replace('1', 'l')} ")
    assert balance_of("ann") == 5
    for who, words in ((ann, "by you"), (ben, "by somebody else")):
        with pytest.raises(BadVoucher, match=words):
            use(who, code)
    assert (balance_of("ann"), balance_of("ben")) == (5, 0)
    audit_is_clean()


def test_of_many_who_use_it_at_once_one_gets_the_credit() -> None:
    from django.db import connection

    from everprint.server.topup.vouchers import BadVoucher

    people = [user(f"user{number}") for number in range(4)]
    (code,) = codes(batch(count=1))
    surprises: list[BaseException] = []

    def try_it(who: User) -> None:
        try:
            use(who, code)
        except BadVoucher:
            pass
        except BaseException as error:
            surprises.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert surprises == []
    assert sorted(balance_of(who.name) for who in people) == [0, 0, 0, 5]
    audit_is_clean()


def test_codes_cannot_be_guessed_and_are_not_in_the_database() -> None:
    from everprint.server.people.attempts import TooManyAttempts
    from everprint.server.topup.models import Voucher
    from everprint.server.topup.vouchers import BadVoucher

    made = batch(count=50)
    assert len(set(codes(made))) == 50
    assert all(re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", code) for code in codes(made))
    kept = {*Voucher.objects.values_list("digest", flat=True), made.seed}
    assert not any(code in text.upper() for code in codes(made) for text in kept)
    ann = user()
    for _ in range(5):
        with pytest.raises(BadVoucher, match="no voucher"):
            use(ann, "0000-0000-0000-0000")
    with pytest.raises(TooManyAttempts):
        use(ann, codes(made)[0])


def test_a_voucher_that_expired_or_is_void_is_worth_nothing() -> None:
    from everprint.server.topup.vouchers import BadVoucher, void_batch

    ann = user()
    old, void = batch("old", expires_on=date(2020, 1, 1)), batch("void")
    with pytest.raises(BadVoucher, match="good until"):
        use(ann, codes(old)[0])
    use(ann, codes(void)[0])
    assert void_batch(void) == 2
    with pytest.raises(BadVoucher, match="is void"):
        use(ann, codes(void)[1])
    assert balance_of("ann") == 5


def test_cards_are_printed_as_a_pdf_that_says_every_good_code() -> None:
    from pypdfium2 import PdfDocument

    admin = administrator()
    admin.fill("/vouchers/new", name="summer", count="12", value="2.50", expires_on="2099-12-31")
    from everprint.server.topup.models import VoucherBatch

    made = VoucherBatch.objects.get()
    answer = admin.client.get(f"/vouchers/{made.pk}/pdf")
    assert answer["Content-Type"] == "application/pdf"
    sheets = PdfDocument(answer.content)
    assert len(sheets) == 2
    text = "".join(page.get_textpage().get_text_range() for page in sheets)
    found = re.findall(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", text)
    assert [code.replace("-", "") for code in found] == codes(made)
    assert "summer/12, good until 2099-12-31" in text
    assert text.count("2.50") == 12


def test_what_is_exported_is_imported_elsewhere_and_used_once() -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from everprint.server.topup.models import Voucher, VoucherBatch

    admin = administrator()
    made = batch(expires_on=date(2099, 12, 31))
    exported = admin.download(f"/vouchers/{made.pk}/csv")
    known = codes(made)
    Voucher.objects.all().delete()
    VoucherBatch.objects.all().delete()
    for name, encoded in (("first", exported.encode()), ("twice", exported.encode("utf-16"))):
        file = SimpleUploadedFile("cards.csv", encoded)
        page = admin.send("/vouchers/import", name=name, file=file)
        assert ("were imported" in page) == (name == "first")
    assert "already" in page
    ann = user()
    use(ann, known[1])
    assert balance_of("ann") == 5
    imported = VoucherBatch.objects.get()
    admin.see(f"/vouchers/{imported.pk}/pdf", 404)
    assert "for ever" not in admin.see(f"/vouchers/{imported.pk}")
    assert "worthless" in admin.send(f"/vouchers/{imported.pk}/void")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (b"", ["line 1: there is no column code and no column value"]),
        (b"code,value\n", ["the file has no vouchers"]),
        (b"\xff\xff\xff", ["the file is neither UTF-8 nor UTF-16"]),
        (
            b"code,value,expires\nABCD1234,1,\nabcd-1234,2,\nEFGH5678,lots,\nXYZ,1,\nJKMN5678,-1,2027-13-01\nJKMN5679,1\n",
            [
                "line 3: the code is that of line 2",
                "line 4: 'lots'",
                "line 5: a code",
                "line 6: a voucher",
                "line 7: it has",
            ],
        ),
    ],
)
def test_a_wrong_file_imports_nothing_and_names_every_wrong_line(text: bytes, problems: list[str]) -> None:
    from everprint.server.topup.voucher_csv import BadCsv, read_vouchers

    with pytest.raises(BadCsv) as refused:
        read_vouchers(text)
    assert len(refused.value.problems) == len(problems)
    assert all(said.startswith(wanted) for said, wanted in zip(refused.value.problems, problems, strict=True))


def test_the_columns_of_other_peoples_cards_are_understood() -> None:
    from everprint.server.topup.voucher_csv import read_vouchers

    text = "CardNumber,BatchID,ValueNumber,Value,ExpDate,ExpDateDisplay\r\n"
    text += "ABCD-1234-EFGH,b1,10.00,€10.00,2030-01-31,x\r\n"
    (card,) = read_vouchers(text.encode("utf-16"))
    assert (card.code, card.value, card.expires_on) == ("ABCD-1234-EFGH", Decimal(10), date(2030, 1, 31))


def test_somebody_uses_a_voucher_on_their_page() -> None:
    ann = SignedIn(user())
    code = codes(batch())[0]
    assert "There is no voucher" in ann.fill("/me/voucher", code="ABCD")
    assert "€5.00 were added to your balance" in ann.fill("/me/voucher", code=code)
    assert "Topped up" in ann.see("/me/statement")
    ann.see("/vouchers", 403)
