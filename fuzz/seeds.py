"""Where each fuzzer starts: small documents by the tests' writers, and what once broke a parser."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from everprint.ipp.codec import encode
from everprint.ipp.message import Attribute, Group, Message
from everprint.ipp.tags import GroupTag, ValueTag
from tests.documents import pcl_writer, pclxl_writer, raster_writer, tiff_writer, xps_writer

REGRESSIONS = Path(__file__).parents[1] / "tests" / "data" / "fuzz"
"""One folder a target, one file for each input that once broke it. The tests replay them all."""


def plant(target: str, folder: Path) -> int:
    """Writes the target's seeds and regressions into a corpus; returns how many files there are now."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in SEEDS[target]().items():
        (folder / f"seed-{name}").write_bytes(octets)
    for path in regressions(target):
        (folder / f"regression-{path.name}").write_bytes(path.read_bytes())
    return sum(1 for _ in folder.iterdir())


def regressions(target: str) -> list[Path]:
    """Inputs that once broke the target."""
    folder = REGRESSIONS / target
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _sheets() -> list[raster_writer.Sheet]:
    gradient = Image.linear_gradient("L").resize((24, 16))
    colours = Image.merge("RGB", [gradient, gradient.rotate(180), gradient])
    return [raster_writer.picture(gradient), raster_writer.picture(colours), raster_writer.plain("RGB", (40, 30))]


def _each(write: Callable[[list[raster_writer.Sheet]], bytes]) -> dict[str, bytes]:
    made = {f"sheet-{number}": write([sheet]) for number, sheet in enumerate(_sheets())}
    return made | {"all": write(_sheets())}


def _cups() -> dict[str, bytes]:
    grey = raster_writer.CupsSheet(rows=[bytes([at, 255 - at]) * 12 for at in range(16)], width=24, space=18)
    made = {
        f"version-{version}-{'little' if little else 'big'}": raster_writer.cups(
            [grey], version, little_endian=little
        )
        for version in (1, 2, 3)
        for little in (False, True)
    }
    rows = [bytes([at % 7, 0, 9, 0]) for at in range(32)]
    banded = raster_writer.CupsSheet(rows, 6, 6, bits=1, bits_per_pixel=1, order=1)
    planar = raster_writer.CupsSheet(rows, 32, 6, bits=1, bits_per_pixel=1, order=2, planes=4)
    return made | {"banded": raster_writer.cups([banded]), "planar": raster_writer.cups([planar, planar])}


def _tiff() -> dict[str, bytes]:
    frames = [tiff_writer.Frame(6, 9), tiff_writer.Frame(16, 16, 255, tiled=True)]
    thumbnail = tiff_writer.Frame(3, 4, fields={254: 1})
    return {
        "little": tiff_writer.tiff([*frames, thumbnail]),
        "big-endian": tiff_writer.tiff(frames, order=">"),
        "big": tiff_writer.tiff(frames, big=True),
        "circle": tiff_writer.tiff(frames, loop_to=0),
        "sub": tiff_writer.tiff([tiff_writer.Frame(6, 9, subs=[thumbnail])]),
    }


def _text() -> dict[str, bytes]:
    return {
        "lines": b"one line\r\nand another\n" * 5,
        "tabs": "\tGr\u00fc\u00dfe\b_\t\t\u6f22\n\f\r\nend".encode(),
        "long": b"x" * 600,
    }


def _xps() -> dict[str, bytes]:
    marks = xps_writer.box("#FF0000", 10, 10, 90, 90) + xps_writer.words("#000000")
    page = xps_writer.XpsPage(marks)
    packages = {
        "one": xps_writer.XpsPackage([[page]]),
        "two": xps_writer.XpsPackage([[page], [page, page]], ticket=xps_writer.ticket()),
        "stored": xps_writer.XpsPackage([[page]], method=zipfile.ZIP_STORED),
        "pieces": xps_writer.XpsPackage([[page]], method=zipfile.ZIP_STORED, pieces=2),
    }
    return {name: package.octets() for name, package in packages.items()}


def _pictures(kind: str, modes: tuple[str, ...], **options: object) -> dict[str, bytes]:
    made = {}
    for mode in modes:
        out = io.BytesIO()
        Image.linear_gradient("L").resize((24, 16)).convert(mode).save(out, kind, **options)
        made[mode] = out.getvalue()
    return made


def _named(prefix: str, made: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{prefix}-{name}": octets for name, octets in made.items()}


def _compressed() -> dict[str, bytes]:
    text = b"%!PS\nshowpage\n" * 20
    return {
        "gzip": gzip.compress(text, mtime=0),
        "zlib": zlib.compress(text),
        "two": gzip.compress(text, mtime=0) * 2,
    }


def _eps() -> dict[str, bytes]:
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n0 0 90 90 rectfill\n%%EOF\n"
    header = b"\xc5\xd0\xd3\xc6" + struct.pack("<6IH", 30, len(program), 0, 0, 30 + len(program), 4, 0xFFFF)
    return {"plain": program, "with-preview": header + program + b"II*\0"}


def _device_pages() -> dict[str, bytes]:
    made = {}
    for order, magic in (("<", b"3SaR"), (">", b"RaS3")):
        header = bytearray(1796)
        for at, value in ((272, 1), (340, 2), (372, 4), (376, 3), (388, 24), (392, 12), (396, 0), (400, 1)):
            struct.pack_into(f"{order}I", header, at, value)
        struct.pack_into(f"{order}2f", header, 428, 595.0, 842.0)
        made["little" if order == "<" else "big"] = magic + (bytes(header) + bytes(range(36))) * 2
    return made


def _heads() -> dict[str, bytes]:
    every = [seeds() for name, seeds in SEEDS.items() if name not in ("detect", "ipp", "xps_page", "xps_ticket")]
    return {f"{number}-{name}": octets[:600] for number, made in enumerate(every) for name, octets in made.items()}


def _ipp() -> dict[str, bytes]:
    values = (
        Attribute("attributes-charset", (ValueTag.CHARSET,), ("utf-8",)),
        Attribute("attributes-natural-language", (ValueTag.NATURAL_LANGUAGE,), ("en",)),
        Attribute("printer-uri", (ValueTag.URI,), ("ipp://localhost/ipp/print",)),
        Attribute("copies", (ValueTag.INTEGER,), (2,)),
        Attribute("sides", (ValueTag.KEYWORD,), ("two-sided-long-edge",)),
    )
    return {"request": encode(Message(2, 1, (Group(GroupTag.OPERATION, values),)))}


SEEDS: dict[str, Callable[[], dict[str, bytes]]] = {
    "pclxl": pclxl_writer.seeds,
    "pcl": pcl_writer.seeds,
    "hpgl": pcl_writer.plot_seeds,
    "pjl": pcl_writer.job_seeds,
    "pwg_raster": lambda: _each(raster_writer.pwg),
    "urf": lambda: _each(raster_writer.urf),
    "cups_raster": _cups,
    "text": _text,
    "jpeg": lambda: (
        _pictures("JPEG", ("L", "RGB", "CMYK")) | _named("p", _pictures("JPEG", ("L",), progressive=True))
    ),
    "png": lambda: _pictures("PNG", ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    "tiff": _tiff,
    "xps": _xps,
    "eps": _eps,
    "device_page": _device_pages,
    "xps_page": xps_writer.page_seeds,
    "xps_ticket": xps_writer.ticket_seeds,
    "compressed": _compressed,
    "detect": _heads,
    "ipp": _ipp,
}
"""By target: name and octets of each seed."""
