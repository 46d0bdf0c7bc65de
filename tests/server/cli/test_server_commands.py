"""`everprint server`: what an administrator types, and what comes of it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.server.world import audit_is_clean, balance_of, new_printer, new_provider

pytestmark = pytest.mark.usefixtures("database")


def everprint(*arguments: str, says: str | None = None, fails: bool = False) -> Result:
    """Runs `everprint server ...` in this process, on the test's database."""
    from everprint.cli.server import server

    result = CliRunner().invoke(server, list(arguments), input=says, prog_name="everprint server")
    assert (result.exit_code != 0) == fails, result.output
    return result


def listed(*arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(everprint(*arguments, "--json").stdout)
    return found


def test_users_are_added_and_listed_with_their_balances(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse\n")
    everprint(
        "user", "add", "Alice", "--full-name", "Alice Adams", "--credit", "5.25", "--password-file", str(secret)
    )
    everprint("user", "add", "bob", "--no-password")
    everprint("user", "add", "carol", "--role", "operator", says="correct horse\ncorrect horse\n")
    nowhere = {"department": "", "office": ""}
    assert listed("user", "list") == [
        {**nowhere, "name": "alice", "full_name": "Alice Adams", "role": "user", "active": True, "balance": "5.2500"},
        {**nowhere, "name": "bob", "full_name": "", "role": "user", "active": True, "balance": "0.0000"},
        {**nowhere, "name": "carol", "full_name": "", "role": "operator", "active": True, "balance": "0.0000"},
    ]
    assert "Alice Adams" in everprint("user", "list").output


def test_a_password_comes_from_standard_input_and_is_never_an_argument() -> None:
    from everprint.server.people.sign_in import sign_in

    everprint("user", "add", "alice", "--password-file", "-", says="correct horse\n")
    assert sign_in("alice", "correct horse", "cli-1") is not None
    everprint("user", "set-password", "ALICE", "--password-file", "-", says="battery staple\n")
    assert sign_in("alice", "battery staple", "cli-2") is not None


@pytest.mark.parametrize(
    ("arguments", "says", "named"),
    [
        (("user", "add", "al ; ice", "--no-password"), None, "letters, digits"),
        (("user", "add", "alice", "--password-file", "-"), "short\n", "too short"),
        (("user", "add", "alice", "--password-file", "-"), "\n", "no password"),
        (("user", "add", "alice", "--password-file", "/nowhere/at-all"), None, "/nowhere/at-all"),
        (("user", "add", "alice", "--no-password", "--credit", "lots"), None, "'lots' is not an amount"),
        (("user", "add", "alice", "--no-password", "--credit", "0.00001"), None, "four digits"),
        (("user", "set-role", "nobody", "operator"), None, "user list"),
        (("account", "adjust", "nobody", "1", "--comment", "x"), None, "account list"),
        (("account", "adjust", "system: funding", "1", "--comment", "x"), None, "system account"),
        (("printer", "add", "p", "--provider", "nobody", "--device-uri", "ipp://x/"), None, "provider list"),
        (("printer", "set-cost", "p", "--grey", "1", "--colour", "1"), None, "printer list"),
        (("provider", "revoke", "nobody"), None, "provider list"),
        (("job", "list", "--state", "lost"), None, "delivering"),
    ],
)
def test_what_cannot_be_is_one_line_that_says_what_to_do(
    arguments: tuple[str, ...], says: str | None, named: str
) -> None:
    result = everprint(*arguments, says=says, fails=True)
    assert named in result.output
    assert "Traceback" not in result.output


def test_the_last_administrator_stays_one() -> None:
    everprint("user", "add", "root", "--role", "administrator", "--no-password")
    assert "only administrator" in everprint("user", "set-role", "root", "user", fails=True).output


def test_accounts_are_adjusted_once_per_key_and_never_below_their_floor() -> None:
    everprint("user", "add", "alice", "--no-password")
    for _ in range(2):
        everprint("account", "adjust", "alice", "5", "--comment", "cash", "--key", "receipt-17")
    assert "3.8" in everprint("account", "adjust", "alice", "-1.20", "--comment", "correction").output
    assert balance_of("alice") == Decimal("3.80")
    assert "can be spent" in everprint("account", "adjust", "alice", "-4", "--comment", "too much", fails=True).output
    found = {account["name"]: account for account in listed("account", "list")}
    assert found["alice"]["balance"] == "3.8000"
    assert found["system: funding"]["balance"] == "-3.8000"


def test_the_audit_says_that_all_is_right_or_fails_and_names_what_is_not() -> None:
    from everprint.server.accounts.models import Account

    everprint("user", "add", "alice", "--no-password", "--credit", "5")
    assert "all is right" in everprint("audit").output
    assert json.loads(everprint("audit", "--json").stdout)["findings"] == []
    audit_is_clean()
    Account.objects.filter(name="alice").update(balance=7)
    result = everprint("audit", fails=True)
    assert result.exit_code == 1
    assert "alice: the balance is 7" in result.output


def test_a_provider_is_enrolled_with_a_code_and_revoked() -> None:
    from everprint.contract.messages import Enrol
    from everprint.server.providers.enrolment import enrol

    code = everprint("provider", "code").output.strip()
    assert json.loads(everprint("provider", "code", "--json").stdout)["code"] != code
    enrol(Enrol(code=code, name="north", software_version="0.1.0"))
    everprint("provider", "revoke", "north")
    assert [(row["name"], row["revoked"]) for row in listed("provider", "list")] == [("north", True)]


def test_a_printer_pool_is_made_and_unmade() -> None:
    provider, _ = new_provider()
    devices = [f"ipp://192.0.2.{number}/ipp/print" for number in (7, 8, 9)]
    more = [word for uri in devices[1:] for word in ("--also-device-uri", uri)]
    everprint("printer", "add", "hall", "--provider", "north", "--device-uri", devices[0], *more)
    assert listed("printer", "list")[0]["pool"] == devices[1:]
    everprint("printer", "set-devices", "hall", devices[2])
    printer = provider.printers.get()
    assert (printer.device_uri, printer.pool) == (devices[2], [])


def test_printers_are_added_and_priced() -> None:
    provider, _ = new_provider()
    everprint(
        *("printer", "add", "office", "--provider", "north", "--device-uri", "ipps://192.0.2.7/ipp/print"),
        *("--authentication", "requesting-user-name", "--trust", "192.0.2.0/24", "--info", "Office"),
    )
    everprint("printer", "set-cost", "office", "--grey", "0.05", "--colour", "0.20", "--grey-two-sided", "0.04")
    everprint("printer", "set-cost", "office", "--media", "iso_a3_297x420mm", "--grey", "0.10", "--colour", "0.40")
    [row] = listed("printer", "list")
    assert (row["name"], row["provider"], row["grey"], row["colour"]) == ("office", "north", "0.0500", "0.2000")
    costs = provider.printers.get().costs
    assert costs.get(media="").grey_two_sided == Decimal("0.04")
    assert costs.get(media="").colour_two_sided == Decimal("0.20"), "as one-sided, unless it is said"
    assert costs.get(media="iso_a3_297x420mm").colour_one_sided == Decimal("0.40")
    assert "office" in everprint("printer", "list").output


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("office", "--device-uri", "file:///etc/passwd"), "device_uri"),
        (("office", "--device-uri", "http://192.0.2.7/"), "device_uri"),
        (("office", "--device-uri", "ipp://"), "device_uri"),
        (("office", "--device-uri", "ipp://host:port/"), "device_uri"),
        (("office", "--device-uri", "ipp://x/", "--trust", "everybody"), "trusted_networks"),
        (("../office", "--device-uri", "ipp://x/"), "name"),
        (("of fice", "--device-uri", "ipp://x/"), "name"),
        (("taken", "--device-uri", "ipp://x/"), "already"),
    ],
)
def test_a_queue_that_cannot_be_is_refused_and_the_setting_named(options: tuple[str, ...], named: str) -> None:
    provider, _ = new_provider()
    new_printer(provider, "taken")
    result = everprint("printer", "add", "--provider", "north", *options, fails=True)
    assert named in result.output


def test_a_queue_of_two_providers_must_be_said_with_its_provider() -> None:
    for name in ("north", "south"):
        new_printer(new_provider(name)[0], "office")
    cost = ("--grey", "1", "--colour", "1")
    assert "--provider" in everprint("printer", "set-cost", "office", *cost, fails=True).output
    everprint("printer", "set-cost", "office", "--provider", "south", *cost)


def test_the_job_log_is_listed() -> None:
    from tests.server.world import PrintServer, pages

    north = PrintServer(queue={"over_limit": "refuse"})
    north.ask(north.job(), pages(2))
    north.ask(north.job(), pages(200))
    assert [row["state"] for row in listed("job", "list")] == ["refused", "authorised"]
    assert [row["pages"] for row in listed("job", "list", "--state", "authorised", "--user", "ALICE")] == [2]
    assert len(listed("job", "list", "--limit", "1")) == 1
    assert "authorised" in everprint("job", "list").output


def test_an_empty_server_says_so() -> None:
    for command in ("user", "printer", "job", "provider"):
        assert everprint(command, "list").output.startswith("No ")
        assert listed(command, "list") == []
