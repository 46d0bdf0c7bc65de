"""The gateway that this installation's settings name."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from everprint.server.settings import CONFIGURATION
from everprint.server.topup.payments import Gateway

TEST = "test"
TEST_ADDRESS = "/payments/test"


def configured_gateway() -> Gateway | None:
    """Where people pay; None where they cannot. The test gateway signs with a secret of this server's own."""
    if CONFIGURATION.payment_url == TEST:
        return Gateway(TEST_ADDRESS, salted_hmac("everprint.test-gateway", "secret", algorithm="sha256").hexdigest())
    return Gateway(CONFIGURATION.payment_url, CONFIGURATION.payment_secret) if CONFIGURATION.payment_url else None
