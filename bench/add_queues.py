"""Adds many queues to an Application Server in one go, by the function that its command and pages call.

usage: python -m bench.add_queues PROVIDER DEVICE-URI NUMBER, in the server's environment. The queues are called
office-1 to office-NUMBER, and trust the loopback for people's names.
"""

from __future__ import annotations

import sys

from everprint.server.start import set_up


def main() -> None:
    """As the arguments say."""
    set_up()
    from everprint.server.printers.queues import add_printer
    from everprint.server.providers.models import Provider

    name, device_uri, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    provider = Provider.objects.get(name=name)
    for place in range(1, number + 1):
        add_printer(
            provider,
            name=f"office-{place}",
            device_uri=device_uri,
            authentication="requesting-user-name",
            trusted_networks=["127.0.0.0/8"],
            hold=True,
        )


if __name__ == "__main__":
    main()
