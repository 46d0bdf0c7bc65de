"""Which worker runs which file: the last of three those that wait, and nobody is idle while anything is left."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.distribution import WaitingBesideComputing, next_file

WAIT = ["tests/acceptance/test_a.py", "tests/cluster/lab/test_b.py", "tests/faults/test_c.py"]
COMPUTE = ["tests/documents/test_d.py", "tests/ipp/test_e.py", "tests/server/jobs/test_f.py"]
FILES = sorted([*WAIT, *COMPUTE])
EACH = 4  # tests in a file


class Worker:
    """What the scheduler sees of a worker that runs nothing until it is told to."""

    def __init__(self, collection: Sequence[str]) -> None:
        self.collection, self.given, self.shutting_down = collection, list[int](), False
        self.gateway = SimpleNamespace(id="gw")

    def send_runtest_some(self, indexes: Sequence[int]) -> None:
        self.given.extend(indexes)

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def files(self) -> list[str]:
        return list(dict.fromkeys(self.collection[index].split("::")[0] for index in self.given))


def run(workers: int) -> list[Worker]:
    """All files, each worker one test at a time and in turn."""
    collection = [f"{file}::test_{number}" for file in FILES for number in range(EACH)]
    options = SimpleNamespace(loadscopereorder=False)
    config: Any = SimpleNamespace(option=options, getvalue=lambda _: ["popen"] * workers)
    scheduler = WaitingBesideComputing(config)
    nodes: list[Any] = [Worker(collection) for _ in range(workers)]
    for node in nodes:
        scheduler.add_node(node)
    for node in nodes:
        scheduler.add_node_collection(node, collection)
    scheduler.schedule()
    done = [0] * workers
    while scheduler.has_pending:
        for number, node in enumerate(nodes):
            if done[number] < len(node.given):
                scheduler.mark_test_complete(node, node.given[done[number]])
                done[number] += 1
    assert sorted(index for node in nodes for index in node.given) == list(range(len(collection)))
    return nodes


def test_the_last_of_three_workers_runs_what_waits() -> None:
    first, second, last = run(3)
    assert last.files[0] == WAIT[0]
    assert {*last.files} <= {*WAIT}
    assert {*first.files, *second.files} >= {*COMPUTE}


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
def test_every_test_is_run_once_and_a_files_tests_on_one_worker_and_in_order(workers: int) -> None:
    for worker in run(workers):
        assert all(
            worker.given[n : n + EACH] == [*range(index, index + EACH)]
            for n, index in enumerate(worker.given)
            if n % EACH == 0
        )


def test_who_has_no_more_of_its_own_kind_goes_on_with_the_others() -> None:
    assert next_file(FILES, waiting_first=True) == WAIT[0]
    assert next_file(FILES[1:], waiting_first=True) == WAIT[2]  # the longest of them come early
    assert next_file(FILES, waiting_first=False) == COMPUTE[0]
    assert next_file(COMPUTE, waiting_first=True) == COMPUTE[0]
    assert next_file(WAIT, waiting_first=False) == WAIT[0]
    assert next_file([], waiting_first=True) is None
