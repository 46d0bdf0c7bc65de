"""The settings of the Application Server's one TOML file (role *server*), and where they are read from."""

from __future__ import annotations

import os
import socket
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from everprint.configuration import ConfigurationError, read_settings
from everprint.server.directory_settings import check_directory
from everprint.server.mail_settings import MailSettings, check_mail
from everprint.server.restore_points.keeping import PATTERN
from everprint.serving.own_certificate_file import CERTIFICATE_FILE

if TYPE_CHECKING:
    from everprint.serving.own_certificate import OwnCertificate

ROLE = "server"
SHORTEST_SECRET = 32

# Names the TOML file for every process of this server; the command line sets it from --config.
FILE_VARIABLE = "EVERPRINT_SERVER_FILE"
DEFAULT_FILE = Path("/etc/everprint/server.toml")


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class ServerSettings(MailSettings, frozen=True, kw_only=True):
    """Every setting of the Application Server."""

    state_folder: Annotated[
        str, _says("Folder of what the server keeps: the secret key and, by default, the database")
    ] = "/var/lib/everprint/server"
    database: Annotated[
        str,
        _says(
            "Where the data is: empty for SQLite in the state folder, sqlite:///absolute/path, or "
            "postgresql://user:password@host:5432/name (several hosts separated by commas)"
        ),
    ] = ""
    server_name: Annotated[str, msgspec.Meta(min_length=1, description="The name people see on the pages")] = (
        "Everprint"
    )
    http_listen: Annotated[
        list[str],
        _says("host:port of each plain HTTP listener; only this machine by default, as nothing is encrypted there"),
    ] = msgspec.field(default_factory=lambda: ["127.0.0.1:9191"])
    https_listen: Annotated[
        list[str], _says("host:port of each HTTPS listener, * for every address; used when a certificate is given")
    ] = msgspec.field(default_factory=lambda: ["*:9192"])
    certificate: Annotated[str, _says("PEM file with the server's certificate and its chain; empty for no HTTPS")] = (
        ""
    )
    certificate_key: Annotated[str, _says("PEM file with the certificate's private key")] = ""
    own_certificate: Annotated[
        bool,
        _says(
            "Without a certificate: make an authority and a certificate of its own at the first start, and renew it "
            "in time (`everprint server certificate` shows what clients must trust)"
        ),
    ] = False
    allowed_hosts: Annotated[
        list[str], _says("Host names under which people reach the pages; a request for another name is refused")
    ] = msgspec.field(default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"])
    metrics_from: Annotated[
        list[str], _says("Networks (like 10.1.2.0/24) from which /metrics is answered; by default this machine only")
    ] = msgspec.field(default_factory=lambda: ["127.0.0.0/8", "::1/128"])
    trusted_origins: Annotated[
        list[str],
        _says("Origins (https://name:port) besides the server's own from which forms are taken, for a reverse proxy"),
    ] = msgspec.field(default_factory=list)
    currency: Annotated[
        str, msgspec.Meta(pattern="^[A-Z]{3}$", description="The installation's currency (ISO 4217 code)")
    ] = "EUR"
    currency_decimals: Annotated[
        int, msgspec.Meta(ge=0, le=4, description="Digits after the decimal point in amounts that people see")
    ] = 2
    time_zone: Annotated[str, _says("Time zone of the moments that people see (IANA name)")] = "UTC"
    create_users_on_first_print: Annotated[
        bool,
        _says(
            "Make an account for a name that prints for the first time from a trusted network; "
            "if false, its jobs are refused"
        ),
    ] = True
    initial_credit: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$",
            description="Credit that an account made on first print starts with",
        ),
    ] = "0.00"
    previews_keep_h: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=720,
            description="Hours for which small pictures of a job's pages are kept for its owner to see; 0 keeps none",
        ),
    ] = 24
    archive_folder: Annotated[
        str,
        msgspec.Meta(
            pattern="^(|/.*)$",
            description="Folder of the archives of old jobs, where the installation's setting archive_jobs wants "
            "them; empty: archive in state_folder",
        ),
    ] = ""
    offline_credit: Annotated[
        str,
        msgspec.Meta(
            pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$",
            description="What one person may print for, at the most, while this server is away for a print server; "
            "an account can have a limit of its own",
        ),
    ] = "5.00"
    hand_over_mib: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="Documents on their way from one print server to another that the database holds at the "
            "most (MiB); what is larger is not handed over",
        ),
    ] = 1024
    payment_url: Annotated[
        str,
        _says(
            "Address of the payment gateway that people are sent to; empty for none, and the word test for the "
            "built-in test gateway, which takes no money"
        ),
    ] = ""
    payment_secret: Annotated[str, _says("What the payment gateway and this server sign their messages with")] = ""
    restore_points: Annotated[
        str,
        _says(
            "Where restore points of the embedded database are kept, in restic's words: a folder, "
            "sftp:user@host:/folder, s3:https://host/bucket; empty for nowhere"
        ),
    ] = ""
    restore_points_key_file: Annotated[
        str,
        _says("File with the key that restore points are encrypted with; empty: restore-points.key in state_folder"),
    ] = ""
    restore_points_keep: Annotated[
        str,
        msgspec.Meta(
            pattern=PATTERN,
            description="The newest restore points of so many hours (h), days (d), weeks (w) and months (m) are "
            "kept, and the last three in any case",
        ),
    ] = "24h 7d 5w 12m"
    free_space_mib: Annotated[
        int,
        msgspec.Meta(ge=1, description="With less free disk space than this (MiB) the server is not ready"),
    ] = 200

    @property
    def state_path(self) -> Path:
        """The state folder."""
        return Path(self.state_folder)

    @property
    def archive_path(self) -> Path:
        """The folder of the archives of old jobs."""
        return Path(self.archive_folder) if self.archive_folder else self.state_path / "archive"

    @property
    def secret_key_path(self) -> Path:
        """The file with the key that signs sessions; made by `everprint server init`, mode 0600."""
        return self.state_path / "secret-key"


