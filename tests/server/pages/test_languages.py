"""Pages are whole in the reader's language, or whole in English; the German catalogue has every string."""

from __future__ import annotations

import gettext
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from everprint.contract.job_life import JobState
from everprint.contract.messages import DeliveryBegun, DocumentSent, JobAnalysed, JobFinished, JobReceived
from everprint.documents.result import NOTHING
from tests.server.api.program import program
from tests.server.conftest import Database
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import PrintServer, long_migrated, pages, summary

SERVER = Path(__file__).parents[3] / "src" / "everprint" / "server"
CATALOGUE = SERVER / "locale" / "de" / "LC_MESSAGES"
TEMPLATES = SERVER / "pages" / "templates" / "pages"

# Templates with words that are not marked yet: their pages are English. A new template belongs to no page here before
# its words are marked ({% translate %}) and in the catalogue.
NOT_YET = {
    "500.html", "account.html", "accounts.html", "accounts_live.html", "audit_log.html", "batch.html",
    "clusters.html", "clusters_live.html", "costs.html", "dashboard.html", "dashboard_live.html", "directory.html",
    "directory_live.html", "doctor.html", "enrolment_code.html", "group.html", "groups.html", "groups_live.html",
    "guest_made.html", "jobs.html", "ledger_audit.html", "mail.html", "mails.html", "notification_words.html",
    "notifications.html", "oidc_providers.html", "part/chart.html", "part/chart_key.html", "printer.html",
    "printer_groups.html", "printer_live.html", "printers.html", "printers_live.html", "provider.html",
    "provider_live.html", "providers.html", "providers_live.html", "quota.html", "quotas.html", "refunds.html",
    "release_sheet.html", "report.html", "reports.html", "roles.html", "rule.html", "rules.html",
    "rules_dry_run.html", "rules_dry_run_step.html", "settings.html", "sign_in_failed.html", "signed_in.html",
    "signed_out.html", "station_made.html", "stations.html", "table_import.html", "test_gateway.html",
    "token_made.html", "tokens.html", "user.html", "user_live.html", "users.html", "users_live.html", "vouchers.html",
    "workplaces.html",
}  # fmt: skip
OWN_PAGES = (
    "/me", "/me/jobs", "/me/statement", "/me/cards", "/me/password", "/me/second-factor", "/me/voucher", "/me/pay",
    "/me/transfer", "/me/notices", "/me/notifications", "/me/delegates", "/operated",
)  # fmt: skip


def bare_words(template: str) -> list[str]:
    """Words of a template that are in no catalogue: text, and attributes that people hear or read."""
    text = re.sub(r"{% block page_class %}[\w-]*{% endblock %}", "", template)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}|{#.*?#}", "", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.DOTALL)
    read = re.findall(r'\b(?:aria-label|title|placeholder|alt|data-label|data-unit)="([^"]*)"', text)
    text = re.sub(r"<(style|script|title).*?</\1>", "", text, flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>", "\n", text).replace("Everprint", "")
    return [words.strip() for words in [*shown.splitlines(), *read] if re.search(r"[A-Za-z]{2}", unescape(words))]


def test_every_template_is_marked_or_listed_as_english() -> None:
    unmarked = {
        str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if bare_words(path.read_text("utf-8"))
    }
    assert unmarked == NOT_YET


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello {{ name }}</p>", ["Hello"]),
        ('<p>{% translate "Hello" %} {{ name }}</p>', []),
        ('<a aria-label="Remove {{ name }}">{% translate "Remove" %}</a>', ["Remove"]),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", []),
    ],
)
def test_the_check_sees_words_that_are_not_marked(template: str, words: list[str]) -> None:
    assert bare_words(template) == words


