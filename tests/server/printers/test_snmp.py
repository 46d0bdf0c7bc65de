"""How a printer is asked over SNMP, and what it said, as the server keeps it, shows it and tells it."""

from __future__ import annotations

import pytest

from everprint.contract.failure_modes import OfflineTerms
from everprint.contract.messages import PrinterState, PrinterStatus, Queue
from everprint.contract.snmp import Snmp, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.contract.supplies import Alert, AlertSeverity, Supply, SupplyState
from everprint.server.accounts.money import ZERO
from tests.server.api.program import program
from tests.server.conftest import Database
from tests.server.world import PrintServer

KEY, PRIVACY_KEY = "signed by this", "hidden by this"
VERSION_3 = {
    "version": "3",
    "user_name": "watcher",
    "authentication": "sha256",
    "authentication_key": KEY,
    "privacy": "aes128",
    "privacy_key": PRIVACY_KEY,
}


def told(north: PrintServer) -> Queue:
    from everprint.server.providers.snapshot import snapshot_of

    (queue,) = snapshot_of(north.provider.pk, "here", "EUR", OfflineTerms(offline_credit=ZERO)).queues
    return queue


def test_its_provider_is_told_how_it_is_asked_and_when_no_more(database: Database) -> None:
    from everprint.server.printers.snmp import remove_snmp, set_snmp
    from everprint.server.providers.models import Order

    north = PrintServer()
    assert told(north).snmp is None
    set_snmp(north.printer, **VERSION_3)
    orders = Order.objects.count()
    set_snmp(north.printer, port=1161, check_counter=True)  # the rest stays
    assert Order.objects.count() == orders + 1
    assert told(north).snmp == Snmp(
        version=SnmpVersion.V3,
        port=1161,
        community="",
        user_name="watcher",
        authentication=SnmpAuthentication.SHA256,
        authentication_key=KEY,
        privacy=SnmpPrivacy.AES128,
        privacy_key=PRIVACY_KEY,
        check_counter=True,
    )
    remove_snmp(north.printer)
    assert told(north).snmp is None


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"version": "2c"}, "community"),
        ({**VERSION_3, "user_name": ""}, "user_name"),
        ({**VERSION_3, "authentication": "none"}, "privacy"),
        ({**VERSION_3, "authentication_key": "short"}, "authentication_key"),
        ({**VERSION_3, "privacy_key": "short"}, "privacy_key"),
        ({**VERSION_3, "port": 70_000}, "port"),
        ({**VERSION_3, "version": "4"}, "version"),
        ({"colour": True}, "colour"),
    ],
)
def test_what_cannot_work_is_refused(database: Database, settings: dict[str, object], why: str) -> None:
    from everprint.server.printers.models import PrinterSnmp
    from everprint.server.printers.snmp import BadSnmp, set_snmp

    north = PrintServer()
    with pytest.raises(BadSnmp, match=why):
        set_snmp(north.printer, **settings)
    assert not PrinterSnmp.objects.exists()


def test_secrets_go_in_by_the_api_and_never_come_out(database: Database) -> None:
    north = PrintServer()
    admin = program()
    path = f"/printers/{north.printer.pk}/snmp"
    assert admin.refused("GET", path)[0] == 404
    made = admin.done("PATCH", path, VERSION_3)
    assert (made["version"], made["user_name"], made["has"]) == (
        "3",
        "watcher",
        ["authentication_key", "privacy_key"],
    )
    assert admin.refused("PATCH", path, {"version": "1"})[1] == "bad-snmp"
    said = str([made, admin.get(path), admin.get("/audit-log"), admin.get(f"/printers/{north.printer.pk}")])
    assert KEY not in said
    assert PRIVACY_KEY not in said
    assert "'secrets': 'changed'" in said
    admin.done("DELETE", path)
    assert admin.refused("DELETE", path)[0] == 404


def test_what_a_printer_said_of_its_supplies_is_kept_and_bounded(database: Database) -> None:
    north = PrintServer()
    supply = Supply(name="Cyan\0 " + "x" * 500, kind="toner", state=SupplyState.LOW, level=7, colour="#00ffff")
    alert = Alert(code="jam", severity=AlertSeverity.CRITICAL, description="Tray 2")
    north.report(
        None,
        PrinterStatus(
            queue="office",
            state=PrinterState.STOPPED,
            reasons=["media-jam-error"],
            supplies=[supply] * 100,
            alerts=[alert] * 100,
            life_count=12_345,
        ),
    )
    shown = program().get(f"/printers/{north.printer.pk}")
    assert (len(shown["supplies"]), len(shown["alerts"]), shown["life_count"]) == (64, 50, 12_345)
    assert (shown["supplies"][0]["level"], shown["supplies"][0]["state"]) == (7, "low")
    assert shown["supplies"][0]["name"].startswith("Cyan  x")
    assert shown["alerts"][0] == {"code": "jam", "severity": "critical", "description": "Tray 2"}
