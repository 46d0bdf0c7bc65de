"""What can go wrong with images, worded for who builds them."""

from __future__ import annotations


class ImageError(Exception):
    """An image cannot be built, exported or tried; the text says what, where and what to do."""
