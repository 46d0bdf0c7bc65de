"""How a printer is asked over SNMP, in the printers' own area. Secrets are taken and never given."""

from __future__ import annotations

from typing import Annotated

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from pydantic import BaseModel, Field, StringConstraints

from everprint.contract.snmp import LONGEST_SECRET, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.server.access.permissions import Permission
from everprint.server.api.endpoints import presets
from everprint.server.api.fields import Body, Flag, Id
from everprint.server.printers.models import Printer, PrinterSnmp
from everprint.server.printers.snmp import SECRETS, remove_snmp, set_snmp, shown

area = presets.area

Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Secret = Annotated[
    str, StringConstraints(max_length=LONGEST_SECRET, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(strict=True)
]
UserName = Annotated[str, StringConstraints(max_length=32, pattern=r"^[^\x00-\x1f\x7f]*$"), Field(strict=True)]


class SnmpRecord(BaseModel):
    """How a printer is asked, without the secrets."""

    version: SnmpVersion
    port: int
    user_name: str = Field(description="Of version 3")
    authentication: SnmpAuthentication
    privacy: SnmpPrivacy
    check_counter: bool = Field(description="Jobs are settled on the printer's own counter where that makes sense")
    has: list[str] = Field(description=f"Which of the secrets are set: {', '.join(SECRETS)}")


class SnmpPatch(Body):
    """What to change; what is left out stays, or has its default: version 2c at port 161."""

    version: SnmpVersion | None = None
    port: Port | None = None
    community: Secret | None = Field(None, description="Of versions 1 and 2c; it is never shown again")
    user_name: UserName | None = None
    authentication: SnmpAuthentication | None = None
    authentication_key: Secret | None = Field(None, description="At least 8 characters; never shown again")
    privacy: SnmpPrivacy | None = None
    privacy_key: Secret | None = Field(None, description="At least 8 characters; never shown again")
    check_counter: Flag | None = None


@area.get("/{int:printer_id}/snmp", SnmpRecord, needs=Permission.VIEW_PRINTERS)
def get_snmp(request: HttpRequest, printer_id: Id) -> SnmpRecord:
    """Get how a printer is asked over SNMP; there is nothing if it is not."""
    return _record(get_object_or_404(PrinterSnmp, printer=printer_id))


@area.patch("/{int:printer_id}/snmp", SnmpRecord, needs=Permission.MANAGE_PRINTERS)
def change_snmp(request: HttpRequest, printer_id: Id, wanted: SnmpPatch) -> SnmpRecord:
    """Have a printer asked over SNMP, or change how."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    said = wanted.model_dump(exclude_unset=True, exclude_none=True)
    return _record(set_snmp(printer, **{name: getattr(value, "value", value) for name, value in said.items()}))


@area.delete("/{int:printer_id}/snmp", needs=Permission.MANAGE_PRINTERS)
def remove_the_snmp(request: HttpRequest, printer_id: Id) -> None:
    """Have a printer not asked over SNMP any more, and forget the secrets."""
    printer = get_object_or_404(Printer, pk=printer_id, is_active=True)
    if not PrinterSnmp.objects.filter(printer=printer).exists():
        raise Http404
    remove_snmp(printer)


def _record(row: PrinterSnmp) -> SnmpRecord:
    return SnmpRecord.model_validate({**shown(row), "has": [name for name in SECRETS if getattr(row, name)]})
