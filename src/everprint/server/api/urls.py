"""Where version 1 of the API is. Assembled when this is imported: once, whoever asks at the same time."""

from __future__ import annotations

from everprint.server.api.v1 import url_patterns

urlpatterns = url_patterns()
