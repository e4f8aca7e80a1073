"""Personal data at rest: text that only the holder of a named key can read.

Each kind of secret has a key of its own in a file that only the service's account reads (`key_ring`), so that a copy of
the database, or the key of one kind, opens nothing else. The keys are backed up apart from the database.

A fresh nonce of 12 bytes, then the cipher of the key: AES-256-GCM or SM4-GCM. The context (which record, which column) is
authenticated and not stored: a text that was copied to another record does not open there. What is sealed under the first
generation of a key begins with ``1:``, under a later one with ``2:<generation>:``.
"""

import base64
import hmac
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag

from zhijian.security import key_ring
from zhijian.security.key_ring import Key
from zhijian.security.receipts import note_opened

FIRST, LATER = "1", "2"
"""The forms: under the first generation of a key, and under a later one."""
_NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed text is not of this key or this place, or somebody changed it. It is never half opened."""


def seal(text: str, *, key: str, context: str) -> str:
    """Return `text` sealed under the newest generation of `key`, bound to `context`. Empty text stays empty."""
    if not text:
        return ""
    newest, nonce = key_ring.newest(key), secrets.token_bytes(_NONCE_BYTES)
    hidden = newest.cipher().encrypt(nonce, text.encode("utf-8"), _bound(newest.generation, context))
    return prefix(newest.generation) + base64.urlsafe_b64encode(nonce + hidden).decode("ascii")


def unseal(sealed: str, *, key: str, context: str) -> str:
    """Return the text again, whatever the generation under which it was sealed.

    Raises:
        CannotOpen: another key, another place, or a changed byte.
        MissingKey: the generation's file is not there.
    """
    if not sealed:
        return ""
    plain = _opened(sealed, key=key, context=context)
    note_opened(key, context)
    return plain


def seal_anew(sealed: str, *, key: str, context: str) -> str:
    """Return a text sealed under the newest generation of its key; nobody sees it, so no look is owed.

    Raises:
        CannotOpen, MissingKey: as for `unseal`.
    """
    return seal(_opened(sealed, key=key, context=context), key=key, context=context) if sealed else ""


def opens(sealed: str, *, under: Key, context: str) -> bool:
    """Say whether a text opens under a key of its generation; what it says is not given out, so no look is owed."""
    try:
        _opened_under(under, sealed, context)
    except CannotOpen:
        return False
    return True


def generation_of(sealed: str) -> int:
    """Return the generation of the key under which a text was sealed.

    Raises:
        CannotOpen: it is no sealed text.
    """
    form, _, rest = sealed.partition(":")
    if form == FIRST:
        return 1
    number, _, _ = rest.partition(":")
    if form != LATER or not number.isascii() or not number.isdigit():
        raise CannotOpen(f"a text is in the form '{form[:10]}', which is not read here.")
    return int(number)


def prefix(generation: int) -> str:
    """Return how texts of a generation begin."""
    return f"{FIRST}:" if generation == 1 else f"{LATER}:{generation}:"


def fingerprint(text: str, *, key: str) -> str:
    """Return a mark by which equal texts are found without opening them; useless without the key.

    Width, case and spaces do not count: '138 0000 0000' and '１３８００００００００' have one mark.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _marked(key_ring.root(key), b"find", plain.encode("utf-8")) if plain else ""


def mark_exactly(text: str, *, key: str, context: str) -> str:
    """Return a mark by which a password is known again and not read: case, width and spaces count, and so does the place."""
    return _marked(key_ring.root(key), b"exact", f"{context}\0{text}".encode())


def is_exactly(text: str, mark: str, *, key: str, context: str) -> bool:
    """Say whether a text is the one of the mark, in the same time whatever was typed."""
    return hmac.compare_digest(mark_exactly(text, key=key, context=context), mark)


def derived(key: str, *, use: bytes) -> bytes:
    """Return the 32 bytes of the key named `key` for one use, the same for good: its first generation's."""
    return key_ring.root(key).derived(use)


def _marked(key: Key, use: bytes, data: bytes) -> str:
    return key.mac(key.derived(use), data).hex()


def _opened(sealed: str, *, key: str, context: str) -> str:
    return _opened_under(key_ring.of_generation(key, generation_of(sealed)), sealed, context)


def _opened_under(key: Key, sealed: str, context: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(sealed.rpartition(":")[2].encode("ascii"))
        bound = _bound(key.generation, context)
        return key.cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound).decode("utf-8")
    except (ValueError, InvalidTag) as error:
        raise CannotOpen(
            f"a text for {context} was not sealed under generation {key.generation} of the key '{key.name}', or was changed."
        ) from error


def _bound(generation: int, context: str) -> bytes:
    return context.encode("utf-8") if generation == 1 else f"{prefix(generation)}{context}".encode()
