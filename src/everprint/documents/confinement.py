"""What a process that reads hostile documents gives up, Linux's way. Called in that process, before it reads.

Each step that a system does not allow (a container without namespaces, say) is left out: they are walls behind
walls, and limits and time-outs hold without them. Steps return whether they were taken.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int) -> None:
    """The kernel kills this process when `parent` ends, however it ends. Call it after any change of user."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone")  # it ended before the line above


def never_gain_privileges() -> bool:
    """No set-uid program can lift this process or its children."""
    return bool(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def cut_network() -> bool:
    """From here on there is no network, not even the loopback interface."""
    if _libc.unshare(_CLONE_NEWNET) == 0:
        return True
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    # In the new user namespace we stay who we are; without that no file could be made.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def become_nobody() -> bool:
    """A process of root becomes one of nobody; any other stays what it is."""
    if os.getuid() != 0:
        return False
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    return True


def limit(memory_octets: int, file_octets: int, cpu_s: int | None = None, processes: int | None = None) -> None:
    """Address space, size of any file written, processor time and number of processes; never a core file."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: memory_octets,
        resource.RLIMIT_FSIZE: file_octets,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_NPROC: processes,
    }
    for kind, most in limits.items():
        if most is not None:
            _, hard = resource.getrlimit(kind)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
