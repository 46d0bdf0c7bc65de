"""Shows a certificate to people: what it is for, how long it is valid, and what clients must trust."""

from __future__ import annotations

import json
from pathlib import Path

import click

pem_option = click.option("--pem", is_flag=True, help="Print the certificate that clients must trust, as PEM.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of lines.")


def show_certificate(path: Path | None, *, pem: bool, as_json: bool) -> None:
    """The certificate of that file, and the last one of its chain: the one that clients must trust."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from everprint.serving.own_certificate import fingerprint_of, names_of

    if path is None:
        raise click.ClickException("There is no certificate: set certificate, or own_certificate = true.")
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"{path} cannot be read: {error}. One of its own is made at the first start."
        ) from error
    leaf, trusted = chain[0], chain[-1]
    if pem:
        click.echo(trusted.public_bytes(Encoding.PEM).decode(), nl=False)
        return
    shown = {
        "file": str(path),
        "names": names_of(leaf),
        "valid_until": leaf.not_valid_after_utc.isoformat(),
        "fingerprint": fingerprint_of(leaf),
        "trust": fingerprint_of(trusted),
    }
    if as_json:
        click.echo(json.dumps(shown, indent=2))
        return
    click.echo(f"file:         {path}")
    click.echo(f"names:        {', '.join(names_of(leaf))}")
    click.echo(f"valid until:  {leaf.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    click.echo(f"fingerprint:  {shown['fingerprint']}")
    click.echo(f"trust:        {shown['trust']}")
