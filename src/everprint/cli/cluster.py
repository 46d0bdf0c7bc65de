"""`everprint cluster`: plans, checks and runs clusters of virtual machines."""

from __future__ import annotations

import click

from everprint.cli.cluster_apply import apply, destroy, diff
from everprint.cli.cluster_backup import backup
from everprint.cli.cluster_check import check
from everprint.cli.cluster_database import database
from everprint.cli.cluster_drill import drill
from everprint.cli.cluster_failback import failback
from everprint.cli.cluster_failover import failover
from everprint.cli.cluster_hypervisor import hypervisor
from everprint.cli.cluster_image import image
from everprint.cli.cluster_lab import lab
from everprint.cli.cluster_live import drain, status, undrain
from everprint.cli.cluster_mirror import mirror
from everprint.cli.cluster_plan import plan
from everprint.cli.cluster_replicate import replicate
from everprint.cli.cluster_report import report
from everprint.cli.cluster_upgrade import upgrade
from everprint.cli.command_list import CommandList


@click.group(cls=CommandList)
def cluster() -> None:
    """VM clusters: hosts that may fail, and what goes on when they do."""


for command in (
    check,
    image,
    plan,
    database,
    diff,
    apply,
    status,
    report,
    drain,
    undrain,
    upgrade,
    destroy,
    hypervisor,
    backup,
    mirror,
    replicate,
    failover,
    failback,
    lab,
    drill,
):
    cluster.add_command(command)
