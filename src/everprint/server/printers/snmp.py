"""How a printer is asked over SNMP. Each change tells the provider to fetch its settings anew.

The community and the keys are secrets. The audit log says that they changed, and not what they are.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError

from everprint.contract.messages import FetchSnapshot
from everprint.contract.snmp import SHORTEST_KEY, Snmp, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.printers.models import Printer, PrinterSnmp
from everprint.server.providers.orders import make_order

SECRETS = ("community", "authentication_key", "privacy_key")
OPEN = ("version", "port", "user_name", "authentication", "privacy", "check_counter")
CHANGEABLE = (*OPEN, *SECRETS)


class BadSnmp(Exception):
    """Settings that cannot be; the text names the setting and what was expected."""


def set_snmp(printer: Printer, **settings: object) -> PrinterSnmp:
    """Has the printer asked over SNMP by these settings; what is left out stays, or has its default.

    Raises BadSnmp.
    """
    for key in settings:
        if key not in CHANGEABLE:
            raise BadSnmp(f"{key} is not a setting of SNMP; expected one of: {', '.join(CHANGEABLE)}")

    def work() -> PrinterSnmp:
        Printer.objects.select_for_update().get(pk=printer.pk)
        row = PrinterSnmp.objects.filter(printer=printer).first()
        before = shown(row) if row else {}
        kept = {key: getattr(row, key) for key in SECRETS} if row else {}
        row = row or PrinterSnmp(printer=printer)
        for key, value in settings.items():
            setattr(row, key, value)
        _check(row)
        row.save()
        after = shown(row)
        if any(kept.get(key, "") != getattr(row, key) for key in SECRETS):
            after["secrets"] = "changed"
        note("printer.snmp", printer, before, after)
        make_order(printer.provider_id, FetchSnapshot())
        return row

    return transact(work)


def remove_snmp(printer: Printer) -> None:
    """Has the printer not asked over SNMP any more, and forgets the secrets."""

    def work() -> None:
        row = PrinterSnmp.objects.filter(printer=printer).first()
        if row is not None:
            before = shown(row)
            row.delete()
            note("printer.snmp", printer, before, {})
        make_order(printer.provider_id, FetchSnapshot())

    transact(work)


def shown(row: PrinterSnmp) -> dict[str, object]:
    """What people may see of it."""
    return {key: getattr(row, key) for key in OPEN}


def snmp_for_provider(printer: Printer) -> Snmp | None:
    """All of it; None if the printer is not asked."""
    row: PrinterSnmp | None = getattr(printer, "snmp", None)
    if row is None:
        return None
    return Snmp(
        version=SnmpVersion(row.version),
        port=row.port,
        community=row.community,
        user_name=row.user_name,
        authentication=SnmpAuthentication(row.authentication),
        authentication_key=row.authentication_key,
        privacy=SnmpPrivacy(row.privacy),
        privacy_key=row.privacy_key,
        check_counter=row.check_counter,
    )


def _check(row: PrinterSnmp) -> None:
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise BadSnmp(
            "; ".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
        ) from None
    if row.version != SnmpVersion.V3:
        if not row.community:
            raise BadSnmp(f"community: version {row.version} needs one")
        return
    if not row.user_name:
        raise BadSnmp("user_name: version 3 needs one")
    if row.privacy != SnmpPrivacy.NONE and row.authentication == SnmpAuthentication.NONE:
        raise BadSnmp("privacy: version 3 enciphers nothing that is not signed; choose an authentication, too")
    for protocol, key in (("authentication", row.authentication_key), ("privacy", row.privacy_key)):
        if getattr(row, protocol) != "none" and len(key) < SHORTEST_KEY:
            raise BadSnmp(f"{protocol}_key: expected at least {SHORTEST_KEY} characters")
