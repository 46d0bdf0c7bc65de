"""Rules as they are kept: whom and which printers each is for as references, its other conditions as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from everprint.contract.rules import Action
from everprint.server.charging.models import SharedAccount
from everprint.server.people.models import Group
from everprint.server.printers.models import Printer

if TYPE_CHECKING:
    JSONObject = models.JSONField[dict[str, Any], dict[str, Any]]
else:
    JSONObject = models.JSONField


class Rule(models.Model):
    """One rule (contract.rules). Changed through rules.setting, which tells the providers."""

    name = models.CharField(max_length=100, unique=True)
    position = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    everywhere = models.BooleanField(default=True)
    printers = models.ManyToManyField(Printer, related_name="rules", blank=True)
    # A rule for some people whose last group was removed is for nobody, and not for everybody.
    everybody = models.BooleanField(default=True)
    groups = models.ManyToManyField(Group, related_name="+", blank=True)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    except_groups = models.ManyToManyField(Group, related_name="+", blank=True)
    except_users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    conditions = JSONObject(default=dict, blank=True)  # contract Conditions
    action = models.CharField(max_length=20, choices=[(action.value, action.value) for action in Action])
    message = models.CharField(max_length=300, blank=True, default="")
    redirect_to = models.ForeignKey(Printer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Who pays for what it lets through. Servers of the release before let it through, and read no account.
    charge_to = models.ForeignKey(SharedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name