def test_the_catalogue_has_every_string_and_no_other_and_none_is_fuzzy(database: Database, tmp_path: Path) -> None:
    shutil.copytree(SERVER, tmp_path / "server", ignore=shutil.ignore_patterns("__pycache__", "migrations", "static"))
    made = subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "de", "--no-location", "--no-wrap"],
        cwd=tmp_path / "server", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    catalogue = tmp_path / "server" / "locale" / "de" / "LC_MESSAGES" / "django.po"
    text = catalogue.read_text("utf-8")
    entries = text.split("\n\n")
    assert [entry for entry in entries[1:] if "#, fuzzy" in entry or entry.startswith("#~")] == []
    counted = subprocess.run(
        ["msgfmt", "--check-format", "--statistics", "-o", "/dev/null", catalogue],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert counted.returncode == 0, counted.stderr
    assert "untranslated" not in counted.stderr, counted.stderr


def test_the_compiled_catalogue_is_that_of_its_source(tmp_path: Path) -> None:
    subprocess.run(["msgfmt", "-o", tmp_path / "django.mo", CATALOGUE / "django.po"], check=True)
    assert words_of(tmp_path / "django.mo") == words_of(CATALOGUE / "django.mo")


def words_of(compiled: Path) -> dict[object, str]:
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined] # nothing else gives all of it


def english_only() -> set[str]:
    """English strings that read differently in German."""
    found = words_of(CATALOGUE / "django.mo")
    return {str(key) for key, words in found.items() if isinstance(key, str) and key and key != words}


@pytest.fixture
def german(database: Database) -> SignedIn:
    """Alice reads German. She has credit, a job that waits, one that was refused, and may pay in and give credit."""
    from everprint.server.installation.settings import change_settings
    from everprint.server.languages import Language
    from everprint.server.notifications.wishes import change_wishes

    change_settings({"transfers": True})
    server = PrintServer(credit="1234.50", queue={"hold": True, "over_limit": "refuse"})
    server.ask(server.job(), pages(3, 1))
    server.ask(server.job(), None)
    change_wishes(server.user, Language.GERMAN, [])
    return SignedIn(server.user)


def text_nodes(page: str) -> Iterator[str]:
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    for text in re.split(r"<[^>]*>", body):
        if words := " ".join(unescape(text).split()):
            yield words


