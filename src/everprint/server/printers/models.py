"""Printers (queues of a provider, with the device behind them) and what a side costs on each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from everprint.contract.device_uris import is_find_me, is_one_way
from everprint.contract.failure_modes import FailureMode, UnknownPages
from everprint.contract.messages import Authentication, InDoubtPolicy, OneWay, OverLimit
from everprint.contract.snmp import LONGEST_SECRET, PORT, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.documents.ticket import SidesKeyword
from everprint.server.accounts.money import ZERO, MoneyField, OptionalMoneyField
from everprint.server.people.models import Group
from everprint.server.printers.checks import (
    QUEUE_NAME,
    check_device_uri,
    check_device_uris,
    check_document_formats,
    check_media,
    check_networks,
)
from everprint.server.providers.models import Provider

if TYPE_CHECKING:
    StringList = models.JSONField[list[str], list[str]]
    JSONList = models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]
    OptionalJSON = models.JSONField[dict[str, Any] | None, dict[str, Any] | None]
else:
    StringList = JSONList = OptionalJSON = models.JSONField


MOST_HOLD_HOURS = 8760  # a year


def default_formats() -> list[str]:
    """What most printers with a raw port understand."""
    return list(OneWay().document_formats)


def default_media() -> list[str]:
    """A4 and Letter."""
    return list(OneWay().media)


class Printer(models.Model):
    """A queue that people print to. Changed through printers.queues, which tells the provider."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="printers")
    name = models.CharField(max_length=127, validators=[RegexValidator(QUEUE_NAME)])
    device_uri = models.CharField(max_length=1023, validators=[check_device_uri])
    pool = StringList(default=list, blank=True, validators=[check_device_uris])  # more devices: a printer pool
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    info = models.CharField(max_length=127, blank=True)
    location = models.CharField(max_length=127, blank=True)
    authentication = models.CharField(
        max_length=30,
        default=Authentication.BASIC.value,
        choices=[(method.value, method.value) for method in Authentication],
    )
    trusted_networks = StringList(default=list, blank=True, validators=[check_networks])
    hold = models.BooleanField(default=False)
    # So long after it was sent a held job ends; 0: as the setting of the installation says.
    hold_hours = models.PositiveIntegerField(default=0, db_default=0, validators=[MaxValueValidator(MOST_HOLD_HOURS)])
    accepting = models.BooleanField(default=True)
    find_me_target = models.BooleanField(default=True, db_default=True)  # jobs of Find-Me queues are released here
    unknown_pages = models.CharField(
        max_length=20,
        default=UnknownPages.REFUSE.value,
        choices=[(policy.value, policy.value) for policy in UnknownPages],
    )
    in_doubt = models.CharField(
        max_length=20,
        default=InDoubtPolicy.ASK.value,
        choices=[(policy.value, policy.value) for policy in InDoubtPolicy],
    )
    # What a device behind a raw port or LPD can do: nobody else can say (contract OneWay).
    device_formats = StringList(default=default_formats, blank=True, validators=[check_document_formats])
    device_media = StringList(default=default_media, blank=True, validators=[check_media])
    device_colour = models.BooleanField(default=False)
    device_two_sided = models.BooleanField(default=False)
    device_pjl = models.BooleanField(default=True)
    failure_mode = models.CharField(  # while the server is away for the provider
        max_length=30,
        default=FailureMode.PRINT_AND_LOG_LATER.value,
        choices=[(mode.value, mode.value) for mode in FailureMode],
    )
    over_limit = models.CharField(  # a job that its owner cannot pay for
        max_length=10,
        default=OverLimit.HOLD.value,
        choices=[(policy.value, policy.value) for policy in OverLimit],
    )
    # How its prices are reckoned (contract Costs).
    cost_by_area = models.BooleanField(default=False, db_default=False)
    colour_by_document = models.BooleanField(default=False, db_default=False)
    two_sided_discount = MoneyField(default=ZERO, db_default=0)  # percent
    cost_minimum = MoneyField(default=ZERO, db_default=0)
    cost_maximum = OptionalMoneyField(null=True, blank=True)
    is_active = models.BooleanField(default=True)  # False: removed; its jobs keep it
    # What the device last said of itself (contract PrinterStatus); state is empty until it has.
    state = models.CharField(max_length=20, blank=True)
    state_reasons = StringList(default=list, blank=True)
    state_message = models.CharField(max_length=500, blank=True)
    make_and_model = models.CharField(max_length=200, blank=True)
    state_at = models.DateTimeField(null=True, blank=True)
    devices = JSONList(default=list, blank=True)  # of a pool: contract DeviceState of each
    supplies = JSONList(default=list, db_default=[], blank=True)  # contract Supply
    alerts = JSONList(default=list, db_default=[], blank=True)  # contract Alert
    life_count = models.BigIntegerField(null=True, blank=True)  # impressions in its life
    abilities = OptionalJSON(null=True, blank=True)  # contract Abilities

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("provider", "name"),
                condition=models.Q(is_active=True),
                name="queue_name_of_provider",
                violation_error_message="the provider has a queue of this name already",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_one_way(self) -> bool:
        """True if it has a device that takes octets and cannot be asked about them (a raw port, LPD)."""
        return any(is_one_way(uri) for uri in self.device_uris)

    @property
    def is_find_me(self) -> bool:
        """True if it has no device: its jobs are released at printers of other queues."""
        return is_find_me(self.device_uri)

    @property
    def device_uris(self) -> list[str]:
        """Of all its devices; of one that is no pool, one."""
        return [self.device_uri, *self.pool]

    def heard_since(self, moment: datetime) -> bool:
        """True if the device's state was reported after that moment."""
        return self.state_at is not None and self.state_at > moment


