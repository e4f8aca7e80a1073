"""Signatures that anybody can check: Ed25519 under named keys, each in a file that only the service's account reads."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from zhijian.security.sealed_text import derived


def sign(data: bytes, *, key: str) -> bytes:
    """Return the signature of `data` (64 bytes) under the key named `key`; a key is made at its first use."""
    return _private(key).sign(data)


def public_key(key: str) -> bytes:
    """Return the 32 bytes by which everybody checks what the key named `key` signed."""
    return _private(key).public_key().public_bytes_raw()


def is_signed(data: bytes, signature: bytes, public: bytes) -> bool:
    """Say whether the holder of the key behind `public` signed exactly `data`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived(key, use=b"sign"))
