"""CUPS's IPP backend is told what lets its users' queues go on, and nothing that would stop them.

What it does with an answer was tried with cupsd 2.4.2: for *client-error-not-found* and *server-error-internal-error*
it stops the queue, whatever its error policy is; after *server-error-busy* it sends the whole job again.
"""

from __future__ import annotations

from rig import ipptool
from rig.virtual_printer import VirtualPrinter
from rig.waiting import wait_for
from tests.provider.contract_server import ContractServer
from tests.provider.world import run_print_server


def test_a_queue_is_not_gone_because_a_new_print_server_was_not_told_of_it_yet(
    server: ContractServer, printer: VirtualPrinter
) -> None:
    server.add_queue("office", printer.uri)
    server.away = True
    with run_print_server(server.url) as office:

        def status(queue: str = "office") -> str:
            return ipptool.ask(office.uri(queue), "Get-Printer-Attributes").status

        assert status() == "server-error-service-unavailable"
        server.away = False
        wait_for("the queue", lambda: status() == "successful-ok", every_s=0.5)
        assert status("other") == "client-error-not-found"
