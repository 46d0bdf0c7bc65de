"""Printers and prices from a table: all of it or nothing, every bad line named, the dry run the same as the run."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from everprint.contract.pricing import SideCosts
from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import new_printer, new_provider

pytestmark = pytest.mark.usefixtures("database")

GOOD = (
    "provider,name,device_uri,location,trusted_networks,hold,grey,grey two-sided,colour\n"
    "north,office,ipp://198.51.100.7/ipp/print,Room 12,10.1.0.0/16|192.0.2.0/24,yes,0.05,0.04,0.20\n"
    "north,library,socket://198.51.100.8,,,,0.05,,\n"
).replace("two-sided", "two_sided")


def other_paper(name: str) -> SideCosts:
    """The prices of a queue for paper without prices of its own."""
    from everprint.server.printers.costs import costs_of
    from everprint.server.printers.models import Printer

    return costs_of(Printer.objects.get(name=name)).other


def bad_lines(data: str) -> dict[int, str]:
    """The problems that the import says, by line; the dry run says the same, and nothing was made."""
    from everprint.server.people.csv_table import BadCsv
    from everprint.server.printers.models import Printer
    from everprint.server.printers.printer_import import import_printers, plan_import

    before = Printer.objects.count()
    with pytest.raises(BadCsv) as caught:
        import_printers(data.encode())
    with pytest.raises(BadCsv) as planned:
        plan_import(data.encode())
    assert planned.value.problems == caught.value.problems
    assert Printer.objects.count() == before
    return {problem.line: problem.message for problem in caught.value.problems}


def test_queues_are_made_with_their_settings_and_prices() -> None:
    from everprint.server.printers.models import Printer
    from everprint.server.printers.printer_import import import_printers, plan_import

    new_provider()
    planned = plan_import(GOOD.encode())
    assert not Printer.objects.exists()
    assert import_printers(GOOD.encode()) == planned
    office = Printer.objects.get(name="office")
    assert (office.device_uri, office.location, office.hold) == ("ipp://198.51.100.7/ipp/print", "Room 12", True)
    assert office.trusted_networks == ["10.1.0.0/16", "192.0.2.0/24"]
    grey, two_sided, colour = Decimal("0.05"), Decimal("0.04"), Decimal("0.20")
    assert other_paper("office") == SideCosts(grey, two_sided, colour, colour)
    assert other_paper("library") == SideCosts(grey, grey)
    again = import_printers(GOOD.encode())
    assert (again.changes, again.unchanged) == ((), 2)


def test_only_what_the_line_says_changes_and_the_provider_is_told() -> None:
    from everprint.server.printers.models import Printer
    from everprint.server.printers.printer_import import import_printers
    from everprint.server.providers.models import Order

    provider, _ = new_provider()
    new_printer(provider, location="Hall")
    told = Order.objects.count()
    (change,) = import_printers(
        b"provider,name,info,location,colour,hold_hours,find_me_target\nnorth,office,Big one,,0.30,24,no\n"
    ).changes
    assert (change.name, change.is_new) == ("north: office", False)
    assert (change.before, change.after) == (
        {"info": "", "colour": Decimal("0.20"), "hold_hours": 0, "find_me_target": True},
        {"info": "Big one", "colour": Decimal("0.30"), "hold_hours": 24, "find_me_target": False},
    )
    assert (Printer.objects.get().location, Printer.objects.get().hold_hours) == ("Hall", 24)
    assert other_paper("office").colour_two_sided == Decimal("0.20")
    assert Order.objects.count() > told


def test_every_bad_line_is_named_and_nothing_is_imported() -> None:
    new_provider()
    problems = bad_lines(
        "provider,name,device_uri,authentication,hold,grey,trusted_networks,hold_hours\n"
        "north,fine,ipp://198.51.100.7,,,,,\n"
        ",two words,file:///etc/passwd,maybe,perhaps,-1,everywhere,9000\n"
        "north,fine,ipp://198.51.100.7,,,,,\n"
    )
    assert set(problems) == {3, 4}
    for word in (
        "provider",
        "name",
        "device_uri",
        "authentication",
        "hold",
        "grey",
        "trusted_networks",
        "hold_hours",
    ):
        assert f"{word}:" in problems[3]
    assert "line 2 already" in problems[4]
    assert bad_lines("provider,name,device_uri\nsouth,a,ipp://198.51.100.7\nnorth,b,\n") == {
        2: "provider: no Print Provider called south is enrolled",
        3: "device_uri: b is new, so it needs one",
    }


def test_the_command_the_page_and_the_api_show_the_changes_and_then_make_them(tmp_path: Path) -> None:
    from everprint.cli.server import server
    from everprint.server.printers.models import Printer

    new_provider()
    table = tmp_path / "printers.csv"
    table.write_text(GOOD)
    dry = CliRunner().invoke(server, ["printer", "import", str(table), "--dry-run"])
    assert "new north: office: device_uri ipp://198.51.100.7/ipp/print" in dry.output
    assert "2 would be made, 0 would be changed" in dry.output
    admin = administrator()
    assert "198.51.100.8" in admin.send("/printers/import", table=GOOD, show="")
    assert not Printer.objects.exists()
    order = {"import": ""}
    assert "2 printers were made and 0 were changed." in admin.send("/printers/import", table=GOOD, **order)
    assert "Nothing was imported" in admin.send("/printers/import", table="provider,name\nx,\n", **order)
    by_program = program()
    csv = "provider,name,hold\nnorth,office,no\n"
    done = by_program.done("POST", "/printers/import", {"csv": csv, "dry_run": False})
    assert (done["changed"], done["changes"][0]["after"]) == (1, {"hold": False})
    assert by_program.refused("POST", "/printers/import", {"csv": "name\n", "dry_run": True}) == (422, "bad-csv")
    changed = [entry for entry in by_program.get("/audit-log")["items"] if entry["action"] == "printer.change"]
    assert changed[0]["after"] == {"hold": False}
