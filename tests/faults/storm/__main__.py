"""`make faults`: a storm of any length, or one that was before, by its seed."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path

from tests.faults.storm.checker import check
from tests.faults.storm.keeping import keep
from tests.faults.storm.printers import FOREIGN, VIRTUAL
from tests.faults.storm.schedule import Fault, kinds, make_storm
from tests.faults.storm.site import PRICE, QUEUES
from tests.faults.storm.storm import StormRun, record
from tests.faults.storm.world import run_world

# Some can pay for all, some for a few pages, one for nothing.
CREDIT = ("1000", "1000", "1000", "5.00", "0.50", "0.00")
PRINTERS, USERS = (VIRTUAL, FOREIGN, VIRTUAL), 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=0, help="default: a tenth of the jobs")
    parser.add_argument("--seed", type=int, default=0, help="default: a new one, which is printed")
    parser.add_argument("--jobs-per-s", type=float, default=4.0)
    parser.add_argument("--record", type=Path, help="write down what happened, one JSON object a line")
    parser.add_argument("--keep", type=Path, help="a folder for the journals and logs of all parts")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql", help="of the server")
    parser.add_argument("--queue", choices=("both", *QUEUES), default="both", help="which of a print server's two")
    chosen = parser.parse_args()
    seed = chosen.seed or secrets.randbelow(10**9)
    on_sqlite = chosen.database == "sqlite"
    possible = kinds(on_sqlite=on_sqlite)
    storm = make_storm(
        seed,
        jobs=chosen.jobs,
        faults=chosen.faults or max(1, chosen.jobs // 10),
        jobs_per_s=chosen.jobs_per_s,
        providers=len(PRINTERS),
        queues=[number for number, name in enumerate(QUEUES) if chosen.queue in ("both", name)],
        users=USERS,
        only=possible,
    )
    print(f"seed {seed}: {storm.jobs} jobs, {storm.faults} faults", flush=True)
    print(
        f"kinds of fault: {len(possible)}; not on {chosen.database}: {', '.join(sorted(set(Fault) - set(possible)))}"
    )
    began = time.monotonic()
    with run_world(printers=PRINTERS, users=USERS, credit=CREDIT, with_cups=True, on_sqlite=on_sqlite) as world:
        where = "machines of their own" if world.network else "this machine: network namespaces need root"
        print(f"all parts are on {where}", flush=True)
        weather, evidence = StormRun(world, storm, say=lambda text: print(text, flush=True)).run()
        violations = check(weather.submissions, evidence, PRICE)
        if chosen.keep:
            keep(world, chosen.keep)
    if chosen.record:
        record(chosen.record, storm, weather)
    answers = dict.fromkeys(("accepted", "refused", "none"), 0)
    for submission in weather.submissions:
        answers[submission.answer] += 1
    print(f"\n{time.monotonic() - began:.0f} s; clients were told: {answers}")
    print("faults: " + ", ".join(f"{kind} {number}" for kind, number in sorted(weather.faults.items())))
    came_out = sum(map(sum, evidence.paper.values()))
    people, given_up = len(weather.left_to_people), len(weather.given_up)
    print(f"came out: {came_out} impressions; {people} jobs left to people, {given_up} given up for want of credit")
    print(f"CUPS stopped a queue {weather.queues_started} times, and somebody started it again")
    for violation in violations:
        print(f"  {violation}")
    print(f"seed {seed}: {len(violations)} violations of the promise; {len(weather.never_ended)} things never ended")
    return 1 if violations or weather.never_ended else 0


sys.exit(main())