class PrinterSnmp(models.Model):
    """How a printer's SNMP agents are asked (contract Snmp); changed through printers.snmp. Three of the fields are
    secrets: they go to the printer's Print Provider and nowhere else.
    """

    printer = models.OneToOneField(Printer, on_delete=models.CASCADE, related_name="snmp")
    version = models.CharField(
        max_length=2, default=SnmpVersion.V2C.value, choices=[(one.value, one.value) for one in SnmpVersion]
    )
    port = models.PositiveIntegerField(default=PORT, validators=[MinValueValidator(1), MaxValueValidator(65535)])
    community = models.CharField(max_length=LONGEST_SECRET, blank=True)
    user_name = models.CharField(max_length=32, blank=True)  # RFC 3414: 32 octets at the most
    authentication = models.CharField(
        max_length=10,
        default=SnmpAuthentication.NONE.value,
        choices=[(one.value, one.value) for one in SnmpAuthentication],
    )
    authentication_key = models.CharField(max_length=LONGEST_SECRET, blank=True)
    privacy = models.CharField(
        max_length=10, default=SnmpPrivacy.NONE.value, choices=[(one.value, one.value) for one in SnmpPrivacy]
    )
    privacy_key = models.CharField(max_length=LONGEST_SECRET, blank=True)
    check_counter = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"SNMP {self.version} of {self.printer_id}"


class PrinterPreset(models.Model):
    """What some people may do on a printer (contract Preset); changed through printers.presets."""

    printer = models.ForeignKey(Printer, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=100)
    position = models.IntegerField(default=0)  # the first one that somebody is in counts
    everybody = models.BooleanField(default=False)  # a preset whose last group was deleted is for nobody
    groups = models.ManyToManyField(Group, related_name="+", blank=True)
    colour = models.BooleanField(default=True)
    two_sided_only = models.BooleanField(default=False)
    sides_default = models.CharField(
        max_length=30, blank=True, default="", choices=[(sides.value, sides.value) for sides in SidesKeyword]
    )  # empty: as the device does
    most_copies = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("printer", "name"),
                name="preset_name_of_printer",
                violation_error_message="the printer has a preset of this name already",
            ),
        )

    def __str__(self) -> str:
        return self.name


class CostPerSide(models.Model):
    """What a side costs on a printer, for one paper or (`media` empty) for all that have no row of their own."""

    printer = models.ForeignKey(Printer, on_delete=models.CASCADE, related_name="costs")
    media = models.CharField(max_length=100, blank=True)  # self-describing media name, PWG 5101.1
    and_smaller = models.BooleanField(default=False, db_default=False)  # for all paper that is no larger, too
    grey_one_sided = MoneyField(default=ZERO)
    grey_two_sided = MoneyField(default=ZERO)
    colour_one_sided = MoneyField(default=ZERO)
    colour_two_sided = MoneyField(default=ZERO)

    class Meta:
        ordering = ("media",)
        constraints = (
            models.UniqueConstraint(fields=("printer", "media"), name="one_cost_per_media"),
            models.CheckConstraint(
                condition=models.Q(
                    grey_one_sided__gte=0, grey_two_sided__gte=0, colour_one_sided__gte=0, colour_two_sided__gte=0
                ),
                name="costs_are_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.media or 'any paper'} on {self.printer_id}"


class CostAdjustment(models.Model):
    """What somebody, or a group's members, pay of all costs, in percent: 0 for nothing, 100 for all of it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="cost_adjustment"
    )
    group = models.OneToOneField(Group, on_delete=models.CASCADE, null=True, related_name="cost_adjustment")
    percent = MoneyField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, group__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False),
                name="adjustment_is_for_one",
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=1000), name="adjustment_is_a_percentage"
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} %"
