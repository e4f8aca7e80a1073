"""Sign-in by an outside provider: OpenID Connect, authorization code with PKCE, state and nonce (RFC 7636, OpenID Core 3.1)."""

import base64
import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

WAIT_SECONDS = 5
LARGEST_ANSWER = 1_000_000
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures with a key pair alone: with HS256 the client's secret would make tokens, and 'none' signs nothing."""

CLOCK_SECONDS = 120


class ProviderFailed(Exception):
    """The provider cannot be reached, or what it sent is not to be trusted. Says which for the log; people get plain words."""


@dataclass(frozen=True)
class Provider:
    """Where people sign in outside, and by which claim the office knows them."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str


def begin(provider: Provider, *, back: str, randomness: Callable[[int], bytes]) -> tuple[str, dict[str, str]]:
    """Return where the browser goes, and what its session keeps until it comes back.

    Raises:
        ProviderFailed: the provider does not answer, or describes itself wrongly.
    """
    kept = {name: _text(randomness(32)) for name in ("state", "nonce", "verifier")}
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": kept["state"],
        "nonce": kept["nonce"],
        "code_challenge": _text(hashlib.sha256(kept["verifier"].encode("ascii")).digest()),
        "code_challenge_method": "S256",
    }
    door = _described(provider)["authorization_endpoint"]
    return f"{door}{'&' if '?' in door else '?'}{urlencode(query)}", kept


def finish(
    provider: Provider, came_back: Mapping[str, str], kept: Mapping[str, str], *, back: str, at: datetime
) -> str:
    """Return the value of the claim by which the office knows who signed in.

    Raises:
        ProviderFailed: it was another browser that began; the provider refused or does not answer; its token is not signed
            by it, not for this site, for another question, or too old; or has no such claim.
    """
    if not compare_digest(came_back.get("state", "").encode(), kept.get("state", "\0").encode()):
        raise ProviderFailed("the state is not the one that this browser was sent with")
    if "error" in came_back or not came_back.get("code"):
        raise ProviderFailed(f"the provider refused: {came_back.get('error', 'no code')[:80]}")
    described = _described(provider)
    form = {
        "grant_type": "authorization_code",
        "code": came_back["code"],
        "redirect_uri": back,
        "code_verifier": kept["verifier"],
    }
    pair = f"{provider.client_id}:{provider.client_secret}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
    token = _fetch(described["token_endpoint"], form=form, headers=headers).get("id_token")
    if not isinstance(token, str):
        raise ProviderFailed("the provider gave no identity token")
    claims = _read_token(provider, token, _fetch(described["jwks_uri"]), nonce=kept["nonce"], at=at)
    known = claims.get(provider.claim)
    if not isinstance(known, str) or not known.strip():
        raise ProviderFailed(f"the token has no claim '{provider.claim}'")
    return known.strip()


def _read_token(provider: Provider, token: str, keys: Any, *, nonce: str, at: datetime) -> Mapping[str, Any]:
    rules = jwt.JWTClaimsRegistry(
        now=lambda: int(at.timestamp()),
        leeway=CLOCK_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        nonce={"essential": True, "value": nonce},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)
        rules.validate(read.claims)
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise ProviderFailed(f"the identity token is not to be trusted: {problem}") from problem
    claims: Mapping[str, Any] = read.claims
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise ProviderFailed("the identity token was made for another client")
    return claims


def _described(provider: Provider) -> dict[str, str]:
    """Return the addresses of a provider, which are asked for anew so that a changed key or address counts at once."""
    found = _fetch(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed(f"the provider calls itself '{found.get('issuer')}'")
    addresses = {
        name: str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    }
    for name, address in addresses.items():
        if urlsplit(address).scheme != urlsplit(provider.issuer).scheme:
            raise ProviderFailed(f"the provider's {name} is '{address}'")
    return addresses


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a provider answers at the address it names."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _fetch(
    address: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    body = urlencode(form).encode("ascii") if form is not None else None
    asked = urllib.request.Request(address, data=body, headers=dict(headers or {}))  # noqa: S310 - the scheme is checked
    try:
        with urllib.request.build_opener(_Straight).open(asked, timeout=WAIT_SECONDS) as answer:
            read = json.loads(answer.read(LARGEST_ANSWER))
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as problem:
        raise ProviderFailed(f"{address} does not answer as a provider: {problem}") from problem
    if not isinstance(read, dict):
        raise ProviderFailed(f"{address} answers with no object")
    return read


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
