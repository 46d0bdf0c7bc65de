"""What a provider must know to run its queues, and to decide alone (contract Snapshot)."""

from __future__ import annotations

import hashlib
import uuid

import msgspec

from everprint.contract.failure_modes import FailureMode, OfflineTerms, UnknownPages
from everprint.contract.messages import Authentication, InDoubtPolicy, OneWay, OverLimit, Queue, Snapshot
from everprint.contract.rules import Rule
from everprint.contract.selection import Selection
from everprint.server.charging.models import AccountSelection
from everprint.server.installation.settings import read_settings
from everprint.server.printers.costs import costs_of
from everprint.server.printers.models import Printer
from everprint.server.printers.presets import presets_for_provider
from everprint.server.printers.snmp import snmp_for_provider
from everprint.server.rules.deciding import groups_of_rules
from everprint.server.rules.rows import members_of, rules_for_provider
from everprint.server.settings import CONFIGURATION


def snapshot_of(provider: uuid.UUID, server_name: str, currency: str, offline: OfflineTerms) -> Snapshot:
    """The provider's world now; `revision` is a hash of all the rest."""
    printers = Printer.objects.filter(provider=provider, is_active=True).prefetch_related("costs").order_by("name")
    printers = printers.select_related("account_selection__account__account", "snmp")
    hold_hours = read_settings().hold_hours
    rules = rules_for_provider(printer.pk for printer in printers)
    snapshot = Snapshot(
        revision="",
        server_name=server_name,
        currency=currency,
        queues=[_queue(printer, rules[printer.pk], hold_hours) for printer in printers],
        previews=CONFIGURATION.previews_keep_h > 0,
        answers_for_jobs=True,
        offline=offline,
        groups=members_of({group for some in rules.values() for group in groups_of_rules(some)}),
    )
    revision = hashlib.sha256(msgspec.json.encode(snapshot)).hexdigest()[:32]
    return msgspec.structs.replace(snapshot, revision=revision)


def _queue(printer: Printer, rules: tuple[Rule, ...], hold_hours: int) -> Queue:
    return Queue(
        name=printer.name,
        device_uri=printer.device_uri,
        printer_uuid=printer.uuid.urn,
        info=printer.info,
        location=printer.location,
        authentication=Authentication(printer.authentication),
        trusted_networks=printer.trusted_networks,
        hold=printer.hold,
        hold_hours=printer.hold_hours or hold_hours,
        accepting=printer.accepting,
        in_doubt=InDoubtPolicy(printer.in_doubt),
        one_way=_one_way(printer),
        pool=tuple(printer.pool),
        failure_mode=FailureMode(printer.failure_mode),
        unknown_pages=UnknownPages(printer.unknown_pages),
        costs=costs_of(printer),
        over_limit=OverLimit(printer.over_limit),
        presets=presets_for_provider(printer),
        rules=rules,
        selection=selection.as_contract() if (selection := _selection(printer)) else Selection(),
        snmp=snmp_for_provider(printer),
    )


def _selection(printer: Printer) -> AccountSelection | None:
    return getattr(printer, "account_selection", None)


def _one_way(printer: Printer) -> OneWay | None:
    """None for a device that says itself what it can do."""
    if not printer.is_one_way and not printer.is_find_me:
        return None
    return OneWay(
        document_formats=tuple(printer.device_formats) or OneWay().document_formats,
        media=tuple(printer.device_media) or OneWay().media,
        colour=printer.device_colour,
        two_sided=printer.device_two_sided,
        pjl=printer.device_pjl,
    )
