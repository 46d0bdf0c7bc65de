"""Connections are open files, and a spool needs some too: clients must never be able to take the last of them."""

from __future__ import annotations

import logging
import resource

logger = logging.getLogger(__name__)

# For spool files, databases, devices and the listeners themselves.
KEPT_FREE = 256


def connections_that_fit(max_connections: int) -> int:
    """How many connections there may be, *max_connections* at most, so that files stay free for the work itself.

    Raises the process's own limit where the system lets it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max_connections + KEPT_FREE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return max_connections
    fitting = max(soft - KEPT_FREE, soft // 2)
    logger.warning(
        "connections limited to=%d wanted=%d reason=open-files limit=%d remedy=LimitNOFILE=%d",
        fitting,
        max_connections,
        soft,
        wanted,
    )
    return fitting
