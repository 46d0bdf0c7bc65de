"""OpenID providers: can they be asked, and is what we tell them still known?"""

from __future__ import annotations

from collections.abc import Iterator

from everprint.server.doctor.finding import Finding, advise, ok, problem
from everprint.server.oidc.asking import ProviderAway, keys_of, offer_of
from everprint.server.oidc.id_token import ALGORITHMS
from everprint.server.oidc.models import OidcProvider
from everprint.server.oidc.setting import secret_of


def examine_openid() -> Iterator[Finding]:
    """One finding for each provider in use; asks each."""
    for provider in OidcProvider.objects.filter(is_active=True):
        yield _examined(provider)


def _examined(provider: OidcProvider) -> Finding:
    check = f"openid-{provider.slug}"
    if provider.client_secret and not secret_of(provider):
        return problem(
            check,
            f"the client secret of {provider.title} was kept under another key of this server",
            "write it anew on the page OpenID providers",
        )
    try:
        offer = offer_of(provider.issuer, anew=True)
        keys = keys_of(offer, anew=True)
    except ProviderAway as error:
        return problem(check, str(error), "see that this server reaches it, and that the issuer is right")
    if not keys or not set(offer.id_token_signing_alg_values_supported) & set(ALGORITHMS):
        return problem(check, f"{provider.title} signs with no public key", "have it sign with RS256 or ES256")
    if provider.for_staff:
        return advise(
            check,
            f"whoever runs {provider.title} can sign in here as an administrator",
            "have administrators set up a second factor, or sign in with their password",
        )
    return ok(check, f"{provider.title} answers")
