"""A private mail server (aiosmtpd) in a process of its own, which keeps what it takes and can behave badly.

As a program (`python -m rig.mail_server FOLDER PORT [CERTIFICATE KEY]`) it is that server. With a certificate it asks
for STARTTLS and a password. Files in its folder tell it how to behave, from the next mail on: *refuse* holds the
answer to every recipient, and while *hold* is there, a mail that was taken is not answered.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from rig.certificates import Certificates
from rig.folder import private_folder
from rig.ports import free_port, is_listening
from rig.process import Process

USER, PASSWORD = "everprint", "lets mails in"


@dataclass(frozen=True, slots=True)
class MailServer:
    """A running mail server."""

    process: Process
    port: int
    folder: Path

    def taken(self) -> list[EmailMessage]:
        """Every mail that came, in order; one that came twice is there twice."""
        files = sorted(self.folder.glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    def refuse(self, answer: str) -> None:
        """Answers so to every recipient; with an empty text, takes them again."""
        (self.folder / "refuse").write_text(answer)

    def hold(self) -> None:
        """Does not answer for a mail that it took, until `go_on`."""
        (self.folder / "hold").touch()

    def go_on(self) -> None:
        """Answers again."""
        (self.folder / "hold").unlink()


@contextmanager
def run_mail_server(certificates: Certificates | None = None) -> Iterator[MailServer]:
    """A mail server for as long as the context lasts."""
    with private_folder("mail") as folder:
        port = free_port()
        shown = [] if certificates is None else [certificates.certificate, certificates.key]
        process = Process(
            [sys.executable, "-m", "rig.mail_server", folder, str(port), *shown],
            log=folder / "log",
            ready=lambda: is_listening(port),
            folder=Path(__file__).parents[1],
        )
        with process:
            yield MailServer(process, port, folder)


class _Box:
    """What comes, in files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """RFC 5321, section 4.1.1.3"""
        refuse = self._folder / "refuse"
        if refuse.exists() and (answer := refuse.read_text()):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """RFC 5321, section 4.1.1.4"""
        assert isinstance(envelope.content, bytes)
        name = f"{next(self._numbers):05}.eml"
        (self._folder / f"{name}.part").write_bytes(envelope.content)
        (self._folder / f"{name}.part").rename(self._folder / name)
        while (self._folder / "hold").exists():  # noqa: ASYNC110 - another process's file: there is no event
            await asyncio.sleep(0.05)
        return "250 OK"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


async def _serve(folder: Path, port: int, shown: Sequence[str]) -> None:
    box = _Box(folder)
    context: ssl.SSLContext | None = None
    if shown:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*shown)

    def connection() -> SMTP:
        if context is None:
            return SMTP(box)
        return SMTP(box, tls_context=context, require_starttls=True, auth_required=True, authenticator=_authenticate)

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
