"""The page of a printer shows its supplies and alerts; the form that says how to ask for them hides secrets."""

from __future__ import annotations

import pytest

from everprint.contract.messages import PrinterState, PrinterStatus
from everprint.contract.supplies import Alert, AlertSeverity, Supply, SupplyState
from tests.server.world import PrintServer

pytestmark = pytest.mark.usefixtures("database")


def test_supplies_and_alerts_are_on_the_page_in_words() -> None:
    from django.test import Client

    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    north = PrintServer()
    status = PrinterStatus(
        queue="office",
        state=PrinterState.IDLE,
        reasons=[],
        supplies=[
            Supply(name="Black <Toner>", kind="toner", state=SupplyState.LOW, level=4),
            Supply(name="Waste Box", kind="waste-toner", state=SupplyState.EMPTY, level=100, is_receptacle=True),
            Supply(name="Drum", kind="opc", state=SupplyState.UNKNOWN),
        ],
        alerts=[
            Alert(code="markerTonerAlmostEmpty", severity=AlertSeverity.WARNING, description="Order black"),
            Alert(code="23001", severity=AlertSeverity.REPORT),
        ],
        life_count=12_345,
    )
    north.report(None, status)
    operator = Client(SERVER_NAME="localhost")
    operator.force_login(create_user("olga", role=Role.OPERATOR))
    page = operator.get(f"/printers/{north.printer.pk}").content.decode()
    for words in (
        "Black &lt;Toner&gt;", "4 %", "Low", "100 % full", "Full", "Not known", "marker toner almost empty",
        "Order black", "alert 23001", "Pages in its life",
    ):  # fmt: skip
        assert words in page, words


def test_how_a_printer_is_asked_is_set_and_its_secrets_are_not_shown() -> None:
    from django.test import Client

    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user
    from everprint.server.printers.models import PrinterSnmp

    north = PrintServer()
    admin, owner = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    admin.force_login(create_user("ada", role=Role.ADMINISTRATOR))
    owner.force_login(north.user)
    path = f"/printers/{north.printer.pk}/snmp"
    said = {"version": "2c", "port": "161", "community": "let me see", "authentication": "none", "privacy": "none"}
    assert owner.post(path, said).status_code == 403
    assert admin.post(path, {**said, "community": ""}).status_code == 200  # the form again: it needs one
    assert not PrinterSnmp.objects.exists()
    assert admin.post(path, said).status_code == 302
    assert "let me see" not in admin.get(path).content.decode()
    assert admin.post(path, {**said, "community": "", "check_counter": "on"}).status_code == 302
    row = PrinterSnmp.objects.get()
    assert (row.community, row.check_counter) == ("let me see", True)  # left empty, it stays
    assert admin.post(path, {**said, "version": ""}).status_code == 302
    assert not PrinterSnmp.objects.exists()
