"""An OpenID provider that says whatever a test wants, over real HTTP; it checks PKCE and who asks, as it must."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from everprint.serving.asgi import Receive, Send
from rig.application import run_application

CLIENT, SECRET = "everprint", "only for tests: & %"


def new_key(key_id: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": key_id, "use": "sig", "alg": "ES256"})


@dataclass
class OpenidProvider:
    """Each field may be changed between requests."""

    issuer: str = ""
    key: ECKey = field(default_factory=lambda: new_key("first"))
    published: list[ECKey] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "alice"})
    tampered: dict[str, Any] = field(default_factory=dict)  # claims in place of the right ones; None: left out
    offer: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)  # of userinfo
    sign: Callable[[dict[str, Any]], str] | None = None
    asked: list[str] = field(default_factory=list)  # paths
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorise(self, address: str) -> dict[str, str]:
        """As its own page would: what the browser brings back for that address."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = said
        return {"code": code, "state": said["state"]}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (event := await receive())["type"] == "http.request":
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(scope["path"])
        status, answer = self._answer(scope["path"], headers, body.decode())
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, path: str, headers: dict[str, str], body: str) -> tuple[int, Any]:
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/end",
                "id_token_signing_alg_values_supported": ["ES256"],
                **self.offer,
            }
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.published or [self.key]]}
        if path == "/userinfo":
            return (200, self.more) if headers.get("authorization") == "Bearer access" else (401, {})
        if path == "/token":
            return self._token(headers, {name: values[0] for name, values in parse_qs(body).items()})
        return 404, {}

    def _token(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, Any]:
        basic = base64.b64encode(b"everprint:only+for+tests%3A+%26+%25").decode()
        said = self.codes.pop(form.get("code", ""), None)
        if headers.get("authorization") != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if said is None or said["code_challenge"] != challenge or said["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": said["nonce"]}
        claims = {
            name: value for name, value in {**right, **self.claims, **self.tampered}.items() if value is not None
        }
        header = {"alg": "ES256", "kid": self.key.kid}
        token = self.sign(claims) if self.sign else jwt.encode(header, claims, self.key)
        return 200, {"id_token": token, "access_token": "access", "token_type": "Bearer"}


@contextmanager
def run_openid_provider() -> Iterator[OpenidProvider]:
    """It listens on a port of its own; what is kept of earlier ones is forgotten."""
    from everprint.server.oidc.asking import forget_all

    provider = OpenidProvider()
    with run_application(provider) as (host, port):
        provider.issuer = f"http://{host}:{port}"
        forget_all()
        yield provider
