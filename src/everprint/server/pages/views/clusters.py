"""Clusters of VMs, as they tell of themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.clusters.models import Cluster
from everprint.server.clusters.reports import clusters, forget_cluster
from everprint.server.pages.cluster_words import sentence, tone
from everprint.server.pages.live import render_live


@requires(Permission.VIEW_CLUSTERS)
@require_safe
def clusters_page(request: HttpRequest) -> HttpResponse:
    """GET /clusters"""
    seen = [{"seen": one, "tone": tone(one), "sentence": sentence(one)} for one in clusters(timezone.now())]
    return render_live(request, "pages/clusters.html", "pages/clusters_live.html", {"clusters": seen})


@requires(Permission.MANAGE_SETTINGS)
@require_POST
def cluster_forget(request: HttpRequest, name: str) -> HttpResponse:
    """POST /clusters/NAME/forget"""
    forget_cluster(get_object_or_404(Cluster, name=name))
    messages.success(request, f"{name} is forgotten. If it still tells of itself, it comes back.")
    return redirect("pages:clusters")
