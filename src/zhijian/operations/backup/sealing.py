"""An encrypted stream: AES-256-GCM by chunks, so that no byte is given out that was not checked before.

The file begins with a line of JSON: format, salt, cost of scrypt, length of the chunks, and a MAC over these under a key
from the same passphrase, which tells a wrong passphrase from a damaged file. Each chunk's nonce is its number and
whether it is the last (the STREAM construction), so chunks cannot be exchanged, repeated, left out or cut off. The key
is new for each file, since the salt is; a counter as nonce is therefore never used twice.
"""

import hashlib
import hmac
import json
import os
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from zhijian.operations.backup.errors import BackupRefused

FORMAT = "zhijian-backup-1"
CHUNK = 1 << 20  # bytes
TAG = 16  # bytes that GCM adds to each chunk
SHORTEST_PASSPHRASE = 16  # characters
COST = {"n": 1 << 15, "r": 8, "p": 1}  # of scrypt: 32 MB and a tenth of a second for each guess
_LONGEST_HEADER = 4096  # bytes


def _keys(passphrase: str, salt: bytes, cost: dict[str, int]) -> tuple[bytes, bytes]:
    """Return the key of the chunks and the key of the header's MAC."""
    both = Scrypt(salt=salt, length=64, **cost).derive(passphrase.encode())
    return both[:32], both[32:]


def _mac(key: bytes, header: dict[str, object]) -> str:
    return hmac.new(key, json.dumps(header, sort_keys=True).encode(), hashlib.sha256).hexdigest()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


class SealedWriter:
    """A file to write to; what arrives on disk is encrypted. `close` writes the last chunk: without it, no reader reads to the end."""

    def __init__(self, file: IO[bytes], passphrase: str) -> None:
        salt = os.urandom(16)
        key, mac_key = _keys(passphrase, salt, COST)
        header: dict[str, object] = {"format": FORMAT, "salt": salt.hex(), "scrypt": COST, "chunk": CHUNK}
        self._line = json.dumps({**header, "mac": _mac(mac_key, header)}).encode() + b"\n"
        self._file, self._cipher = file, AESGCM(key)
        self._held, self._number = bytearray(), 0
        self.sum = hashlib.sha256()  # of the file as it lies on the disk
        self._out(self._line)

    def write(self, data: bytes) -> int:
        self._held += data
        while len(self._held) > CHUNK:  # the last chunk is known as such only at the end
            self._put(bytes(self._held[:CHUNK]), is_last=False)
            del self._held[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._held), is_last=True)
        self._held.clear()

    def _put(self, chunk: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._out(self._cipher.encrypt(nonce, chunk, self._line))
        self._number += 1

    def _out(self, data: bytes) -> None:
        self._file.write(data)
        self.sum.update(data)


class SealedReader:
    """A file to read from. Each chunk is checked before any of it is given out.

    Raises:
        BackupRefused: another kind of file, a wrong passphrase, or (while reading) a file that was changed or cut off.
    """

    def __init__(self, file: IO[bytes], passphrase: str, *, name: str) -> None:
        self._file, self._name = file, name
        self._line = file.readline(_LONGEST_HEADER)
        try:
            header = json.loads(self._line)
            mac = header.pop("mac")
            salt, cost, self._chunk = (
                bytes.fromhex(header["salt"]),
                dict(header["scrypt"]),
                int(header["chunk"]),
            )
            if header["format"] != FORMAT or cost != COST or self._chunk != CHUNK:
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupRefused(
                f"{name} 不是智监的备份文件，或文件开头已损坏。请换一份备份。",
                f"{name} is no backup of Zhijian, or its beginning was damaged. Take another one.",
            ) from None
        key, mac_key = _keys(passphrase, salt, cost)
        if not hmac.compare_digest(_mac(mac_key, header), str(mac)):
            raise BackupRefused(
                f"口令不对，打不开 {name}。请核对口令文件；没有口令，任何人都读不出这份备份。",
                f"The passphrase does not open {name}. Check the passphrase file; without it nobody can read this backup.",
            )
        self._cipher, self._number = AESGCM(key), 0
        self._plain, self._next, self._is_over = b"", self._file.read(CHUNK + TAG), False

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size if size >= 0 else 1 << 62
        while wanted > 0:
            if not self._plain and not self._open_next():
                break
            part, self._plain = self._plain[:wanted], self._plain[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _open_next(self) -> bool:
        if self._is_over:
            return False
        sealed, self._next = self._next, self._file.read(CHUNK + TAG)
        is_last = not self._next
        try:
            self._plain = self._cipher.decrypt(_nonce(self._number, is_last=is_last), sealed, self._line)
        except InvalidTag:
            raise self._damaged(is_last=is_last) from None
        self._number += 1
        self._is_over = is_last
        return bool(self._plain)

    def _damaged(self, *, is_last: bool) -> BackupRefused:
        if is_last:
            return BackupRefused(
                f"{self._name} 不完整：文件末尾缺失或被改动。请换一份备份；这一份一个字节也没有恢复到目标里。",
                f"{self._name} is cut off, or its end was changed. Take another backup; nothing of this one was restored.",
            )
        return BackupRefused(
            f"{self._name} 在第 {self._number + 1} 段（每段 1 MiB）处被改动过，不能使用。请换一份备份。",
            f"{self._name} was changed in its chunk {self._number + 1} (of 1 MiB each) and cannot be used. Take another backup.",
        )
