"""The form of how a printer is asked over SNMP. What is secret is never filled in; left empty, it stays."""

from __future__ import annotations

from django import forms

from everprint.contract.snmp import LONGEST_SECRET, PORT, SnmpAuthentication, SnmpPrivacy, SnmpVersion
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.printers.models import Printer, PrinterSnmp
from everprint.server.printers.snmp import OPEN, SECRETS, BadSnmp, remove_snmp, set_snmp, shown

_OFF = ""
_VERSIONS = [
    (_OFF, "No"),
    (SnmpVersion.V3.value, "Version 3: signed and enciphered"),
    (SnmpVersion.V2C.value, "Version 2c: the community goes over the network in the clear"),
    (SnmpVersion.V1.value, "Version 1: the same, for old printers"),
]
_NONE = "None"
_KEPT = "Empty: it stays as it is."


def _secret(label: str, help_text: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_SECRET, help_text=help_text, widget=widget, strip=False
    )


class SnmpForm(ProblemForm):
    """Version, credentials, and whether jobs are checked against the printer's counter."""

    version = forms.ChoiceField(label="Ask it over SNMP", choices=_VERSIONS, required=False)
    port = forms.IntegerField(label="Port", initial=PORT, min_value=1, max_value=65535)
    community = _secret("Version 1 and 2c: community", _KEPT)
    user_name = forms.CharField(label="Version 3: user name", required=False, max_length=32)
    authentication = forms.ChoiceField(
        label="Version 3: signed by",
        choices=[(one.value, _NONE if one is SnmpAuthentication.NONE else one.name) for one in SnmpAuthentication],
    )
    authentication_key = _secret("Version 3: password to sign with", f"At least 8 characters. {_KEPT}")
    privacy = forms.ChoiceField(
        label="Version 3: enciphered by",
        choices=[(one.value, _NONE if one is SnmpPrivacy.NONE else one.name) for one in SnmpPrivacy],
    )
    privacy_key = _secret("Version 3: password to encipher with", f"At least 8 characters. {_KEPT}")
    check_counter = forms.BooleanField(
        label="Check jobs against its counter",
        required=False,
        help_text="Its counter is read before and after each job, and the job costs the difference where that makes "
        "sense. Jobs go to it one at a time then.",
    )

    @classmethod
    def current(cls, row: PrinterSnmp | None) -> dict[str, object]:
        """What is stored, but for the secrets."""
        return shown(row) if row is not None else {"version": _OFF}

    def save(self, printer: Printer) -> bool:
        """Stores it; False, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        if said["version"] == _OFF:
            remove_snmp(printer)
            return True
        secrets = {name: said[name] for name in SECRETS if said[name]}
        try:
            set_snmp(printer, **{name: said[name] for name in OPEN}, **secrets)
        except BadSnmp as error:
            self.add_error(None, str(error))
            return False
        return True
