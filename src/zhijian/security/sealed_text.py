"""Personal data at rest: text that only the holder of a named key can read.

Each kind of secret has a key of its own in a file that only the service's account reads
(``ZHIJIAN_HOME/keys/<name>.key``), so that a copy of the database, or the key of one kind, opens nothing else. The
keys are backed up apart from the database.

The form is AES-256-GCM with a fresh nonce of 12 bytes. The context (which record, which column) is authenticated and
not stored: a text that was copied to another record does not open there.
"""

import base64
import hmac
import os
import secrets
import unicodedata
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from zhijian.security.receipts import note_opened

FORM = "1"
_NONCE_BYTES, _KEY_BYTES = 12, 32


class CannotOpen(Exception):
    """A sealed text is not of this key or this place, or somebody changed it. It is never half opened."""


def seal(text: str, *, key: str, context: str) -> str:
    """Return `text` sealed under the key named `key`, bound to `context`. Empty text stays empty."""
    if not text:
        return ""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    hidden = _cipher(key).encrypt(nonce, text.encode("utf-8"), context.encode("utf-8"))
    return f"{FORM}:{base64.urlsafe_b64encode(nonce + hidden).decode('ascii')}"


def unseal(sealed: str, *, key: str, context: str) -> str:
    """Return the text again.

    Raises:
        CannotOpen: another key, another place, or a changed byte.
    """
    if not sealed:
        return ""
    form, _, body = sealed.partition(":")
    if form != FORM:
        raise CannotOpen(f"a text for {context} is in the form '{form}', which is not read here.")
    try:
        raw = base64.urlsafe_b64decode(body.encode("ascii"))
        plain = _cipher(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode("utf-8"))
    except (ValueError, InvalidTag) as error:
        raise CannotOpen(
            f"a text for {context} was not sealed under the present key '{key}', or was changed."
        ) from error
    note_opened(key, context)
    return plain.decode("utf-8")


def fingerprint(text: str, *, key: str) -> str:
    """Return a mark by which equal texts are found without opening them; useless without the key.

    Width, case and spaces do not count: '138 0000 0000' and '１３８００００００００' have one mark.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _mac(derived(key, use=b"find"), plain.encode("utf-8")).hex() if plain else ""


def mark_exactly(text: str, *, key: str, context: str) -> str:
    """Return a mark by which a password is known again and not read: case, width and spaces count, and so does the place."""
    return _mac(derived(key, use=b"exact"), f"{context}\0{text}".encode()).hex()


def is_exactly(text: str, mark: str, *, key: str, context: str) -> bool:
    """Say whether a text is the one of the mark, in the same time whatever was typed."""
    return hmac.compare_digest(mark_exactly(text, key=key, context=context), mark)


def derived(key: str, *, use: bytes) -> bytes:
    """Return the 32 bytes of the key named `key` for one use; those of one use say nothing of another's."""
    return _mac(_secret(key), b"zhijian-sealed-text/" + use)


def _cipher(key: str) -> AESGCM:
    return AESGCM(derived(key, use=b"read"))


def _mac(secret: bytes, data: bytes) -> bytes:
    return hmac.digest(secret, data, "sha256")


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
