"""A private CUPS: Debian's cupsd and its filters with every folder, port and socket of its own.

Started by root it runs its filters and backends as the user lp, as on any print server; else all as ourselves.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from rig import ipptool
from rig.folder import private_folder
from rig.ports import free_port, is_listening
from rig.process import Process
from rig.waiting import wait_for

CUPSD_CONF = """\
LogLevel {log_level}
Listen 127.0.0.1:{port}
Listen {folder}/cups.sock
Browsing No
BrowseLocalProtocols none
WebInterface No
IdleExitTimeout 0
DefaultAuthType None
ErrorPolicy {error_policy}
JobRetryInterval 2
MaxJobs 0
MaxClients {max_clients}
MaxClientsPerHost {max_clients}
DirtyCleanInterval {dirty_clean_interval}
PreserveJobHistory Yes
PreserveJobFiles {preserve_files}
<Location />
  Order allow,deny
  Allow localhost
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    AuthType None
    Order deny,allow
  </Limit>
</Policy>
"""

CUPS_FILES_CONF = """\
ServerRoot {folder}/etc
RequestRoot {folder}/spool
CacheDir {folder}/cache
TempDir {folder}/tmp
StateDir {folder}/state
DocumentRoot {folder}/etc
ServerKeychain {folder}/etc/ssl
AccessLog {folder}/access_log
ErrorLog stderr
PageLog {folder}/page_log
Printcap
FileDevice No
SystemGroup root
SyncOnClose {sync_on_close}
ServerBin {server_bin}
"""

SERVER_BIN = Path("/usr/lib/cups")

JOB_STATES = {
    3: "pending",
    4: "pending-held",
    5: "processing",
    6: "processing-stopped",
    7: "canceled",
    8: "aborted",
    9: "completed",
}


_STOPPED = 5  # RFC 8011 section 5.4.11


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as CUPS sees it."""

    state: str  # the keyword of RFC 8011 section 5.3.7
    reasons: tuple[str, ...]
    message: str  # job-printer-state-message: what the backend said last

    @property
    def is_final(self) -> bool:
        """True if nothing can follow."""
        return self.state in ("canceled", "aborted", "completed")


