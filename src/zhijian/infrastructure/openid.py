"""Sign-in by an outside provider: OpenID Connect, authorization code with PKCE, state and nonce (RFC 7636, OpenID Core 3.1).

And signing out of it: the browser is sent there (OpenID RP-Initiated Logout 1.0), and the provider says itself that somebody
signed out (OpenID Back-Channel Logout 1.0).
"""

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
from datetime import datetime, timedelta
from hmac import compare_digest
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from zhijian.infrastructure.addresses import is_open_internet, numbers_of, port_of

WAIT_SECONDS = 5
LARGEST_ANSWER = 1_000_000
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures with a key pair alone: with HS256 the client's secret would make tokens, and 'none' signs nothing."""

CLOCK_SECONDS = 120
LOGOUT_LASTS = timedelta(minutes=10)
"""How long a logout token is taken, whatever it says itself. What was taken is remembered for longer."""

_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_KINDS = ("LOGOUT+JWT", "APPLICATION/LOGOUT+JWT")
_LONGEST_LOGOUT = 20_000


class ProviderFailed(Exception):
    """The provider cannot be reached, or what it sent is not to be trusted. Says which for the log; people get plain words."""


class Untrusted(ProviderFailed):
    """A logout token is not the provider's, not for this site, or not what the standard asks for."""


@dataclass(frozen=True)
class Provider:
    """Where people sign in outside, and by which claim the office knows them."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str


@dataclass(frozen=True)
class Identity:
    """Who the provider says it was: by the claim of the office, and by the subject that it gives to nobody else.

    `session` is the provider's own, if it names it; `token` is there only where the provider takes it back at the end.
    """

    known_as: str
    issuer: str
    subject: str
    session: str = ""
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Logout:
    """What a provider says is over: one session there, or every one of a person; `number` is the message's own."""

    number: str
    subject: str
    session: str


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
    return _with_query(_described(provider)["authorization_endpoint"], query), kept


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
    returned = token if _END_SESSION in described else ""
    session = str(claims.get("sid") or "")
    return Identity(known.strip(), provider.issuer, str(claims["sub"]), session, returned)


def leave(provider: Provider, *, token: str, back: str, state: str) -> str | None:
    """Return where the browser goes to end the provider's session too, or nothing where the provider has no such address.

    Raises:
        ProviderFailed: the provider does not answer, or describes itself wrongly.
    """
    door = _described(provider).get(_END_SESSION)
    if door is None:
        return None
    query = {"client_id": provider.client_id, "post_logout_redirect_uri": back, "state": state}
    return _with_query(door, {**query, "id_token_hint": token} if token else query)


def read_logout(provider: Provider, token: str, *, at: datetime) -> Logout:
    """Return what a logout token says is over.

    The provider is asked for its keys only where the token claims to be its, for this site, and a logout.

    Raises:
        Untrusted: it is not signed by the provider, not for this site, of another kind, too old, or names nobody.
        ProviderFailed: the provider does not answer.
    """
    _check_claimed(provider, token)
    keys: Any = _fetch(provider, _described(provider)["jwks_uri"])
    rules = jwt.JWTClaimsRegistry(
        now=lambda: int(at.timestamp()),
        leeway=CLOCK_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as problem:
        raise Untrusted(f"the logout token is not to be trusted: {problem}") from problem
    if at.timestamp() - claims["iat"] > (LOGOUT_LASTS.total_seconds() + CLOCK_SECONDS):
        raise Untrusted("the logout token is too old")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_LOGOUT_EVENT), dict):
        raise Untrusted("the logout token tells of no logout")
    if "nonce" in claims:
        raise Untrusted("a logout token has no nonce: this one was made for something else")
    subject, session = claims.get("sub", ""), claims.get("sid", "")
    if not isinstance(subject, str) or not isinstance(session, str) or not (subject or session):
        raise Untrusted("the logout token names neither a person nor a session")
    return Logout(claims["jti"], subject, session)


def _check_claimed(provider: Provider, token: str) -> None:
    """Refuse what does not even claim to be a logout of this provider, before the provider is asked anything."""
    if len(token) > _LONGEST_LOGOUT:
        raise Untrusted("the logout token is too long")
    try:
        read = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(read.payload)
        kind, issuer = str(read.headers().get("typ", "")), claims["iss"]
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Untrusted(f"the logout token cannot be read: {problem}") from problem
    if kind.upper() not in _LOGOUT_KINDS:
        raise Untrusted(f"the token is no logout token but of the kind '{kind[:40]}'")
    if issuer != provider.issuer:
        raise Untrusted("the logout token is another issuer's")


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


_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_END_SESSION = "end_session_endpoint"


def _described(provider: Provider) -> dict[str, str]:
    """Return the addresses of a provider, which are asked for anew so that a changed key or address counts at once.

    Where sessions end is the one that a provider need not have.
    """
    found = _fetch(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise ProviderFailed(f"the provider calls itself '{found.get('issuer')}'")
    names = (*_NEEDED, _END_SESSION) if found.get(_END_SESSION) else _NEEDED
    addresses = {name: str(found.get(name, "")) for name in names}
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


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
