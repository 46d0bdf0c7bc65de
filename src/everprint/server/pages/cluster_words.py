"""What a cluster tells, in words and colours for its page. A word that is not known here is shown as it is."""

from __future__ import annotations

from datetime import timedelta

from everprint.server.clusters.document import ClusterLevel, ToldFailOver
from everprint.server.clusters.reports import Seen
from everprint.server.pages.wording import Badge

_GOOD = ("online", "started", "well", "protected")
_BUSY = ("joining", "starting", "re-synchronising")
_WARN = ("drained", "degraded")
_PLAIN = ("not asked",)
_TITLES = {
    "online": "Online",
    "drained": "Drained for work on it",
    "joining": "Joining",
    "lost": "Lost, to be fenced",
    "offline": "Off",
    "well": "Well",
    "starting": "Starting",
    "failed": "Failed",
    "down": "Down",
    "not asked": "Runs",
    "unknown": "Not known",
}
_PROTECTIONS = {
    "none": "None",
    "ha": "Host and VM (HA)",
    "app-ha": "Host, VM and application (App HA)",
    "fault-tolerant": "Two in lock-step (FT)",
    "replicated": "Disks copied all the time",
}
_SENTENCES = {
    ClusterLevel.OK: "All runs, with all the safety that was planned.",
    ClusterLevel.WARN: "All runs, with less safety than was planned.",
    ClusterLevel.FAIL: "Something does not run that should.",
}
_TONES = {ClusterLevel.OK: "good", ClusterLevel.WARN: "warn", ClusterLevel.FAIL: "bad"}


def state_badge(word: str, *, is_stale: bool = False) -> Badge:
    """A state; what is old is no state any more, only what was told."""
    title = _TITLES.get(word, word.capitalize())
    if is_stale:
        return Badge(f"Was: {title}", "", "busy")
    if word in _GOOD:
        return Badge(title, "good", "good")
    if word in _BUSY:
        return Badge(title, "busy", "busy")
    if word in _PLAIN:
        return Badge(title, "", "good")
    return Badge(title, "warn", "warn") if word in _WARN else Badge(title, "bad", "bad")


def layer_badge(layer: str, state: str, level: ClusterLevel) -> Badge:
    """What guards a VM besides."""
    tone = _TONES[level]
    return Badge(f"{layer.replace('-', ' ').capitalize()}: {state}", tone, tone)


def protection(word: str) -> str:
    """What a VM is guarded against."""
    return _PROTECTIONS.get(word, word)


def age(passed: timedelta) -> str:
    """How long ago, in one unit."""
    seconds = int(passed.total_seconds())
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def sentence(cluster: Seen) -> str:
    """How it stands."""
    if cluster.is_stale:
        return f"Nothing has been heard of it for {age(cluster.age).removesuffix(' ago')}: it may be otherwise now."
    if not cluster.document.quorum:
        return "Its hosts have no majority: nothing is started or moved."
    return _SENTENCES[cluster.document.status]


def tone(cluster: Seen) -> str:
    """Of the sentence."""
    return "warn" if cluster.is_stale else _TONES[cluster.document.status]


def way(last: ToldFailOver) -> str:
    """From where to where."""
    if last.source == last.target:
        return f"started again on {last.target}"
    return f"{last.source or 'an unknown host'} to {last.target}"
