"""How passwords are kept: Argon2id, somewhat above OWASP's least (19 MiB, two passes, one lane).

Django's own 100 MiB in eight lanes would let a handful of sign-ins at once take a small server's memory and cores
from the jobs. Hashes made with other parameters stay good and are made anew at the next sign-in.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 32 MiB."""

    time_cost = 2
    memory_cost = 32 * 1024
    parallelism = 1
