"""The import of printers and their prices from CSV."""

from __future__ import annotations

from django.http import HttpRequest

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints.user_import import Csv, Imported, record_of
from everprint.server.printers.printer_import import import_printers, plan_import

area = Area("Printers")


@area.post("", Imported, needs=Permission.MANAGE_PRINTERS)
def import_printers_from_csv(request: HttpRequest, wanted: Csv) -> Imported:
    """Import printers and their prices from CSV, all or nothing, or say what it would change."""
    data = wanted.csv.encode("utf-8", "surrogatepass")
    return record_of(plan_import(data) if wanted.dry_run else import_printers(data))
