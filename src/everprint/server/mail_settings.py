"""The settings about mail: through which server it leaves, and as whose."""

from __future__ import annotations

from typing import Annotated

import msgspec

from everprint.configuration import ConfigurationError
from everprint.server.directory_settings import DirectorySettings, is_here

NO_TLS, STARTTLS, TLS = "none", "starttls", "tls"


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class MailSettings(DirectorySettings, frozen=True, kw_only=True):
    """Every setting about mail, beside those about the directory (one struct has one parent)."""

    smtp_host: Annotated[str, _says("Mail server that takes our mails; empty: no mail is sent")] = ""
    smtp_port: Annotated[int, msgspec.Meta(ge=1, le=65535, description="Its port: 587, or 465 with tls")] = 587
    smtp_tls: Annotated[
        str,
        msgspec.Meta(
            pattern="^(none|starttls|tls)$",
            description="How the way there is encrypted: starttls, tls (from the first octet), or none",
        ),
    ] = STARTTLS
    smtp_ca_certificate: Annotated[
        str,
        _says("PEM file with the authorities that the mail server's certificate is checked against; empty: system"),
    ] = ""
    smtp_user: Annotated[str, _says("Name that we sign in with at the mail server; empty: we do not sign in")] = ""
    smtp_password: Annotated[str, _says("The password that goes with it")] = ""
    smtp_timeout_s: Annotated[
        int, msgspec.Meta(ge=1, le=120, description="Seconds after which a mail server that does not answer is away")
    ] = 10
    mail_from: Annotated[
        str, _says("Sender of our mails, like print@example.org or Printing <print@example.org>")
    ] = ""
    pages_url: Annotated[
        str,
        _says("Where people reach the pages, for links in mails, like https://print.example.org; empty: no links"),
    ] = ""

    @property
    def sends_mail(self) -> bool:
        """True if there is a mail server to give mails to."""
        return bool(self.smtp_host)


def check_mail(settings: MailSettings) -> None:
    """Raises ConfigurationError for what is missing or cannot be."""
    if settings.pages_url and not settings.pages_url.startswith(("https://", "http://")):
        raise ConfigurationError(f"pages_url: {settings.pages_url!r} is no address; expected https://...")
    if not settings.sends_mail:
        return
    if "@" not in settings.mail_from or not settings.mail_from.isprintable():
        raise ConfigurationError("mail_from: say who our mails are from, like print@example.org")
    if settings.smtp_password and settings.smtp_tls == NO_TLS and not is_here(settings.smtp_host):
        raise ConfigurationError(
            f"smtp_tls: to {settings.smtp_host} the password would go in the clear; use starttls or tls"
        )
