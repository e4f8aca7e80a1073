"""Personal data at rest: text that only the holder of a named key can read.

Each kind of secret has a key of its own in a file that only the service's account reads
(``ZHIJIAN_HOME/keys/<name>.key``), so that a copy of the database, or the key of one kind, opens nothing else. The
keys are backed up apart from the database.

The form is *encrypt, then authenticate*, from the standard library: SHAKE-256 over a key of 32 bytes and a fresh
nonce of 16 bytes gives the stream, HMAC-SHA-256 over nonce, ciphertext and context the tag. The context (which
record, which column) is not stored: a text that was copied to another record does not open there.
"""

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
from functools import lru_cache
from pathlib import Path

from django.conf import settings

FORM = "1"
_NONCE_BYTES, _TAG_BYTES, _KEY_BYTES = 16, 32, 32


class CannotOpen(Exception):
    """A sealed text is not of this key or this place, or somebody changed it. It is never half opened."""


def seal(text: str, *, key: str, context: str) -> str:
    """Return `text` sealed under the key named `key`, bound to `context`. Empty text stays empty."""
    if not text:
        return ""
    secret = _secret(key)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hidden = _crossed(text.encode("utf-8"), secret, nonce)
    tag = _tag(secret, nonce, hidden, context)
    return f"{FORM}:{base64.urlsafe_b64encode(nonce + tag + hidden).decode('ascii')}"


def unseal(sealed: str, *, key: str, context: str) -> str:
    """Return the text again.

    Raises:
        CannotOpen: another key, another place, or a changed byte.
    """
    if not sealed:
        return ""
    form, _, body = sealed.partition(":")
    try:
        raw = base64.urlsafe_b64decode(body.encode("ascii"))
    except ValueError as error:
        raise CannotOpen(f"a text sealed under '{key}' for {context} is damaged.") from error
    nonce, tag = raw[:_NONCE_BYTES], raw[_NONCE_BYTES : _NONCE_BYTES + _TAG_BYTES]
    hidden, secret = raw[_NONCE_BYTES + _TAG_BYTES :], _secret(key)
    if form != FORM or not hmac.compare_digest(tag, _tag(secret, nonce, hidden, context)):
        raise CannotOpen(
            f"a text for {context} was not sealed under the present key '{key}', or was changed."
        )
    return _crossed(hidden, secret, nonce).decode("utf-8")


def fingerprint(text: str, *, key: str) -> str:
    """Return a mark by which equal texts are found without opening them; useless without the key.

    Width, case and spaces do not count: '138 0000 0000' and '１３８００００００００' have one mark.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _mac(_derived(_secret(key), b"find"), plain.encode("utf-8")).hex() if plain else ""


def _crossed(data: bytes, secret: bytes, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(_derived(secret, b"read") + nonce).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _tag(secret: bytes, nonce: bytes, hidden: bytes, context: str) -> bytes:
    place = context.encode("utf-8")
    return _mac(_derived(secret, b"hold"), len(place).to_bytes(4, "big") + place + nonce + hidden)


def _derived(secret: bytes, use: bytes) -> bytes:
    return _mac(secret, b"zhijian-sealed-text/" + use)


def _mac(secret: bytes, data: bytes) -> bytes:
    return hmac.new(secret, data, hashlib.sha256).digest()


def _secret(name: str) -> bytes:
    return _kept(settings.HOME.root / "keys" / f"{name}.key")


@lru_cache(maxsize=16)
def _kept(path: Path) -> bytes:
    """Return the key of a file; make one where there is none. The first process to come wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        candidate = path.with_name(f".{path.name}.{os.getpid()}")
        candidate.touch(mode=0o600)
        candidate.write_text(secrets.token_hex(_KEY_BYTES), "ascii")
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return bytes.fromhex(path.read_text("ascii").strip())
