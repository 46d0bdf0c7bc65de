"""What is read out of a console: lines of ours among the kernel's and systemd's, whole or not."""

from __future__ import annotations

from everprint.cluster.image.timings import Mark, Unit, read_marks, read_units
from everprint.cluster.image.trial_machine import Line


def said(*texts: str) -> list[Line]:
    """Each line a second after the one before, with half a second of work."""
    return [Line(float(number), number / 2, text) for number, text in enumerate(texts, start=1)]


def test_a_mark_bears_the_guests_time_and_the_work_until_then() -> None:
    console = said("[    0.5] Linux", "everprint-boot 2.95 kernel", "x", "\x1b[0meverprint-boot 5.32 disks ")
    assert read_marks(console) == (Mark(2.95, 1.0, "kernel"), Mark(5.32, 2.0, "disks"))


def test_half_marks_are_passed_over() -> None:
    assert read_marks(said("everprint-boot", "everprint-boot 1.", "everprint-boot 1.0 ", "everprint-boot x y")) == ()


def test_units_come_with_what_they_took_the_longest_first() -> None:
    console = said(
        "everprint-unit 1000000 1500000 a.service",
        "everprint-unit 2000000 5000000 b.service",
        "everprint-units end",
    )
    assert read_units(console) == (Unit(2.0, 3.0, "b.service"), Unit(1.0, 0.5, "a.service"))


def test_the_table_is_not_read_before_it_is_whole() -> None:
    assert read_units(said("everprint-unit 1000000 1500000 a.service")) is None


def test_units_that_never_were_there_and_lines_that_others_broke_are_left_out() -> None:
    console = said(
        "everprint-unit 3000000 0 failed.service",
        "everprint-unit 0 0 never.service",
        "everprint-unit 1000000 [    9.1] kernel says",
        "everprint-unit 1000000 1000000 at-once.mount",
        "everprint-units end",
    )
    assert read_units(console) == (Unit(1.0, 0.0, "at-once.mount"),)