class Cupsd:
    """A running cupsd, and the commands of its clients."""

    def __init__(self, process: Process, folder: Path, port: int) -> None:
        self.process = process
        self.folder = folder
        self.port = port
        # The user's own ~/.cups/lpoptions must not count.
        self.environment = {
            **os.environ,
            "CUPS_SERVER": f"127.0.0.1:{port}",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
        }

    def uri(self, queue: str) -> str:
        """The queue's address for IPP clients."""
        return f"ipp://127.0.0.1:{self.port}/printers/{queue}"

    def add_driverless_queue(
        self, name: str, device_uri: str, options: Mapping[str, str] | None = None, *, follows_jobs: bool = True
    ) -> None:
        """A queue for an IPP Everywhere printer, made by asking the printer what it can do. Unless it follows its
        jobs, they end when the printer has them, and none waits for the end of the one before.
        """
        self._lpadmin("-p", name, "-v", device_uri, "-m", "everywhere", "-E", *_options(options or {}))
        # cupsd asks the printer in the background; until it has, jobs go out grey and without their options.
        wait_for(f"what CUPS knows of {name}", (self.folder / f"etc/ppd/{name}.ppd").exists, every_s=0.02)
        if not follows_jobs:
            self._lpadmin("-p", name, "-v", f"{device_uri}?waitjob=false")

    def add_raw_queue(self, name: str, device_uri: str = "socket://127.0.0.1:9", *, started: bool = False) -> None:
        """A queue that passes documents as they are; unless started it accepts jobs and keeps them pending."""
        self._lpadmin("-p", name, "-v", device_uri, "-m", "raw")
        self.command("cupsaccept", name)
        if started:
            self.command("cupsenable", name)

    def lp(
        self, document: Path, queue: str, *, user: str, title: str = "", options: Mapping[str, str] | None = None
    ) -> int:
        """Prints a file as that user; the job's number in CUPS."""
        arguments = ["-d", queue, "-U", user, *_options(options or {})]
        if title:
            arguments += ["-t", title]
        said = self.command("lp", *arguments, "--", str(document))
        found = re.search(r"request id is \S+-(\d+) ", said)
        assert found, f"lp said: {said}"
        return int(found.group(1))

    def stopped_queues(self) -> list[str]:
        """The queues that send nothing. Raises NoAnswer."""
        wanted = ["ATTR keyword requested-attributes printer-name,printer-state"]
        answer = ipptool.ask(f"ipp://127.0.0.1:{self.port}/", "CUPS-Get-Printers", wanted)
        return [str(queue["printer-name"]) for queue in answer.groups if queue.get("printer-state") == _STOPPED]

    def start_queue(self, name: str) -> None:
        """Lets a stopped queue send again, as an administrator does."""
        self.command("cupsenable", name)

    def job_status(self, job_id: int) -> JobStatus:
        """Where the job stands."""
        wanted = "job-state,job-state-reasons,job-printer-state-message"
        answer = ipptool.ask(
            f"ipp://127.0.0.1:{self.port}/",
            "Get-Job-Attributes",
            [f"ATTR integer job-id {job_id}", f"ATTR keyword requested-attributes {wanted}"],
        )
        assert answer.status == "successful-ok", f"job {job_id}: {answer.status} {answer.message}"
        state = answer.first["job-state"]
        return JobStatus(
            state=JOB_STATES[state] if isinstance(state, int) else str(state),
            reasons=tuple(ipptool.strings(answer.first, "job-state-reasons")),
            message=str(answer.first.get("job-printer-state-message", "")),
        )

    def job_state(self, job_id: int) -> str:
        """The job's state alone, as its keyword."""
        return self.job_status(job_id).state

    def wait_for_end(self, job_id: int, *, within_s: float = 120.0) -> JobStatus:
        """The job's last status, once it is completed, canceled or aborted."""

        def look() -> JobStatus | None:
            status = self.job_status(job_id)
            return status if status.is_final else None

        return cast("JobStatus", wait_for(f"the end of job {job_id} in CUPS", look, within_s=within_s, every_s=0.1))

    @property
    def socket(self) -> Path:
        """Where local programs reach it."""
        return self.folder / "cups.sock"

    @property
    def server_root(self) -> Path:
        """Its configuration: printers.conf, ppd/."""
        return self.folder / "etc"

    @property
    def backends(self) -> Path:
        """The folder of its backends; ours to add to, if it was started with `own_backends`."""
        return self.folder / "bin/backend"

    def device_uri(self, queue: str) -> str:
        """Where the queue sends its jobs."""
        return self.lpstat("-v", queue).partition(": ")[2].strip()

    def log(self) -> str:
        """What cupsd, its filters and its backends wrote."""
        return self.process.log.read_text("utf-8", "replace")

    def lpstat(self, *arguments: str) -> str:
        """What lpstat shows."""
        return self.command("lpstat", *arguments)

    def command(self, *argv: str) -> str:
        """Runs a CUPS command against this server; what it printed."""
        result = subprocess.run(
            argv,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
        if result.returncode != 0:
            raise CommandFailed(f"{' '.join(argv)}: {result.stderr.strip() or result.stdout.strip()}")
        return result.stdout

    def _lpadmin(self, *arguments: str) -> None:
        self.command("lpadmin", *arguments)


class CommandFailed(Exception):
    """A CUPS command that failed; the text is its own."""


def _options(options: Mapping[str, str]) -> Sequence[str]:
    return [part for key, value in options.items() for part in ("-o", f"{key}={value}")]


@contextmanager
def run_cupsd(
    *,
    sync_on_close: bool = False,
    error_policy: str = "retry-job",
    log_level: str = "warn",
    dirty_clean_interval: int = 30,
    max_clients: int = 500,
    user: str | None = None,
    own_backends: bool = False,
) -> Iterator[Cupsd]:
    """A cupsd for as long as the context lasts; as `user` if root names one, else as ourselves.

    CUPS saves what it knows of its jobs every `dirty_clean_interval` seconds (30 is its default; 0: at once), and
    `sync_on_close` then syncs these files. It never syncs a document. With `own_backends` its folder of backends is
    private, too, and has all that CUPS has.
    """
    with private_folder("cupsd") as folder:
        port = free_port()
        _lay_out(folder, user)
        configuration, files = folder / "etc/cupsd.conf", folder / "etc/cups-files.conf"
        # CUPS's default is to keep documents for a day.
        keep = {"preserve_files": "Yes" if own_backends else "No"}
        choices = {
            **keep,
            "error_policy": error_policy,
            "log_level": log_level,
            "dirty_clean_interval": dirty_clean_interval,
            "max_clients": max_clients,
        }
        configuration.write_text(CUPSD_CONF.format(folder=folder, port=port, **choices))
        server_bin = _lay_out_programs(folder) if own_backends else SERVER_BIN
        sync = "Yes" if sync_on_close else "No"
        files.write_text(CUPS_FILES_CONF.format(folder=folder, sync_on_close=sync, server_bin=server_bin))
        process = Process(
            ["/usr/sbin/cupsd", "-f", "-c", configuration, "-s", files],
            log=folder / "error_log",
            ready=lambda: is_listening(port),
            user=user,
        )
        with process:
            yield Cupsd(process, folder, port)


def _lay_out(folder: Path, user: str | None) -> None:
    """cupsd mends the modes of most of its folders itself, but not of the one where filters put their files."""
    for name in ("etc", "spool", "cache", "tmp", "state"):
        (folder / name).mkdir()
    (folder / "tmp").chmod(0o1777)
    if user is not None:
        subprocess.run(["chown", "-R", user, str(folder)], check=True)


def _lay_out_programs(folder: Path) -> Path:
    """A ServerBin of links to that of the system."""
    server_bin = folder / "bin"
    (server_bin / "backend").mkdir(parents=True)
    for found in SERVER_BIN.iterdir():
        if found.name != "backend":
            (server_bin / found.name).symlink_to(found)
    for backend in (SERVER_BIN / "backend").iterdir():
        (server_bin / "backend" / backend.name).symlink_to(backend.resolve())
    return server_bin
