"""The steps between unprotected and protected: on, and off again on either side when the other one is gone.

Their order is what matters. A peer that died without a word leaves connections on which QEMU waits for ever: they
are cut (`yank`, out of band) before anything else is asked. Whether the peer *is* dead is not decided here: the
engine has fenced it, or else both would run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from everprint.cluster.fault_tolerance.command_line import DISK, PARENT
from everprint.cluster.fault_tolerance.machine import COMPARE, MIGRATION, MIRROR, NBD, Place
from everprint.cluster.fault_tolerance.monitor import Monitor, MonitorError

_COPY_S = 6 * 3600.0
_YANKED_S = 20.0
_COPY = "resync"
_REPLICA = "replication0"
_SERVED = {"mirror0": MIRROR, "compare1": COMPARE}
"""Connections that the secondary makes, by the port that they come to."""
_LOOPS = {"compare0": "compare0-0", "compare-out": "compare-out0"}
"""From one filter to another of the same QEMU, by a socket: its two ends."""
_FILTERS: Mapping[str, Mapping[str, object]] = {
    "m0": {"qom-type": "filter-mirror", "netdev": "net0", "queue": "tx", "outdev": "mirror0"},
    "redire0": {"qom-type": "filter-redirector", "netdev": "net0", "queue": "rx", "indev": "compare-out"},
    "redire1": {"qom-type": "filter-redirector", "netdev": "net0", "queue": "rx", "outdev": "compare0"},
    "iothread1": {"qom-type": "iothread"},
    "comp0": {
        "qom-type": "colo-compare",
        "primary_in": "compare0-0",
        "secondary_in": "compare1",
        "outdev": "compare-out0",
        "iothread": "iothread1",
    },
}


async def listen(primary: Monitor, here: Place) -> None:
    """Makes the sockets to which the secondary connects as it starts, and those between the primary's own filters.

    Anew, if they are there: of one that connected and ended nobody takes notice, and no other one would get through.

    Raises MonitorError.
    """
    await _take_away(primary, "chardev-remove", [*_SERVED, *_LOOPS.values(), *_LOOPS])
    for name, which in _SERVED.items():
        await _add_socket(primary, name, _inet(here.address, here.port(which)), server=True)
    for name, other_end in _LOOPS.items():
        path: Mapping[str, object] = {"type": "unix", "data": {"path": str(here.folder / name)}}
        await _add_socket(primary, name, path, server=True)
        await _add_socket(primary, other_end, path, server=False)


async def offer(secondary: Monitor, there: Place) -> None:
    """Makes the twin that waits on `there` ready to be filled: its disk can be written from the other host.

    Raises MonitorError.
    """
    await secondary.do("nbd-server-start", {"addr": _inet(there.address, there.port(NBD))})
    await secondary.do("nbd-server-add", {"device": PARENT, "writable": True})
    await _allow_lock_step(secondary)


async def protect(primary: Monitor, there: Place, *, checkpoint_delay_ms: int) -> None:
    """Has the VM that listens run in lock-step with the one that was offered on `there`: its disk is copied, then its
    memory. It stands still for the last step.

    Raises MonitorError; the VM runs on unprotected after `go_on_alone`.
    """
    target = f"nbd://{there.address}:{there.port(NBD)}/{PARENT}"
    await primary.do(
        "drive-mirror",
        {"device": DISK, "job-id": _COPY, "target": target, "mode": "existing", "format": "raw", "sync": "full"},
    )
    await primary.wait_for("BLOCK_JOB_READY", _COPY_S)
    await primary.do("stop")
    await primary.do("block-job-cancel", {"device": _COPY})
    await primary.wait_for("BLOCK_JOB_COMPLETED", _COPY_S)
    await primary.type(
        f"drive_add -n buddy driver=replication,mode=primary,file.driver=nbd,file.host={there.address},"
        f"file.port={there.port(NBD)},file.export={PARENT},node-name={_REPLICA}"
    )
    await primary.do("x-blockdev-change", {"parent": DISK, "node": _REPLICA})
    for name, what in _FILTERS.items():
        headers = {} if what["qom-type"] == "iothread" else {"vnet_hdr_support": True}
        await primary.do("object-add", {**what, "id": name, **headers})
    await primary.do("migrate-set-parameters", {"x-checkpoint-delay": checkpoint_delay_ms})
    await _allow_lock_step(primary)
    await primary.do("migrate", {"uri": f"tcp:{there.address}:{there.port(MIGRATION)}"})
    await _until_in_lock_step(primary)


async def copied(primary: Monitor) -> float | None:
    """How much of the disk has got across, from 0 to 1; None: it is not being copied.

    Raises MonitorError.
    """
    jobs = await primary.do("query-block-jobs")
    assert isinstance(jobs, list)
    job = next((one for one in jobs if one.get("device") == _COPY), None)
    return job["offset"] / max(job["len"], 1) if job else None


async def is_in_lock_step(twin: Monitor) -> bool:
    """Is it, on whichever side?

    Raises MonitorError.
    """
    status = await twin.do("query-colo-status")
    return isinstance(status, dict) and status.get("mode") in ("primary", "secondary")


async def take_over(secondary: Monitor) -> None:
    """Has the secondary run alone, as the primary did at the last checkpoint and with all that was said since. The
    primary is dead: the caller knows it from the engine.

    Raises MonitorError.
    """
    await secondary.yank([{"type": "migration"}])
    await secondary.do("nbd-server-stop")
    await secondary.do("x-colo-lost-heartbeat")
    for name in ("f2", "f1"):
        await secondary.do("object-del", {"id": name})
    for name in ("red1", "red0"):
        await secondary.do("chardev-remove", {"id": name})
    # Switches learn at once where its address is now.
    await secondary.do("announce-self", {"initial": 50, "max": 550, "rounds": 5, "step": 50})


async def go_on_alone(primary: Monitor) -> None:
    """Has the primary run without its secondary, which is dead (the caller knows it from the engine), however far its
    protection had come. What of it is not there is not taken away.

    Raises MonitorError.
    """
    known = await primary.do("query-yank")
    assert isinstance(known, list)
    await primary.yank([one for one in known if one["type"] in ("migration", "block-node") or _serves(one)])
    if await is_in_lock_step(primary):
        await primary.do("x-colo-lost-heartbeat")
    elif await copied(primary) is not None:
        await primary.do("block-job-cancel", {"device": _COPY, "force": True})
        await primary.wait_for("BLOCK_JOB_COMPLETED", _YANKED_S)
    with suppress(MonitorError):
        await primary.do("x-blockdev-change", {"parent": DISK, "child": "children.1"})
    # It says that the replica cannot be flushed, which is so: it is gone.
    await primary.do("human-monitor-command", {"command-line": f"drive_del {_REPLICA}"})
    await _take_away(primary, "object-del", list(reversed(list(_FILTERS))))
    await _take_away(primary, "chardev-remove", [*_SERVED, *_LOOPS.values(), *_LOOPS])
    await primary.do("cont")


async def _take_away(primary: Monitor, command: str, names: Sequence[str]) -> None:
    for name in names:
        with suppress(MonitorError):
            await primary.do(command, {"id": name})


async def _allow_lock_step(twin: Monitor) -> None:
    """QEMU 11 wants the return path to be asked for with it; 7.2 opens one itself, and fails with two."""
    with_it = [{"capability": name, "state": True} for name in ("return-path", "x-colo")]
    try:
        await twin.do("migrate-set-capabilities", {"capabilities": with_it[1:]})
    except MonitorError:
        await twin.do("migrate-set-capabilities", {"capabilities": with_it})


async def _add_socket(primary: Monitor, name: str, address: Mapping[str, object], *, server: bool) -> None:
    data: dict[str, object] = {"addr": address, "server": server}
    if server:
        data["wait"] = False
    await primary.do("chardev-add", {"id": name, "backend": {"type": "socket", "data": data}})


async def _until_in_lock_step(primary: Monitor) -> None:
    try:
        async with asyncio.timeout(_COPY_S):
            while True:
                answer = await primary.do("query-migrate")
                assert isinstance(answer, dict)
                if answer.get("status") == "colo":
                    return
                if answer.get("status") in ("failed", "cancelled"):
                    raise MonitorError(
                        f"its memory did not get across: {answer.get('error-desc', 'no reason given')}"
                    )
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise MonitorError(f"its memory did not get across within {_COPY_S:.0f} s") from None


def _inet(address: str, port: int) -> Mapping[str, object]:
    return {"type": "inet", "data": {"host": address, "port": str(port)}}


def _serves(instance: Mapping[str, object]) -> bool:
    return instance.get("type") == "chardev" and instance.get("id") in _SERVED
