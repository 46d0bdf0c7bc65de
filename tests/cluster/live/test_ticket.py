"""A cluster whose VMs may run at another site starts them only with the ticket, which `apply` gives knowingly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from everprint.cluster.live.apply import apply
from everprint.cluster.live.changes import Kind, plan_changes
from everprint.cluster.live.observed import HostRefuses
from everprint.cluster.prediction.simulator import Event
from tests.cluster.live.world import HOSTS, TEXT, World, topology_of

ELSEWHERE = """
[replication]
site = "north"
folder = "{folder}"
[[replication.hosts]]
name = "gamma"
address = "198.51.100.21"
memory = "8 GiB"
cores = 4
"""


class TwoSites(World):
    """The hosts of a cluster, and gamma at another site."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (folder / "gamma").mkdir()
        self.replicas = folder / "replicas"
        self.text = TEXT + ELSEWHERE.format(folder=self.replicas)

    def apply(self, text: str, *, idle_word: bool = False) -> int:
        topology = topology_of(text)
        return apply(topology, self.hosts, lambda _: None, idle_word=idle_word, form_within_s=30, pause_s=0.05)

    def started(self, *events: Event) -> set[str]:
        """The VMs that run when the engine has done what is due."""
        return {"print1", "print2"} & set(self.happens(*events).placed)

    def all_off_and_on(self) -> set[str]:
        """Pacemaker reads what it wrote to the disk: its configuration, and no status."""
        text = re.sub(r"<status>.*</status>", "<status/>", self.cib.read_text(), flags=re.DOTALL)
        self.cib.write_text(text)
        return self.started(*(Event.joins(host) for host in HOSTS))


@pytest.fixture
def sites(tmp_path: Path) -> TwoSites:
    return TwoSites(tmp_path)


def test_who_was_wholly_off_starts_them_when_the_other_site_says_that_it_does_not_run_them(sites: TwoSites) -> None:
    assert sites.apply(sites.text) > 1
    assert sites.started() == {"print1", "print2"}
    assert sites.apply(sites.text) == 0

    assert sites.all_off_and_on() == set()
    (step,) = plan_changes(topology_of(sites.text), sites.hosts)
    assert (step.kind, step.title) == (Kind.GRANT, "cluster: grant ticket print-serves")
    serving = sites.replicas / "vms" / "print1" / "serving"
    serving.write_text("since noon, from print1-replica-20261127T120000Z")
    with pytest.raises(HostRefuses, match=r"print1 went on at north.*failback --site north"):
        sites.apply(sites.text, idle_word=True)
    assert sites.started() == set(), "no word makes it so that they do not run there"
    serving.unlink()
    assert sites.apply(sites.text) == 1
    assert sites.started() == {"print1", "print2"}


def test_vms_that_run_are_not_stopped_by_the_first_topology_with_another_site(sites: TwoSites) -> None:
    sites.apply(TEXT)
    assert sites.started() == {"print1", "print2"}
    (sites.folder / "gamma" / "gone").touch()
    with pytest.raises(HostRefuses, match=r"(?s)gamma does not tell whether it runs print1.*--i-confirm-idle north"):
        sites.apply(sites.text)
    assert sites.happens().actions == (), "nothing was configured"
    booth = sites.text.replace('site = "north"', 'site = "north"\nticket = "print-work"')
    with pytest.raises(HostRefuses, match="booth has not given the ticket print-work to this cluster"):
        sites.apply(booth, idle_word=True)
    sites.apply(sites.text, idle_word=True)
    assert sites.happens().actions == ()
    assert sites.all_off_and_on() == set(), "the configuration asks for it"
    sites.happens(Event.ticket_granted("print-work"))
    sites.apply(booth)
    assert sites.started() == {"print1", "print2"}, "booth gave its own"
