"""The state that clients see: the device's, unless an operator or a waiting job says otherwise."""

from __future__ import annotations

import pytest

from everprint.contract.messages import PrinterState
from everprint.ipp.message import Group, integer, keyword, octet_string
from everprint.ipp.tags import GroupTag
from everprint.provider.queue_control import QueueControl
from everprint.provider.queue_state import DeviceStatus, state_of
from everprint.provider.volatile_attributes import UpTime, volatile_attributes
from tests.provider.test_queue import queue

IDLE, PROCESSING, STOPPED = 3, 4, 5


@pytest.mark.parametrize(
    ("device", "control", "jobs_wait", "state", "reasons"),
    [
        (PrinterState.IDLE, QueueControl(), False, IDLE, ()),
        (PrinterState.IDLE, QueueControl(), True, PROCESSING, ()),
        (PrinterState.PROCESSING, QueueControl(), False, PROCESSING, ()),
        (PrinterState.STOPPED, QueueControl(), True, STOPPED, ()),
        (PrinterState.UNREACHABLE, QueueControl(), True, STOPPED, ()),
        (PrinterState.IDLE, QueueControl(disabled=True), False, IDLE, ()),
        (PrinterState.IDLE, QueueControl(paused=True), True, STOPPED, ("paused",)),
        (PrinterState.STOPPED, QueueControl(paused=True), False, STOPPED, ("paused",)),
    ],
)
def test_states(
    device: PrinterState, control: QueueControl, jobs_wait: bool, state: int, reasons: tuple[str, ...]
) -> None:
    said = state_of(DeviceStatus(device, ()), control, accepting=True, jobs_wait=jobs_wait)
    assert (said.state, said.reasons, said.accepting) == (state, reasons, not control.disabled)
    assert not state_of(DeviceStatus(device, ()), control, accepting=False, jobs_wait=jobs_wait).accepting


def test_the_moment_of_a_change_is_that_of_the_last_one() -> None:
    one = queue()
    state, config = one.state_since, one.config_since
    one.note_jobs(wait=False)
    one.change_control(QueueControl(message="only a word"))
    assert (one.state_since, one.config_since) == (state, config)
    one.note_jobs(wait=True)
    one.change_status(DeviceStatus(PrinterState.IDLE, ()))
    assert one.state_since != state and one.config_since is config
    one.change_device(Group(GroupTag.PRINTER, (keyword("sides-supported", "one-sided"),)))
    assert one.config_since is not config


def test_supplies_change_without_being_a_change_of_configuration() -> None:
    one = queue()
    config, revision = one.config_since, one.revision
    low = Group(GroupTag.PRINTER, (integer("marker-levels", 3), octet_string("printer-alert", b"code=jam")))
    one.change_supplies(low)
    assert one.shown["marker-levels"].values == (3,)
    assert one.revision > revision and one.config_since is config
    revision = one.revision
    one.change_supplies(low)
    assert one.revision == revision
    one.change_supplies(Group(GroupTag.PRINTER, (integer("marker-levels", 3),)))
    assert "printer-alert" not in one.shown  # the jam is cleared


def test_changes_before_the_start_are_of_the_start() -> None:
    one = queue()
    up_time = UpTime(started_s=one.state_since.monotonic_s + 100)
    group = Group(GroupTag.PRINTER, volatile_attributes(one, 0, up_time))
    assert group.integer("printer-state-change-time") == group.integer("printer-config-change-time") == 1
