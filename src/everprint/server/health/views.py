"""/health/live and /health/ready: JSON for monitors, load balancers and watchdogs; without secrets, so public."""

from __future__ import annotations

import logging
import threading
import time
from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from everprint.monitor.health import Health, Level
from everprint.server.access.declare import public
from everprint.server.health.checks import liveness, readiness
from everprint.server.settings import CONFIGURATION

log = logging.getLogger(__name__)

# Whoever asks oftener gets the last answer: a public address must not cost the database.
FRESH_FOR_S = 1.0

_lock = threading.Lock()
_last: tuple[float, Health] | None = None


@public("a watchdog has no account, and the answer holds nothing secret")
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """200 while this process answers."""
    return _answer(liveness())


@public("a load balancer has no account, and the answer holds nothing secret")
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 if this server may be sent work, else 503 and why."""
    global _last
    with _lock:
        now = time.monotonic()
        if _last is None or now - _last[0] > FRESH_FOR_S:
            _last = (now, readiness(CONFIGURATION))
        health = _last[1]
    if health.level is Level.FAIL:
        log.error("not ready: %s", health.as_json())
    return _answer(health)


def _answer(health: Health) -> JsonResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE if health.level is Level.FAIL else HTTPStatus.OK
    return JsonResponse(health.as_json(), status=status)
