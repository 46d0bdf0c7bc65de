"""Rows of a raster as they are stored, made into one octet a channel, channel by channel, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from everprint.documents.raster_colours import Colours, Kind

Octets = npt.NDArray[np.uint8]


class Order(IntEnum):
    """Values of cupsColorOrder."""

    CHUNKY = 0  # pixel after pixel
    BANDED = 1  # in each row, channel after channel
    PLANAR = 2  # the whole page, channel after channel


@dataclass(frozen=True, slots=True)
class Stored:
    """How the pixels of a page are stored: `bits` a channel (1, 2, 4, 8, 16), rows of `row_octets`.

    `row_octets` may be more than the pixels need. A pixel of few bits may have unused ones before its channels.
    """

    width: int
    height: int
    bits: int
    bits_per_pixel: int
    channels: int
    row_octets: int
    order: Order = Order.CHUNKY
    packed: bool = True
    little_endian: bool = False

    @property
    def unit(self) -> int:
        """Octets that are repeated as one by run-length packing."""
        bits = self.bits_per_pixel if self.order is Order.CHUNKY else self.bits
        return max(1, -(-bits // 8))

    @property
    def direct(self) -> bool:
        """Whether pixels can be looked at as they are stored."""
        whole = self.bits >= 8 or (self.bits_per_pixel == 1 and self.channels == 1)
        return whole and (self.order is Order.CHUNKY or self.channels == 1)


def chunky(rows: memoryview | bytes, stored: Stored) -> Octets:
    """Whole rows as an array of (rows, width, channels); 16 bits lose their low octet, less are spread to 8."""
    lines = np.frombuffer(rows, np.uint8).reshape(-1, stored.row_octets)
    if stored.order is Order.BANDED and stored.channels > 1:
        bands = lines[:, : stored.row_octets // stored.channels * stored.channels]
        bands = bands.reshape(len(lines), stored.channels, -1)
        return np.stack(
            [_channels(bands[:, band], stored, 1, stored.bits)[:, :, 0] for band in range(stored.channels)], 2
        )
    return _channels(lines, stored, stored.channels, stored.bits_per_pixel)


def _channels(lines: Octets, stored: Stored, channels: int, bits_per_pixel: int) -> Octets:
    width, bits = stored.width, stored.bits
    if bits >= 8:
        depth = bits // 8
        high = depth - 1 if stored.little_endian else 0
        return lines[:, : width * channels * depth].reshape(len(lines), width, channels, depth)[..., high]
    every = np.unpackbits(lines, axis=1)[:, : width * bits_per_pixel].reshape(len(lines), width, bits_per_pixel)
    used = every[..., bits_per_pixel - channels * bits :].reshape(len(lines), width, channels, bits)
    value = np.zeros(used.shape[:3], np.uint8)
    for bit in range(bits):
        value = value << 1 | used[..., bit]
    spread: Octets = value * np.uint8(255 // ((1 << bits) - 1))
    return spread


def darkest(rows: memoryview | bytes, stored: Stored, white: int) -> Octets:
    """Of each row of one channel, the most that a pixel differs from white."""
    values = chunky(rows, stored)[..., 0]
    most: Octets = (values if white == 0 else ~values).max(axis=1)
    return most


def as_light(pixels: Octets, colours: Colours) -> Octets | None:
    """Chunky pixels as red, green and blue, or as grey; None if nobody knows what their inks look like."""
    inks = pixels if colours.white == 0 else ~pixels
    if colours.kind is Kind.GREY:
        return ~inks[..., 0]
    if colours.kind is Kind.RGB:
        return ~inks[..., list(colours.order[:3])]
    if colours.kind is Kind.CMYK:
        light = (~inks[..., list(colours.order[:3])]).astype(np.uint16) * ~inks[..., [colours.order[3]]]
        return (light // 255).astype(np.uint8)
    return None
