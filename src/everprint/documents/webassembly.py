"""Compiles the modules (*.wat) that read bulk data. Whatever strangers send can reach nothing but their memory."""

from __future__ import annotations

import functools
from importlib import resources

import wasmtime

PAGE_OCTETS = 1 << 16
"""A page of WebAssembly's memory."""


@functools.cache
def compiled(name: str, memory_octets: int) -> tuple[wasmtime.Engine, wasmtime.Module]:
    """The module in the file of that name; its memory grows to no more than `memory_octets` without being moved.

    Compiled once for a process, which takes some milliseconds.
    """
    config = wasmtime.Config()
    config.memory_reservation = memory_octets
    config.memory_guard_size = PAGE_OCTETS
    config.parallel_compilation = False  # no threads in a worker
    engine = wasmtime.Engine(config)
    source = resources.files("everprint.documents").joinpath(name).read_text()
    return engine, wasmtime.Module(engine, source)
