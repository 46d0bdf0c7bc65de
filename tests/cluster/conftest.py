"""Pacemaker's and libvirt's programs are where Debian looks for root only; the tests need no root."""

from __future__ import annotations

import os

os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
