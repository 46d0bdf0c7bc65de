"""The settings of role *provider*. What the Application Server decides (queues, who may print) is not here."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from everprint.contract.limits import MOST_PREVIEWS

ROLE = "provider"


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One TOML file, each key overridable by EVERPRINT_PROVIDER_<KEY>."""

    state_folder: Annotated[
        str, Meta(description="Folder of the spool, the journal and this print server's credential; on a local disk.")
    ] = "/var/lib/everprint/provider"
    metrics_from: Annotated[
        list[str],
        Meta(
            description="Networks (like 10.1.2.0/24) from which /metrics is answered; by default this machine only."
        ),
    ] = msgspec.field(default_factory=lambda: ["127.0.0.0/8", "::1/128"])
    further_servers: Annotated[
        list[str],
        Meta(
            description="Addresses (https://name:9192) of further Application Servers on the same database as the "
            "one where this print server was enrolled: asked in turn when one does not answer."
        ),
    ] = []
    listen: Annotated[
        str, Meta(description='Address to listen on; "*" is every address, IPv4 and IPv6.', min_length=1)
    ] = "*"
    port: Annotated[
        int, Meta(description="Port of ipp:// and of the health pages; 0 lets the system choose.", ge=0, le=65535)
    ] = 8631
    tls_port: Annotated[
        int, Meta(description="Port of ipps://, used when there is a certificate.", ge=0, le=65535)
    ] = 8632
    certificate: Annotated[
        str,
        Meta(description="PEM file of the TLS certificate and its chain. Queues with passwords need one."),
    ] = ""
    key: Annotated[str, Meta(description="PEM file of the certificate's key, if it is not in the same file.")] = ""
    own_certificate: Annotated[
        bool,
        Meta(
            description="Without a certificate: make an authority and a certificate of its own at the first start, "
            "and renew it in time ('everprint provider certificate' shows what clients must trust)."
        ),
    ] = False
    host_name: Annotated[
        str,
        Meta(description="Name that clients reach this print server by; empty takes the system's host name."),
    ] = ""
    max_document_mib: Annotated[
        int, Meta(description="Largest document that is accepted, in MiB, after decompression.", ge=1, le=1 << 20)
    ] = 1024
    free_space_mib: Annotated[
        int,
        Meta(
            description="Space in MiB that must stay free on the disks of spool and journal; without it new jobs are "
            "refused.",
            ge=1,
        ),
    ] = 256
    max_active_jobs: Annotated[
        int, Meta(description="Unfinished jobs that are kept at the most; further ones are refused.", ge=1)
    ] = 10_000
    max_active_jobs_per_user: Annotated[
        int, Meta(description="Unfinished jobs of one user, in all queues, at the most.", ge=1)
    ] = 1_000
    max_active_jobs_per_address: Annotated[
        int, Meta(description="Unfinished jobs that came from one client's address at the most.", ge=1)
    ] = 5_000
    max_connections: Annotated[
        int, Meta(description="Connections of clients at the same time; each carries one request.", ge=1)
    ] = 4_096
    max_connections_per_address: Annotated[
        int, Meta(description="Connections of one client's address at the same time.", ge=1)
    ] = 256
    finished_jobs_kept: Annotated[
        int,
        Meta(description="Finished jobs whose state clients can still ask for. Their documents are gone.", ge=1),
    ] = 2_000
    told_events_kept: Annotated[
        int,
        Meta(
            description="Events that the Application Server took and that are kept, to be told once more to one that "
            "was restored or is a replica; some 400 octets each.",
            ge=0,
        ),
    ] = 20_000
    keep_documents_h: Annotated[
        float,
        Meta(
            description="Hours for which the documents of finished jobs are kept, to be printed again; 0 removes "
            "each as soon as its job is over.",
            ge=0,
            le=8_760,
        ),
    ] = 0.0
    keep_documents_mib: Annotated[
        int, Meta(description="Space in MiB that kept documents take at the most; the oldest go first.", ge=1)
    ] = 1024
    journal_free_mib: Annotated[
        int,
        Meta(
            description="Space in MiB that the journal's file keeps for what comes next; more is given back to the "
            "disk.",
            ge=1,
        ),
    ] = 32
    max_subscriptions: Annotated[
        int, Meta(description="Subscriptions of clients to events that are kept at the most.", ge=0)
    ] = 2_000
    max_subscriptions_per_user: Annotated[int, Meta(description="Subscriptions that one user may have.", ge=0)] = 50
    jobs_at_device: Annotated[
        int, Meta(description="Jobs of one queue that its printer may have at the same time.", ge=1, le=100)
    ] = 5
    multiple_operation_time_out_s: Annotated[
        int,
        Meta(description="Seconds after which a job without its document is aborted.", ge=1, le=86_400),
    ] = 300
    held_jobs_h: Annotated[
        float,
        Meta(
            description="Hours after its acceptance for which a job waits for its release, or for credit; then it "
            "is aborted. 0 is for ever.",
            ge=0,
            le=8_760,
        ),
    ] = 72.0
    hand_over_time_out_s: Annotated[
        float,
        Meta(
            description="Seconds after which a job that was sent to a printer of another print server, and that this "
            "did not take, is taken back.",
            ge=1,
            le=86_400,
        ),
    ] = 600.0
    decision_wait_s: Annotated[
        float,
        Meta(
            description="Seconds that the answer to a print job may wait for the server's decision, so that the "
            "client can tell its user at once why a job is refused; 0 answers as soon as the job is on disk.",
            ge=0,
            le=30,
        ),
    ] = 3.0
    server_time_out_s: Annotated[
        float,
        Meta(
            description="Seconds without a decision after which the Application Server counts as away, for queues "
            "that go on without it.",
            gt=0,
            le=30,
        ),
    ] = 5.0
    spendable_s: Annotated[
        float,
        Meta(
            description="Seconds after which is asked anew what people can spend, for decisions without the server.",
            ge=0.2,
            le=86_400,
        ),
    ] = 60.0
    max_offline_jobs: Annotated[
        int,
        Meta(
            description="Jobs let through without the Application Server, and not told to it yet, at the most; "
            "further ones wait for it.",
            ge=1,
        ),
    ] = 100_000
    password_cache_s: Annotated[
        int,
        Meta(
            description="Seconds for which a right password is remembered (as a keyed hash, in memory); 0 is never.",
            ge=0,
            le=3_600,
        ),
    ] = 300
    password_away_s: Annotated[
        int,
        Meta(
            description="Seconds for which a password that was right is still taken while the Application Server is "
            "away; 0 is never.",
            ge=0,
            le=7 * 86_400,
        ),
    ] = 43_200
    analysis_workers: Annotated[
        int, Meta(description="Processes that analyse documents; 0 is one a processor.", ge=0, le=64)
    ] = 0
    analysis_time_out_s: Annotated[
        float,
        Meta(
            description="Seconds after which a document's analysis is given up, and so long a page may take to "
            "convert.",
            gt=0,
        ),
    ] = 60.0
    analysis_memory_mib: Annotated[
        int, Meta(description="Memory in MiB that one analysis, or one conversion, may use.", ge=64)
    ] = 1024
    analysis_idle_s: Annotated[
        float,
        Meta(
            description="Seconds without a document after which an analysing process ends and gives its memory back; "
            "the next document waits a moment for a new one. 0 keeps it.",
            ge=0,
            le=86_400,
        ),
    ] = 300.0
    previews: Annotated[
        int,
        Meta(
            description="Pages of each job, from the first, of which small pictures are drawn for its owner to see "
            "at the Application Server; 0 draws none.",
            ge=0,
            le=MOST_PREVIEWS,
        ),
    ] = 12
    device_poll_s: Annotated[
        float, Meta(description="Seconds between two looks at an idle printer.", ge=0.2, le=3_600)
    ] = 30.0
    device_ca_file: Annotated[
        str,
        Meta(description="PEM file of the authorities that sign printers' certificates; empty takes the system's."),
    ] = ""
    cups_socket: Annotated[
        str, Meta(description="Local socket of the CUPS server on this machine, whose queues may be adopted.")
    ] = "/run/cups/cups.sock"
    cups_hook_socket: Annotated[
        str,
        Meta(
            description="Local socket at which the backend of adopted CUPS queues asks; empty is cups/backend.sock "
            "in the state folder."
        ),
    ] = ""
    cups_hook_users: Annotated[
        list[str],
        Meta(
            description="System users whose processes may bring jobs of adopted CUPS queues; empty is root and lp, "
            "by which CUPS runs its backends."
        ),
    ] = []
    snapshot_s: Annotated[
        float,
        Meta(description="Seconds after which the server's settings are fetched again without being asked.", ge=1),
    ] = 300.0
    dns_sd: Annotated[
        bool, Meta(description="Announce the queues by DNS-SD, so that clients find them by themselves.")
    ] = True
    dns_sd_interfaces: Annotated[
        list[str],
        Meta(description="Addresses of the interfaces to announce on; empty is all."),
    ] = []
    log_level: Annotated[
        str, Meta(description="debug, info, warning or error.", pattern="^(debug|info|warning|error)$")
    ] = "info"
