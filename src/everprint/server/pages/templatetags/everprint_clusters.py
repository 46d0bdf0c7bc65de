"""Template tags and filters of the clusters' page: thin calls of cluster_words."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.utils.safestring import SafeString

from everprint.server.clusters.document import ToldFailOver, ToldLayer
from everprint.server.pages import cluster_words
from everprint.server.pages.templatetags.everprint_pages import badge

register = template.Library()


@register.simple_tag
def cluster_state(word: str, is_stale: bool = False) -> SafeString:
    """The state of a host or VM as a badge."""
    return badge(cluster_words.state_badge(word, is_stale=is_stale))


@register.simple_tag
def layer_state(layer: ToldLayer) -> SafeString:
    """How a layer guards a VM, as a badge."""
    return badge(cluster_words.layer_badge(layer.layer, layer.state, layer.level))


@register.filter
def protection(word: str) -> str:
    """What a VM is guarded against."""
    return cluster_words.protection(word)


@register.filter
def age(passed: timedelta) -> str:
    """How long ago."""
    return cluster_words.age(passed)


@register.filter
def way(last: ToldFailOver) -> str:
    """From where to where a VM failed over."""
    return cluster_words.way(last)