def settings_file() -> Path | None:
    """The TOML file of this process: the one named in the environment, else the usual one if it is there."""
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def read_server_settings() -> ServerSettings:
    """This process's settings.

    Raises ConfigurationError.
    """
    settings = read_settings(ROLE, ServerSettings, settings_file())
    if settings.time_zone not in zoneinfo.available_timezones():
        raise ConfigurationError(
            f"time_zone: {settings.time_zone!r} is not a time zone; expected one such as UTC or Europe/Berlin"
        )
    check_directory(settings)
    check_mail(settings)
    if settings.certificate_key and not settings.certificate:
        raise ConfigurationError("certificate_key: there is a key, but no certificate; give both or neither")
    if settings.payment_url not in ("", "test"):
        if not settings.payment_url.startswith("https://") or "?" in settings.payment_url:
            raise ConfigurationError(
                f"payment_url: {settings.payment_url!r} cannot be used; expected https://... without a query, or test"
            )
        if len(settings.payment_secret) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"payment_secret: give at least {SHORTEST_SECRET} characters that nobody can guess"
            )
    if settings.own_certificate and not settings.certificate:
        return msgspec.structs.replace(settings, certificate=str(settings.state_path / CERTIFICATE_FILE))
    return settings


def own_certificate(settings: ServerSettings) -> OwnCertificate | None:
    """The certificate of its own, if the settings want one and give none."""
    if settings.certificate != str(settings.state_path / CERTIFICATE_FILE):
        return None
    from everprint.serving.own_certificate import OwnCertificate  # not imported where a certificate is given, or none

    names = {name.strip("[]") for name in settings.allowed_hosts if name != "*"}
    return OwnCertificate(settings.state_path, {*names, socket.gethostname(), "localhost", "127.0.0.1", "::1"})
