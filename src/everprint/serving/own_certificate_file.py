"""The name of the file that has a part's own certificate: known without importing what makes one."""

from __future__ import annotations

CERTIFICATE_FILE = "own-certificate.pem"
