"""With a certificate, pages are for HTTPS only: what comes by plain HTTP is sent there, but for monitors."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.deprecation import MiddlewareMixin

from everprint.server.configuration import ServerSettings
from everprint.server.security.hosts import is_for_monitors


class HttpsOnly(MiddlewareMixin):
    """Sends browsers on; a form that came in the clear is refused, its sender should not get used to it."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        configuration: ServerSettings = settings.CONFIGURATION
        if not configuration.certificate or request.is_secure() or is_for_monitors(request.path_info):
            return None
        if request.method not in ("GET", "HEAD"):
            return HttpResponse("Use https://.", status=HTTPStatus.FORBIDDEN, content_type="text/plain")
        host = request.get_host()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        port = configuration.https_listen[0].rpartition(":")[2]
        return HttpResponsePermanentRedirect(f"https://{name}:{port}{request.get_full_path()}")
