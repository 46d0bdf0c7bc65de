"""What tests of mail share: settings that name a mail server, in the test's own process or another."""

from __future__ import annotations

import msgspec
import pytest

SENDER = "Everprint <print@school.example>"


def mail_settings(port: int, **more: object) -> dict[str, object]:
    """Settings with which mails go to that port."""
    return {
        "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", "mail_from": SENDER, "smtp_timeout_s": 60,
        **more,
    }  # fmt: skip


def environment(port: int, **more: object) -> dict[str, str]:
    """The same for a server's process."""
    return {f"EVERPRINT_SERVER_{key.upper()}": str(value) for key, value in mail_settings(port, **more).items()}


def use_mail(patch: pytest.MonkeyPatch, port: int, **more: object) -> None:
    """The same for this process."""
    from everprint.server.mail import outbox, sending
    from everprint.server.pages.views import installation, mails

    for module in (outbox, sending, installation, mails):
        changed = msgspec.structs.replace(module.CONFIGURATION, **mail_settings(port, **more))
        patch.setattr(module, "CONFIGURATION", changed)


def a_letter(subject: str = "Hello") -> None:
    """One letter to anna, in the outbox."""
    from everprint.server.mail.outbox import Letter, post

    assert post("anna@school.example", "test", Letter(subject, "Good day.\n", "<p>Good day.</p>")) is not None
