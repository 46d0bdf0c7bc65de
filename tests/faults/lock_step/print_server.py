"""A print server from Everprint's own image, with its Application Server on a host beside it and the lab's printer.

The document is a PDF that is sent by one Print-Job. What came of it is asked of the printer, and of the ledger.
"""

from __future__ import annotations

import hashlib
import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from statistics import median

import pikepdf

from everprint.cluster.drill.lab_stage import lab_stage
from everprint.cluster.drill.note import note
from everprint.cluster.drill.people import Client, NotAnswered, Row
from everprint.cluster.drill.stage import Stage
from everprint.cluster.lab.laboratory import Laboratory
from everprint.virtual_printer.job import Job
from everprint.virtual_printer.record import JobFolders
from rig.vm_lab import FOLDER, build_missing_image
from rig.waiting import wait_for
from tests.faults.lock_step.guest import LASTING_S, OCTETS, Outcome, People, Said, Say

HERE = Path(__file__).parent
BOOTED_S, PATIENT_S, COST_S = 3600.0, 900.0, 30.0
LOOK_EVERY_S = 2.0


class PrintServer:
    """On four hosts, so that the Application Server is where no host dies."""

    def topology(self) -> str:
        """As `Guest` has it."""
        return (HERE / "print_server.toml").read_text("utf-8")

    def image(self, folder: Path, say: Say) -> Path:
        """The one that the machine's labs share: it takes minutes to build."""
        image = FOLDER / "image"
        build_missing_image(image, say)
        return image

    @contextmanager
    def people(self, lab: Laboratory, say: Say) -> Iterator[People]:
        """As soon as there is a queue that takes jobs."""
        began = time.monotonic()
        (vm,) = lab.topology().vms
        wait_for(f"{vm.name} to answer", lambda: lab.lives(vm), within_s=BOOTED_S, every_s=LOOK_EVERY_S)
        say(f"{vm.name} has enrolled, and answers {time.monotonic() - began:.0f} s after")
        with lab_stage(lab, BOOTED_S) as stage:
            yield _Printing(lab, stage)


class _Printing:
    def __init__(self, lab: Laboratory, stage: Stage) -> None:
        self._lab = lab
        self._stage = stage
        self._paper = JobFolders(lab.folder / "printer")
        self._sent: dict[str, str] = {}
        """Name to checksum of the documents that were sent in the rounds."""
        self._asked = 0

    def sending(self, name: str) -> list[str]:
        document = self._lab.folder / f"{name}.pdf"
        document.write_bytes(large_note(name))
        self._sent[name] = hashlib.sha256(document.read_bytes()).hexdigest()
        (queue,) = self._stage.queues
        argv = [sys.executable, str(HERE / "printing_client.py"), queue, self._stage.user, name]
        return [*argv, str(document), str(LASTING_S)]

    def outcome(self, name: str, said: Said) -> Outcome:
        """Waits until the job is over at the Application Server, which hears of it last."""
        if said["status"] != "successful-ok":
            return Outcome(whole=False, charged=0, printed=0)
        wait_for(f"the end of {name}", lambda: self._is_over(name), within_s=PATIENT_S, every_s=LOOK_EVERY_S)
        out = self._on_paper(name)
        whole = all((job.document_sha256, job.sheets_completed) == (self._sent[name], 1) for job in out)
        return Outcome(whole, charged=self._charged(name), printed=len(out))

    def cost(self) -> str:
        """Small documents, one after the other."""
        self._asked += 1
        stage, label = self._stage, f"cost-{self._asked}"
        client = Client(self._lab.beside, self._lab.folder, label, stage.user, stage.queues, None, 0.0)
        try:
            wait_for(
                "a first document to be accepted",
                lambda: any(one.is_accepted for one in client.tries()),
                within_s=PATIENT_S,
                every_s=LOOK_EVERY_S,
            )
            time.sleep(COST_S)
        finally:
            client.stop()
        took = [one.took_s for one in client.tries() if one.is_accepted]
        return f"{len(took)} small documents in {COST_S:.0f} s, accepted {median(took):.1f} s after (median)"

    def in_the_end(self) -> str:
        """Each job once at the printer, and once in a ledger that adds up."""
        wrong = []
        for name in self._sent:
            printed, charged = len(self._on_paper(name)), self._charged(name)
            if (printed, charged) != (1, 1):
                wrong.append(f"{name} was printed {printed} times and charged {charged} times")
        proof = self._stage.asker.call("GET", "/ledger-audit")
        if proof["wrong"]:
            wrong.append(f"the ledger is wrong: {proof['findings']}")
        return "; ".join(wrong)

    def _on_paper(self, name: str) -> list[Job]:
        return [job for job in self._paper.read_all(sweep=False) if job.job_name == name and job.sheets_completed]

    def _logged(self, name: str) -> list[Row]:
        """The jobs of that name that the Application Server knows: one, if all is right."""
        try:
            return [row for row in self._stage.asker.items("/jobs", name) if row["document"] == name]
        except NotAnswered:
            return []

    def _is_over(self, name: str) -> bool:
        rows = self._logged(name)
        paid = sum(Decimal(str(row["cost_charged"])) for row in rows)
        return paid > 0 and all(row["finished_at"] is not None for row in rows)

    def _charged(self, name: str) -> int:
        """How often the ledger took money for it for good."""
        jobs = {row["uuid"] for row in self._logged(name)}
        asker = self._stage.asker
        (revenue,) = [one for one in asker.items("/accounts") if one["kind"] == "revenue"]
        return sum(1 for entry in asker.items(f"/accounts/{revenue['id']}/entries") if entry["job"] in jobs)


def large_note(words: str) -> bytes:
    """A PDF of one page, and of the octets of many: most of them nothing on the page refers to."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(note(words))) as pdf:
        pdf.Root.EverprintPadding = pdf.make_stream(hashlib.shake_256(words.encode()).digest(OCTETS))
        pdf.save(out)
    return out.getvalue()
