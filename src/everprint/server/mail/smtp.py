"""The way to the mail server: one connection, encrypted and signed in as the settings say (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import parseaddr

from everprint.server.mail.message import ascii_address
from everprint.server.mail_settings import NO_TLS, TLS, MailSettings

_PERMANENT = 500  # from here on the mail server says: do not try again


class MailServerAway(Exception):
    """The mail server cannot be spoken with, or does not let us in; the text says why. No mail is at fault."""


class NotTaken(Exception):
    """The mail server does not take this mail; `for_good` if it says that it never will."""

    def __init__(self, message: str, *, for_good: bool) -> None:
        super().__init__(message)
        self.for_good = for_good


@contextmanager
def mail_server(settings: MailSettings) -> Iterator[smtplib.SMTP]:
    """A connection that mails can be given to.

    Raises MailServerAway.
    """
    try:
        connection = _connect(settings)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailServerAway(f"{settings.smtp_host}:{settings.smtp_port}: {_words(error)}") from error
    try:
        yield connection
    finally:
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


def give(connection: smtplib.SMTP, message: EmailMessage, sender: str, to: str) -> None:
    """Gives one message to the mail server; when this returns, the mail server answers for it.

    Raises NotTaken; MailServerAway if the connection broke, and then nobody knows whether it was taken.
    """
    try:
        connection.send_message(message, ascii_address(parseaddr(sender)[1]), [ascii_address(to)])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotTaken(_said(code, said), for_good=code >= _PERMANENT) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        if error.smtp_code == 421:
            raise MailServerAway(_words(error)) from error
        # A sender that is refused is our own setting: it may be mended, the mail is not at fault.
        is_mail = isinstance(error, smtplib.SMTPDataError)
        raise NotTaken(_words(error), for_good=is_mail and error.smtp_code >= _PERMANENT) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailServerAway(_words(error)) from error


def _connect(settings: MailSettings) -> smtplib.SMTP:
    host, port, timeout = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_s
    trust = ssl.create_default_context(cafile=settings.smtp_ca_certificate or None)
    if settings.smtp_tls == TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=trust)
    else:
        connection = smtplib.SMTP(host, port, timeout=timeout)
    try:
        if settings.smtp_tls not in (TLS, NO_TLS):
            connection.starttls(context=trust)
        if settings.smtp_user:
            connection.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        connection.close()
        raise
    return connection


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:400]
