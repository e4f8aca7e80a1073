"""Sign-in by an outside provider: OpenID Connect, authorization code with PKCE, state and nonce (RFC 7636, OpenID Core 3.1)."""

import base64
import hashlib
import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from zhijian.infrastructure.addresses import is_open_internet, numbers_of, port_of

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


@dataclass(frozen=True)
class Identity:
    """Who the provider says it was: by the claim of the office, and by the subject that it gives to nobody else."""

    known_as: str
    issuer: str
    subject: str


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
) -> Identity:
    """Return who signed in, with the value of the claim by which the office knows them.

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
    token = _fetch(provider, described["token_endpoint"], form=form, headers=headers).get("id_token")
    if not isinstance(token, str):
        raise ProviderFailed("the provider gave no identity token")
    claims = _read_token(provider, token, _fetch(provider, described["jwks_uri"]), nonce=kept["nonce"], at=at)
    known = claims.get(provider.claim)
    if not isinstance(known, str) or not known.strip():
        raise ProviderFailed(f"the token has no claim '{provider.claim}'")
    return Identity(known.strip(), provider.issuer, str(claims["sub"]))


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
    kind = str(read.header.get("typ", "JWT")).upper()
    if kind != "JWT" or "events" in read.claims:
        raise ProviderFailed(f"the token is no identity token but of the kind '{kind}'")
    claims: Mapping[str, Any] = read.claims
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise ProviderFailed("the identity token was made for another client")
    return claims


def _described(provider: Provider) -> dict[str, str]:
    """Return the addresses of a provider, which are asked for anew so that a changed key or address counts at once."""
    found = _fetch(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed(f"the provider calls itself '{found.get('issuer')}'")
    addresses = {
        name: str(found.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    }
    for name, address in addresses.items():
        if urlsplit(address).scheme != urlsplit(provider.issuer).scheme:
            raise ProviderFailed(f"the provider's {name} is '{address}'")
    return addresses


def _fetch(
    provider: Provider,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    try:
        read = json.loads(_answer(provider, address, form, dict(headers or {})))
    except (http.client.HTTPException, OSError, ValueError, RecursionError) as problem:
        raise ProviderFailed(f"{address} does not answer as a provider: {problem}") from problem
    if not isinstance(read, dict):
        raise ProviderFailed(f"{address} answers with no object")
    return read


def _answer(
    provider: Provider, address: str, form: Mapping[str, str] | None, headers: dict[str, str]
) -> bytes:
    """Ask one address and return what it says. Nothing is followed: a provider answers at the address it names."""
    parts = urlsplit(address)
    port = port_of(parts)
    asked = http.client.HTTPConnection(parts.hostname or "", port, timeout=WAIT_SECONDS)
    asked.sock = _line_to(_places(provider, parts.hostname or "", port), port)
    try:
        if parts.scheme == "https":
            asked.sock = ssl.create_default_context().wrap_socket(asked.sock, server_hostname=parts.hostname)
        body = urlencode(form).encode("ascii") if form is not None else None
        kind = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        asked.request("POST" if body is not None else "GET", path, body, {**kind, **headers})
        answer = asked.getresponse()
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"it answered {answer.status}")
        return answer.read(LARGEST_ANSWER)
    finally:
        asked.close()


def _line_to(numbers: list[str], port: int) -> socket.socket:
    """Connect to the first number that answers."""
    *others, last = numbers
    for number in others:
        with suppress(OSError):
            return socket.create_connection((number, port), timeout=WAIT_SECONDS)
    return socket.create_connection((last, port), timeout=WAIT_SECONDS)


def _places(provider: Provider, host: str, port: int) -> list[str]:
    """Return the numbers that may be connected to, looked up once, so that the name cannot change under us.

    The office named its provider and knows where it stands. A host that only the provider names may stand in the open
    internet, or where the provider itself stands: never on this machine or at the address that tells a cloud's secrets.

    Raises:
        ProviderFailed: it leads elsewhere.
    """
    found = numbers_of(host, port)
    own = urlsplit(provider.issuer)
    if host == own.hostname or all(map(is_open_internet, found)):
        return found
    is_inside = not all(map(is_open_internet, numbers_of(own.hostname or "", own.port or 443)))
    if is_inside and all(_is_plain_private(one) for one in found):
        return found
    raise ProviderFailed(f"the provider names {host}, which leads to {', '.join(found)}")


def _is_plain_private(number: str) -> bool:
    address = ipaddress.ip_address(number)
    return address.is_private and not (address.is_loopback or address.is_link_local or address.is_unspecified)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
