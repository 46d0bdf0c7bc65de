"""CUPS's own printer without paper, a device that we did not write; it takes one job at a time.

It does not start without Avahi, and Avahi not without D-Bus, so it gets private ones. Avahi runs in namespaces of its
own: it announces nothing on any real network, and its fixed folder below /run is not the machine's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rig import ipptool
from rig.folder import private_folder
from rig.ports import free_port
from rig.process import Process

BUS_CONF = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
"""

AVAHI_CONF = """\
[server]
use-ipv4=yes
use-ipv6=no
[publish]
publish-hinfo=no
publish-workstation=no
"""

START_AVAHI = (
    "mount -t tmpfs rig /run && mkdir /run/avahi-daemon && exec avahi-daemon {options} -f {folder}/avahi.conf"
)

# What the printer runs for each job: the document is its argument. A PDF comes out in one moment: when its line is in
# the file "paper"; until then nothing is on paper. What came out is told to the printer for its job's attributes.
PRINT_COMMAND = """\
#!/bin/sh
test -s "$1" || exit 1
sleep {seconds:g}
case "$1" in *.pdf) ;; *) exit 0 ;; esac
pages=$(pdfinfo "$1" | sed -n 's/^Pages: *//p')
impressions=$((pages * ${{IPP_COPIES:-1}}))
echo "$impressions $IPP_JOB_NAME" >> "{folder}/paper"
echo "ATTR: job-impressions-completed=$impressions" >&2
"""

FORMATS = ("application/pdf", "image/pwg-raster", "image/urf", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Ippeveprinter:
    """A running ippeveprinter."""

    process: Process
    folder: Path  # one file a job, "<job-id>-<title>.<extension>", and what its print command wrote as ".prn"
    port: int

    @property
    def uri(self) -> str:
        """Its address for IPP clients."""
        return f"ipp://127.0.0.1:{self.port}/ipp/print"

    def paper(self) -> list[tuple[str, int]]:
        """The names of all PDF jobs that came out, in their order, and how many impressions each was."""
        record = self.folder.parent / "paper"
        lines = record.read_text().splitlines() if record.exists() else []
        return [(name, int(number)) for number, _, name in (line.partition(" ") for line in lines)]

    def documents(self) -> list[Path]:
        """The documents of all jobs, by job-id."""
        received = [path for path in self.folder.iterdir() if path.suffix != ".prn"]
        return sorted(received, key=lambda path: int(path.name.partition("-")[0]))


@contextmanager
def run_ippeveprinter(
    name: str = "Foreign printer",
    *,
    seconds_a_job: float = 0.0,
    formats: Sequence[str] = FORMATS,
    options: Sequence[str] = (),
) -> Iterator[Ippeveprinter]:
    """A printer for as long as the context lasts. It keeps every document and takes that long for each job."""
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder("ippeveprinter"))
        environment = stack.enter_context(_discovery(folder))
        received = folder / "received"
        received.mkdir()
        command = folder / "print"
        command.write_text(PRINT_COMMAND.format(seconds=seconds_a_job, folder=folder))
        command.chmod(0o755)
        port = free_port()
        settings: dict[str, str | Path] = {
            "-n": "localhost",
            "-p": str(port),
            "-d": received,
            "-K": folder,
            "-c": command,
            "-f": ",".join(formats),
        }
        process = Process(
            ["ippeveprinter", "-k", *(part for pair in settings.items() for part in pair), *options, name],
            log=folder / "log",
            ready=lambda: _answers(port),
            environment=environment,
        )
        stack.enter_context(process)
        yield Ippeveprinter(process, received, port)


def _answers(port: int) -> bool:
    wanted = ["ATTR keyword requested-attributes printer-state"]
    try:
        answer = ipptool.ask(f"ipp://127.0.0.1:{port}/ipp/print", "Get-Printer-Attributes", wanted, within_s=2)
    except ipptool.NoAnswer:
        return False
    return answer.status == "successful-ok"


@contextmanager
def _discovery(folder: Path) -> Iterator[dict[str, str]]:
    """A D-Bus and an Avahi of its own; the environment that leads to them."""
    (folder / "bus.conf").write_text(BUS_CONF.format(folder=folder))
    (folder / "avahi.conf").write_text(AVAHI_CONF)
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus"}
    bus = Process(
        ["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"],
        log=folder / "bus.log",
        ready=(folder / "bus").exists,
    )
    options = "--no-drop-root --no-chroot --no-proc-title --no-rlimits"
    avahi_log = folder / "avahi.log"
    as_user = ["--user", "--map-root-user"] if os.geteuid() != 0 else []
    avahi = Process(
        ["unshare", *as_user, "--mount", "--net", "sh", "-c", START_AVAHI.format(options=options, folder=folder)],
        log=avahi_log,
        ready=lambda: avahi_log.exists() and "Server startup complete" in avahi_log.read_text("utf-8", "replace"),
        environment=environment,
    )
    with bus, avahi:
        yield environment