@pytest.mark.parametrize("address", OWN_PAGES)
def test_a_page_of_ones_own_is_german_from_top_to_bottom(
    german: SignedIn, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.topup import configured

    tested = msgspec.structs.replace(configured.CONFIGURATION, payment_url="test")
    monkeypatch.setattr(configured, "CONFIGURATION", tested)
    answer = german.client.get(address, headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<html lang="de">' in page
    assert answer["Content-Language"] == "de"
    assert set(text_nodes(page)) & english_only() == set()
    assert "Abmelden" in page


def test_releasing_is_german_from_top_to_bottom(german: SignedIn) -> None:
    from everprint.contract.selection import SelectionMode
    from everprint.server.charging.selection import select_for
    from everprint.server.jobs.models import Job
    from everprint.server.people.cards import set_card
    from everprint.server.people.models import User
    from everprint.server.printers.models import Printer
    from everprint.server.printers.queues import add_printer
    from everprint.server.release.stations import make_station

    alice, office = User.objects.get(name="alice"), Printer.objects.get(name="office")
    select_for(alice, SelectionMode.CHOOSE)
    set_card(alice, 1, "04A2B3C4")
    office.abilities = {"document_formats": [], "media": [], "colour": False, "two_sided": False}
    office.save()
    waits = Job.objects.order_by("number")[0]
    waits.state = "held"
    waits.save()
    anywhere = add_printer(office.provider, name="anywhere", device_uri="find-me:")
    virtual = Job.objects.get(pk=waits.pk)
    virtual.pk, virtual.uuid = None, uuid.uuid4()
    virtual.printer, virtual.sides, virtual.password_encryption = anywhere, "two-sided-long-edge", "sha2-256"
    virtual.save()
    made = make_station([office], name="Hall", by_card=True, by_pin=True, by_password=True, idle_s=60)
    station = f"/release/{made.key}"
    browser = {"Accept-Language": "de"}
    screen = Client(SERVER_NAME="localhost", headers=browser)
    pages_seen = [screen.get(station)]
    pages_seen.append(screen.post(f"{station}/sign-in", {"card": "0000"}))
    pages_seen.append(screen.post(f"{station}/sign-in", {"user_name": "alice", "secret": "guessed"}))
    screen.post(f"{station}/sign-in", {"card": "04A2B3C4"})
    addresses = (station, f"{station}/jobs/{waits.pk}/account", f"{station}/jobs/{virtual.pk}")
    pages_seen += [screen.get(address) for address in addresses]
    pages_seen.append(screen.post(f"{station}/jobs/{waits.pk}/account", {"other": "Nothing"}))
    pages_seen.append(screen.post(f"{station}/jobs/{waits.pk}/release", {"at": office.pk}, follow=True))
    pages_seen += [
        german.client.get(address, headers={"Accept-Language": "en"})
        for address in (
            f"/jobs/{virtual.pk}/release-at",
            f"/jobs/{waits.pk}/charge",
            f"/release/printer/{office.uuid}",
        )
    ]
    for answer in pages_seen:
        page = answer.content.decode()
        assert answer.status_code == 200
        assert '<html lang="de">' in page
        assert set(text_nodes(page)) & english_only() == set(), page
    said = " ".join(answer.content.decode() for answer in pages_seen)
    assert "er druckt nur einseitig" in said
    assert "Name oder Passwort stimmt nicht." in said
    assert "darf nicht über ein Konto Nothing abrechnen" in said


def test_a_jobs_page_is_german_from_top_to_bottom(database: Database) -> None:
    """Also what was kept of it with figures in it, while its steps are rows and when they are packed."""
    from everprint.server.jobs.packing import pack_what_is_over
    from everprint.server.languages import Language
    from everprint.server.notifications.wishes import change_wishes

    server = PrintServer(credit="1.00", queue={"over_limit": "refuse"})
    change_wishes(server.user, Language.GERMAN, [])
    alice = SignedIn(server.user)
    printed, dear, waiting = server.job(), server.job(), server.job()
    server.ask(printed, pages(3, 1))
    server.report(
        printed,
        JobReceived(job=printed),
        JobAnalysed(document=summary(pages(3, 1))),
        DeliveryBegun(device_uri="ipp://printer.example/"),
        DocumentSent(device_job_id=17),
        JobFinished(state=JobState.COMPLETED, output=pages(3, 1)),
    )
    server.ask(dear, pages(1000))
    unread = msgspec.structs.replace(summary(None), reason="it needs a password", remarks=["It smells of roses."])
    server.report(waiting, JobReceived(job=waiting), JobAnalysed(document=unread))
    alice.send(f"/jobs/{server.seen(waiting).number}/cancel")
    numbers = [server.seen(job).number for job in (printed, dear, waiting)]
    seen = [page_in_german(alice, number) for number in numbers]
    assert "0,35 € auf alice reserviert" in seen[0]
    assert "an ipp://printer.example/" in seen[0]
    assert "Auftrag 17 des Druckers" in seen[0]
    assert "Dieser Auftrag kostet 50,00 €, und 0,65 € sind verfügbar." in seen[1]
    assert "und 0,65 € sind verfügbar" in " ".join(text_nodes(alice.see("/me/notices")))
    assert "von alice: Abbruch angeordnet" in seen[2]
    assert "es braucht ein Passwort." in seen[2]
    assert '<span lang="en">It smells of roses.</span>' in alice.client.get(f"/jobs/{numbers[2]}").content.decode()
    server.report(waiting, JobFinished(state=JobState.CANCELLED, output=NOTHING, reason="Cancelled by alice."))
    assert "Von alice abgebrochen." in page_in_german(alice, numbers[2])
    refund = f"/jobs/{numbers[0]}/refund"
    assert "höchstens 0,35 € können zurückgegeben werden" in alice.see(refund)
    assert "mehr als 0 und höchstens 0,35 €" in alice.fill(refund, amount="9", reason="Streifen")
    assert "wird darüber entscheiden" in alice.fill(refund, amount="0,10", reason="Streifen")
    long_migrated()
    assert "3 jobs" in pack_what_is_over(now=timezone.now() + timedelta(days=9))
    assert "0,35 € auf alice reserviert" in page_in_german(alice, numbers[0])
    told = program().get(f"/jobs/{numbers[1]}")
    assert told["reason"].startswith("This job costs €50.00, and €0.65 can be spent."), "programs are told in English"
    assert told["steps"][-1]["text"] == told["reason"]


def page_in_german(person: SignedIn, number: int) -> str:
    """The page's text, which has no English."""
    answer = person.client.get(f"/jobs/{number}", headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert '<html lang="de">' in page
    assert set(text_nodes(page)) & english_only() == set()
    return " ".join(text_nodes(page))


def test_what_was_ordered_is_said_in_the_language_of_the_page_where_it_is_read(german: SignedIn) -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.people.models import User

    waits = Job.objects.order_by("number")[0]
    cancel = f"/jobs/{waits.number}/cancel"
    assert f"Auftrag {waits.number} wird abgebrochen." in german.send(cancel, back="/me")
    assert f"Auftrag {waits.number} wird abgebrochen." in german.send(cancel)
    User.objects.filter(name="alice").update(role="operator")  # who sees a page that is in English
    assert f"Job {waits.number} will be cancelled." in german.send(cancel, back="/jobs")


def test_money_numbers_and_states_read_as_in_german(german: SignedIn) -> None:
    shown = german.see("/me")
    assert "1.234,50 €" in shown  # its space, which stays, was taken for any by text_of
    assert "Angehalten" in shown or "Wartet auf Sie" in shown
    assert "Guthaben" in shown
    assert "Ihr Auftrag report.pdf wurde auf office nicht gedruckt" in german.see("/me/notices")


def test_what_one_did_is_answered_in_german(german: SignedIn) -> None:
    assert "Es gibt keinen Gutschein mit diesem Code" in german.fill("/me/voucher", code="AAAA-BBBB")
    assert "Dieses Feld ist zwingend erforderlich" in german.fill("/me/voucher", code="")
    assert "ohne Tausendertrennung" in german.fill("/me/transfer", user="bob", amount="1,234")
    assert "Hier ist nichts" in german.see("/nowhere", status=404)


@pytest.mark.usefixtures("database")
def test_the_browser_says_the_language_of_whoever_has_no_wish() -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.people.users import create_user

    anna = SignedIn(create_user("anna", credit=Decimal("1")))

    def first_language(header: str) -> str:
        page = anna.client.get("/me", headers={"Accept-Language": header}).content.decode()
        return re.search(r'<html lang="(\w+)">', page).group(1)

    assert [first_language(header) for header in ("de-AT,en;q=0.5", "fr,en;q=0.9,de;q=0.5", "fr", "")] == [
        "de", "en", "en", "en",
    ]  # fmt: skip
    change_settings({"language": "de"})
    assert [first_language(header) for header in ("fr", "en", "")] == ["de", "en", "de"]


@pytest.mark.usefixtures("database")
def test_signing_in_is_in_the_browsers_language() -> None:

    client = Client(SERVER_NAME="localhost", headers={"Accept-Language": "de"})
    assert "Benutzername" in client.get("/sign-in").content.decode()
    wrong = client.post("/sign-in", {"user_name": "nobody", "password": "guessed"}).content.decode()
    assert "Der Benutzername oder das Passwort stimmt nicht." in wrong


@pytest.mark.usefixtures("database")
def test_a_page_that_is_not_translated_yet_is_whole_in_english() -> None:
    admin = administrator()
    admin.client.get("/me", headers={"Accept-Language": "de"})
    page = admin.client.get("/users", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="en">' in page
    assert "Sign out" in page
    assert "Abmelden" not in page
