"""Points in what restic lists, and the manifest in a point."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from everprint.cluster.backup.point import (
    BadManifest,
    Consistency,
    Image,
    Kind,
    Manifest,
    StoredDisk,
    StoredImage,
    read_images,
    read_manifest,
    read_points,
    tags_of,
)

NAME, BASE = "server-20261127T020000Z", "server-20261126T020000Z"
TAGS = [
    *tags_of("print", NAME, "server", Kind.INCREMENTAL, BASE),
    "consistency=quiesced",
    "octets=4096",
    "image=aa",
    "image=bb",
]


def listed(*tags: list[str] | None) -> str:
    time = "2026-11-27T08:05:27.317159401Z"
    return json.dumps([{"id": f"id{number}", "tags": each, "time": time} for number, each in enumerate(tags)])


def test_a_point_is_read_from_its_tags() -> None:
    (found,) = read_points(listed(TAGS))
    assert (found.name, found.cluster, found.vm, found.kind, found.base) == (
        NAME,
        "print",
        "server",
        "incremental",
        BASE,
    )
    assert (found.consistency, found.octets, found.images) == (Consistency.QUIESCED, 4096, ("aa", "bb"))
    assert (found.snapshot, found.taken.isoformat()) == ("id0", "2026-11-27T02:00:00+00:00")


def test_what_is_not_ours_is_left_out() -> None:
    without = [
        [tag for tag in TAGS if not tag.startswith(key)] for key in ("everprint", "point", "kind", "octets", "vm")
    ]
    strange = [*TAGS[1:], "everprint-point", "point=../../etc"]
    assert read_points(listed(None, ["home"], strange, *without)) == []
    assert read_points("null") == []
    assert read_points("") == []
    assert read_images("null") == {}
    with pytest.raises(BadManifest):
        read_points("no JSON")
    with pytest.raises(BadManifest):
        read_points('{"a": 1}')


def test_images_are_read_by_their_digests() -> None:
    assert read_images(listed(["everprint-image", "sha256=aa"], ["sha256=bb"], TAGS)) == {
        "aa": StoredImage("id0", datetime(2026, 11, 27, 8, 5, 27, tzinfo=UTC))
    }
    for bad in ("no JSON", '["a"]', '[{"tags": []}]'):
        with pytest.raises(BadManifest):
            read_images(bad)


MANIFEST = Manifest(
    point=NAME,
    vm="server",
    cluster="print",
    host="alpha",
    kind=Kind.FULL,
    base="",
    consistency=Consistency.CRASH,
    notes=("said",),
    frozen_ms=0,
    disks=(StoredDisk("vda", "vda.qcow2", "/srv/images/server.qcow2", 4096, "cc"),),
    images=(Image("/srv/images/everprint.raw", "aa", 8192),),
    seed="",
)


def test_a_manifest_comes_back_as_it_was_written() -> None:
    written = {"format": 1, **asdict(MANIFEST)}
    assert read_manifest(json.dumps(written)) == MANIFEST


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"kind": "half"},
        {"disks": [{"device": "vda"}]},
        {"disks": 3},
        {"frozen_ms": "long"},
        {"images": [1]},
    ],
)
def test_a_manifest_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadManifest):
        read_manifest(json.dumps({"format": 1, **asdict(MANIFEST), **change}))
    for text in ("", "[]", "{}", "3"):
        with pytest.raises(BadManifest):
            read_manifest(text)
