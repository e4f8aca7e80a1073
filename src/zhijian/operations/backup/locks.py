"""By what a file of a backup is closed and opened: the words of a passphrase, or the keys of those who may read it.

A lock gives each file 64 secret bytes of its own and says in the file's header how whoever may open it finds them again.
Half of them are the key of the file's chunks, half that of the header's MAC.

*A passphrase* gives them by scrypt from a salt of this file. *A recipient* is a pair of X25519 keys: the machine that makes
backups holds the public half, which opens nothing. The bytes are random and lie in the header once for each recipient,
under AES-256-GCM with a key that HKDF-SHA-256 makes of an exchange between a pair made for this file and recipient alone
(the construction of age and of HPKE). A fingerprint names the recipient, so that a wrong key is told from a damaged file.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from zhijian.operations.backup.errors import BackupRefused

SECRET_BYTES = 64
SHORTEST_PASSPHRASE = 16  # characters
COST = {"n": 1 << 15, "r": 8, "p": 1}  # of scrypt: 32 MB and a tenth of a second for each guess
BY_PASSPHRASE, BY_RECIPIENTS = "zhijian-backup-1", "zhijian-backup-2"
_ONCE = bytes(12)  # the nonce where a key closes one text and no other


class Lock(Protocol):
    """What a new file is closed with."""

    def fresh(self) -> tuple[dict[str, Any], bytes]:
        """Return what the header says of it, and the secret bytes of one file."""


class Opener(Protocol):
    """What a file is opened with."""

    def secret(self, header: Mapping[str, Any], *, name: str) -> bytes:
        """Return the secret bytes of the file with this header.

        Raises:
            BackupRefused: it does not open this file.
            ValueError, KeyError, TypeError: the header is none that is made here.
        """

    def wrong(self, name: str) -> BackupRefused:
        """Return what to say where those bytes are not the file's."""


@dataclass(frozen=True)
class Passphrase:
    """Words that close and open."""

    words: str = field(repr=False)

    @classmethod
    def chosen(cls, words: str) -> "Passphrase":
        """Return a passphrase that is long enough to close something with.

        Raises:
            BackupRefused: it is too short.
        """
        if len(words) < SHORTEST_PASSPHRASE:
            raise BackupRefused(
                f"口令只有 {len(words)} 个字符，至少需要 {SHORTEST_PASSPHRASE} 个。",
                f"The passphrase has {len(words)} characters; at least {SHORTEST_PASSPHRASE} are needed.",
            )
        return cls(words)

    def fresh(self) -> tuple[dict[str, Any], bytes]:
        salt = os.urandom(16)
        return {"format": BY_PASSPHRASE, "salt": salt.hex(), "scrypt": COST}, self._stretched(salt)

    def secret(self, header: Mapping[str, Any], *, name: str) -> bytes:
        if header["format"] == BY_RECIPIENTS:
            raise BackupRefused(
                f"{name} 是封给接收人密钥（{_told(header)}）的，口令打不开。请用 --with-key 写明私钥文件，口令文件则写私钥的口令。",
                f"{name} is closed for the keys of recipients ({_told(header)}), not under a passphrase. Name the private key by "
                "--with-key; the passphrase file then holds that key's passphrase.",
            )
        if header["scrypt"] != COST:
            raise ValueError("another cost of scrypt")
        return self._stretched(bytes.fromhex(header["salt"]))

    def wrong(self, name: str) -> BackupRefused:
        return BackupRefused(
            f"口令不对，打不开 {name}。请核对口令文件；没有口令，任何人都读不出这份备份。",
            f"The passphrase does not open {name}. Check the passphrase file; without it nobody can read this backup.",
        )

    def _stretched(self, salt: bytes) -> bytes:
        return Scrypt(salt=salt, length=SECRET_BYTES, **COST).derive(self.words.encode())


@dataclass(frozen=True)
class Recipients:
    """Those who may read a file; whoever closes it cannot."""

    keys: tuple[bytes, ...]  # public halves

    def fresh(self) -> tuple[dict[str, Any], bytes]:
        secret = os.urandom(SECRET_BYTES)
        return {"format": BY_RECIPIENTS, "recipients": [_wrapped(secret, key) for key in self.keys]}, secret


@dataclass(frozen=True)
class Holder:
    """Somebody who holds the private half."""

    private: X25519PrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def secret(self, header: Mapping[str, Any], *, name: str) -> bytes:
        mine = fingerprint(self.public)
        if header["format"] == BY_PASSPHRASE:
            raise BackupRefused(
                f"{name} 用口令封存，没有封给任何密钥。请去掉 --with-key，只写口令文件。",
                f"{name} is closed under a passphrase, and for no key. Leave out --with-key and give the passphrase file alone.",
            )
        found = [one for one in header["recipients"] if one["recipient"] == mine]
        if not found:
            raise BackupRefused(
                f"密钥不对：{name} 封给 {_told(header)}，而给出的私钥是 {mine}。请找持有相应私钥的人；这里没有改动任何东西。",
                f"Another key is needed: {name} is closed for {_told(header)}, and the key given is {mine}. "
                "Ask whoever holds that private key; nothing was touched.",
            )
        try:
            theirs = bytes.fromhex(found[0]["once"])
            exchanged = self.private.exchange(X25519PublicKey.from_public_bytes(theirs))
            wrapped = bytes.fromhex(found[0]["wrapped"])
            return AESGCM(_wrapping(exchanged, theirs, self.public)).decrypt(_ONCE, wrapped, None)
        except InvalidTag:
            raise ValueError("the wrapped secret was changed") from None

    def wrong(self, name: str) -> BackupRefused:
        return damaged_beginning(name)


@dataclass(frozen=True)
class Known:
    """The secret bytes themselves, in the process that made the file: it may read back what it wrote, and nobody after it."""

    value: bytes = field(repr=False)

    def secret(self, header: Mapping[str, Any], *, name: str) -> bytes:
        return self.value

    def wrong(self, name: str) -> BackupRefused:
        return damaged_beginning(name)


def fingerprint(public: bytes) -> str:
    """Return the name of a public key: 80 bits, in groups that two people can read to each other."""
    text = hashlib.sha256(b"zhijian-recipient/" + public).hexdigest()[:20]
    return "-".join(text[at : at + 4] for at in range(0, 20, 4))


def damaged_beginning(name: str) -> BackupRefused:
    return BackupRefused(
        f"{name} 不是智监的备份文件，或文件开头已损坏。请换一份备份。",
        f"{name} is no backup of Zhijian, or its beginning was damaged. Take another one.",
    )


def mac(key: bytes, header: Mapping[str, Any]) -> str:
    return hmac.new(key, json.dumps(header, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _wrapped(secret: bytes, public: bytes) -> dict[str, str]:
    once = X25519PrivateKey.generate()
    mine = once.public_key().public_bytes_raw()
    exchanged = once.exchange(X25519PublicKey.from_public_bytes(public))
    hidden = AESGCM(_wrapping(exchanged, mine, public)).encrypt(_ONCE, secret, None)
    return {"recipient": fingerprint(public), "once": mine.hex(), "wrapped": hidden.hex()}


def _wrapping(exchanged: bytes, once: bytes, public: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=once + public, info=BY_RECIPIENTS.encode()).derive(exchanged)


def _told(header: Mapping[str, Any]) -> str:
    return ", ".join(str(one["recipient"]) for one in header["recipients"])
