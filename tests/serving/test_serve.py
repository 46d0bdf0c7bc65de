"""Listening, limits and stopping, over real sockets."""

from __future__ import annotations

import httpx

from everprint.serving.asgi import Receive, Scope, Send
from rig.application import run_application


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


def test_an_application_is_served_on_a_port_that_the_system_chose() -> None:
    with run_application(hello) as (host, port):
        assert httpx.get(f"http://{host}:{port}/").text == "hello"
