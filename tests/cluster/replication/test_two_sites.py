"""A site is lost: its VMs go on at another one from their replicas, and what that cost is told job by job."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.tiny_guest import GuestImpossible
from tests.cluster.replication.two_sites import TwoSites


@pytest.fixture
def sites() -> Iterator[TwoSites]:
    # Short: libvirt puts it into the path of a socket, which has at most 107 octets.
    folder = Path(tempfile.mkdtemp(prefix="evp-"))
    made = TwoSites(folder)
    try:
        made.start()
        yield made
    except GuestImpossible as error:
        pytest.skip(f"no guest can be made here: {error}")
    finally:
        made.end()
        shutil.rmtree(folder)


def test_a_lost_site_is_taken_over_and_exactly_the_work_since_its_last_point_is_listed(sites: TwoSites) -> None:
    charged = []
    for number in range(2, 6):
        sites.accept(number)
        sites.charge("alpha", number)
        charged.append(number)
        if number in (2, 3):
            sent = sites.replicate()
    assert (sent["kind"], sent["consistency"]) == ("incremental", "quiesced")
    assert int(str(sent["octets"])) < 3_000_000, "what was written, and little else"

    plugin = sites.monitor()
    assert (plugin.exit_code, plugin.output.startswith("REPLICAS OK")) == (0, True), plugin.output
    metrics = sites.everprint("replicate", "list", str(sites.file), "--metrics")
    assert f'everprint_replica_late{{vm="{sites.server}"}} 0' in metrics.output

    early = sites.everprint("failover", str(sites.file), "--site", "north", "--yes", "--i-confirm-dead", "main")
    assert early.exit_code == 1
    assert "alpha ANSWERS: it is not dead" in early.output

    drill = sites.everprint("failover", str(sites.file), "--site", "north", "--drill", "--within", "240")
    assert drill.exit_code == 0, drill.output
    assert "the ledger is right" in drill.output

    sites.main_is_lost()
    unsure = sites.everprint("failover", str(sites.file), "--site", "north", "--yes")
    assert unsure.exit_code == 1
    assert "alpha does not answer, and nothing can switch it off" in unsure.output
    assert not sites.north.processes(sites.server), "never a guess"

    words = ["failover", str(sites.file), "--site", "north", "--yes", "--i-confirm-dead", "main", "--json"]
    done = sites.everprint(*words, "--within", "240")
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    (server,) = report["vms"]
    assert server["point"] == sent["point"]
    assert server["rpo_s"] > 0
    assert (sites.folder / "moved").read_text() == f"failover north {sites.server} 10.9.0.50 gamma print\n"

    # The checker: what was acknowledged, without what the books of the other site have.
    known = sites.ledger("gamma")
    lost = [number for number in charged if number not in known]
    assert lost == [4, 5]
    assert [job["job_id"] for job in report["lost_work"]["jobs"]] == lost

    plugin = sites.monitor()
    assert f"{sites.server}: runs at gamma" in plugin.output
    refused = sites.everprint("replicate", "now", str(sites.file))
    assert refused.exit_code == 1
    listed = sites.everprint("replicate", "list", str(sites.file))
    assert f"{sites.server}: runs at gamma: since " in listed.output
    again = json.loads(sites.everprint(*words).output)
    assert again["vms"][0]["point"] == sent["point"]
    assert sites.ledger("gamma") == known

    sites.charge("gamma", 6)
    sites.main_is_back()
    back = ["failback", str(sites.file), "--site", "north"]
    prepared = sites.everprint(*back, "--prepare")
    assert prepared.exit_code == 0, prepared.output
    assert sites.server in sites.north.virsh("list", "--name").stdout, "it runs on"
    sites.charge("gamma", 7)
    # As a switch leaves it that was killed: it stands, and nobody has let it go on.
    assert sites.north.virsh("suspend", sites.server).returncode == 0
    home = sites.everprint(*back, "--yes", "--within", "240", "--json")
    assert home.exit_code == 0, home.output
    assert [one["host"] for one in json.loads(home.output)["vms"]] == ["alpha"]
    assert sites.server not in sites.north.virsh("list", "--all", "--name").stdout
    assert sites.ledger("alpha") == [*known, 6, 7], "not an entry is lost on the way back"
    assert (sites.folder / "moved").read_text().endswith(f"failback main {sites.server} 10.9.0.50 alpha print\n")
    assert sites.replicate()["kind"] == "full", "its disk is another one now"
