"""The one shape of the API's answers that are not 2xx (RFC 9457, application/problem+json).

Apart from `problem`, which needs the whole API: what stands before the API answers in its shape, too, and has to be
there before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

CONTENT_TYPE = "application/problem+json"
ROOT = "/api/"


def is_for_api(request: HttpRequest) -> bool:
    """True if whoever asks expects a problem and no page. Decides how an answer looks, never who gets one."""
    return request.path_info.startswith(ROOT)


def answer(status: HTTPStatus, code: str, detail: str, errors: Sequence[dict[str, str]] = ()) -> HttpResponse:
    """A problem as an HTTP answer, as `problem.Problem` describes it; `errors` say `where` and `message`."""
    problem = {
        "status": status.value,
        "code": code,
        "title": status.phrase,
        "detail": detail,
        "errors": list(errors),
    }
    return HttpResponse(json.dumps(problem), status=status, content_type=CONTENT_TYPE)
