"""The story itself: one drill after the other in a lab that runs, each told as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from demo.cluster.teller import Onlooker, Teller
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.lab_stage import lab_drill, lab_stage
from everprint.cluster.drill.people import Client
from everprint.cluster.drill.report import Report, keep_report
from everprint.cluster.drill.victims import victim_of
from everprint.cluster.lab.laboratory import Laboratory


def tell_story(
    teller: Teller, laboratory: Laboratory, kinds: Sequence[Kind], reports: Path, patience_s: float
) -> int:
    """The exit code: 0 if every job was printed once and charged once. Raises DrillFailed, NotAnswered, LabError."""
    told: list[Report] = []
    teller.say("Setting up a user, a queue at each print server for one printer, and what a side costs")
    with lab_stage(laboratory, patience_s) as stage:
        onlooker = Onlooker(teller, lambda: stage.asker.printed(stage.printer))

        def look_on(client: Client) -> None:
            onlooker.look(client)

        drill = lab_drill(laboratory, stage, patience_s, teller.say, look_on)
        try:
            for kind in kinds:
                teller.say("Somebody prints all the time, in turn at all print servers")
                report = drill.run(kind, victim_of(drill.topology))
                keep_report(report, reports)
                told.append(report)
                for line in report.lines():
                    teller.say(line)
        finally:
            if told:
                teller.table(told)
    return 0 if all(report.is_right for report in told) else 1
