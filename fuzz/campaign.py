"""Runs harnesses one after the other, each in its own process, and reads from libFuzzer's output what came of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.seeds import plant

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".fuzz"
"""Corpora grow here from run to run, and inputs that broke something are kept here."""

RSS_LIMIT_MB = 1024
UNIT_TIMEOUT_S = 20
MOST_INPUT_OCTETS = 65536
MOST_FINDINGS = 5
"""A parser that broke so often is not fuzzed on."""

_STATUS = re.compile(r"^#(\d+)\s.*?cov: (\d+) ft: (\d+).*?corp: (\d+).*?exec/s: (\d+) rss: (\d+)Mb", re.MULTILINE)
_FINDING = re.compile(r"Test unit written to (\S+)")


@dataclass(slots=True)
class Outcome:
    """What fuzzing one target came to. `coverage` counts edges of our code; memory is in megabytes."""

    target: str
    executions: int = 0
    coverage: int = 0
    corpus: int = 0
    seconds: float = 0.0
    memory_first: int = 0
    memory_last: int = 0
    findings: list[Path] = field(default_factory=list)
    trouble: str = ""  # why the harness itself did not run


def fuzz(target: str, seconds: int, *, runs: int = 0) -> Outcome:
    """Fuzzes for so many seconds (or, for tests, so many `runs`); goes on after a finding while there is time."""
    outcome = Outcome(target)
    corpus, found = WORK / "corpus" / target, WORK / "findings" / target
    found.mkdir(parents=True, exist_ok=True)
    plant(target, corpus)
    begun = time.monotonic()
    while (left := seconds - (time.monotonic() - begun)) >= 1 and len(outcome.findings) < MOST_FINDINGS:
        output, code = _run(target, corpus, found, int(left), runs)
        _read(output, outcome)
        finding = _FINDING.search(output)
        if finding is not None:
            outcome.findings.append(Path(finding[1]))
            (WORK / "findings" / f"{Path(finding[1]).name}.txt").write_text(output[-20000:])
        elif code != 0:
            outcome.trouble = output.strip().splitlines()[-1] if output.strip() else f"exit code {code}"
        if finding is None:
            break
    outcome.seconds = time.monotonic() - begun
    return outcome


def _run(target: str, corpus: Path, found: Path, seconds: int, runs: int) -> tuple[str, int]:
    scratch = Path(tempfile.mkdtemp(prefix="everprint-fuzz-"))
    options = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={RSS_LIMIT_MB}",
        f"-timeout={UNIT_TIMEOUT_S}",
        f"-max_len={MOST_INPUT_OCTETS}",
        f"-artifact_prefix={found}/",
        *([f"-runs={runs}"] if runs else []),
    ]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fuzz.harness", target, str(corpus), *options],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(scratch), "TMPDIR": str(scratch), "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds + 10 * UNIT_TIMEOUT_S,
            check=False,
        )
        return done.stdout.decode("utf-8", "replace"), done.returncode
    except subprocess.TimeoutExpired as expired:
        return (expired.stdout or b"").decode("utf-8", "replace"), -1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _read(output: str, outcome: Outcome) -> None:
    statuses = [tuple(map(int, status)) for status in _STATUS.findall(output)]
    if not statuses:
        return
    executions, coverage, _, corpus, _, memory = statuses[-1]
    outcome.executions += executions
    outcome.coverage = max(outcome.coverage, coverage)
    outcome.corpus = corpus
    outcome.memory_first = outcome.memory_first or statuses[0][-1]
    outcome.memory_last = memory
