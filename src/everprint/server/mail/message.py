"""A mail as the message that goes over the wire (RFC 5322, MIME)."""

from __future__ import annotations

from collections.abc import Iterable
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from everprint.server.mail.models import Attachment, Mail


def message_of(mail: Mail, sender: str, attachments: Iterable[Attachment] = ()) -> EmailMessage:
    """The message, the same at each try.

    Raises ValueError for an address that cannot stand in a message.
    """
    message = EmailMessage()
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.made_at)
    message["From"] = sender_address(sender)
    message["To"] = _address("", mail.to)
    message["Subject"] = mail.subject
    # RFC 3834: nobody's out-of-office program answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for file in attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(bytes(file.octets), maintype=main, subtype=sub, filename=file.name)
    return message


def sender_address(sender: str) -> Address:
    """The setting *mail_from* as an address: with a name before it, or bare."""
    return _address(*parseaddr(sender))


def ascii_address(address: str) -> str:
    """The address with its domain as DNS has it (RFC 5891): mail servers need no SMTPUTF8 for it.

    Raises ValueError if its domain is none.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def _address(name: str, address: str) -> Address:
    try:
        return Address(display_name=name, addr_spec=ascii_address(address))
    except MessageError as error:
        raise ValueError(f"{address} is not a mail address") from error
