"""GET /metrics, for the addresses that the setting `metrics_from` names."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from everprint.contract.trusted_networks import is_in, read_networks
from everprint.monitor.metrics import CONTENT_TYPE
from everprint.server.access.declare import public
from everprint.server.metrics.process import METRICS
from everprint.server.settings import CONFIGURATION


@public("a scraper has no account: it is known by its address")
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers; 403 for an address that may not have them."""
    if not is_in(request.META.get("REMOTE_ADDR", ""), read_networks(CONFIGURATION.metrics_from)):
        why = "The setting metrics_from of this server does not name your address.\n"
        return HttpResponse(why, status=HTTPStatus.FORBIDDEN, content_type="text/plain")
    return HttpResponse(METRICS.exposition(), content_type=CONTENT_TYPE)
