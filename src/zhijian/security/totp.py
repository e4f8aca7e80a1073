"""Codes of six digits that change every thirty seconds (RFC 6238, SHA-1, as every app for phones shows them)."""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after the present one that are taken: a phone may be up to half a minute wrong, and people type slowly."""

LATE_STEPS = 130
"""Steps back (65 minutes) in which a code that is too late is known again, to tell somebody that the clock is wrong."""


def step_of(at: datetime) -> int:
    """Return the number of the thirty seconds in which a moment lies."""
    return int(at.timestamp()) // STEP_SECONDS


def code(secret: bytes, step: int) -> str:
    """Return the code of a step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, typed: str, *, at: datetime, after: int) -> int | None:
    """Return the step whose code was typed, within the window and later than `after`: no code is taken twice."""
    now = step_of(at)
    for step in range(now - WINDOW, now + WINDOW + 1):
        if step > after and hmac.compare_digest(code(secret, step).encode(), _plain(typed)):
            return step
    return None


def minutes_late(secret: bytes, typed: str, *, at: datetime) -> int | None:
    """Return by how many minutes the clock that made a code is slow; nothing where it is none of the last hour's.

    Only codes that are past are known again. They open nothing any more; one that is still to come would.
    """
    now = step_of(at)
    for step in range(now - WINDOW - 1, now - LATE_STEPS, -1):
        if hmac.compare_digest(code(secret, step).encode(), _plain(typed)):
            return max(1, round((now - step) * STEP_SECONDS / 60))
    return None


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """Return what an app reads from the QR code."""
    query = urlencode({"secret": base32(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS})
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def _plain(typed: str) -> bytes:
    return "".join(typed.split()).encode("utf-8", "replace")
