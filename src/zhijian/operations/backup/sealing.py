"""An encrypted stream: AES-256-GCM by chunks, so that no byte is given out that was not checked before.

The file begins with a line of JSON: format, what its lock says (`locks`), length of the chunks, and a MAC over these under
a secret of this file, which tells a wrong passphrase from a damaged file. Each chunk's nonce is its number and whether it
is the last (the STREAM construction), so chunks cannot be exchanged, repeated, left out or cut off. The key is new for
each file; a counter as nonce is therefore never used twice.
"""

import hashlib
import hmac
import json
import re
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import (
    BY_PASSPHRASE,
    BY_RECIPIENTS,
    Known,
    Lock,
    Opener,
    damaged_beginning,
    mac,
)

CHUNK = 1 << 20  # bytes
TAG = 16  # bytes that GCM adds to each chunk
_LONGEST_HEADER = 1 << 16  # bytes: a lock of two hundred recipients
_SOME_FORMAT = re.compile(r"^zhijian-backup-\d+$")


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


class SealedWriter:
    """A file to write to; what arrives on disk is encrypted. `close` writes the last chunk: without it, no reader reads to the end."""

    def __init__(self, file: IO[bytes], lock: Lock) -> None:
        said, secret = lock.fresh()
        header = {**said, "chunk": CHUNK}
        self.opener = Known(secret)  # reads this one file, in this process alone
        self._line = json.dumps({**header, "mac": mac(secret[32:], header)}).encode() + b"\n"
        self._file, self._cipher = file, AESGCM(secret[:32])
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
        BackupRefused: another kind of file, a wrong passphrase or key, one that a newer version made, or (while reading) a
            file that was changed or cut off.
    """

    def __init__(self, file: IO[bytes], opener: Opener, *, name: str) -> None:
        self._file, self._name = file, name
        self._line = file.readline(_LONGEST_HEADER)
        try:
            header = json.loads(self._line)
            said = header.pop("mac")
            _refuse_newer(str(header["format"]), name)
            if header["chunk"] != CHUNK:
                raise ValueError
            secret = opener.secret(header, name=name)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise damaged_beginning(name) from None
        if not hmac.compare_digest(mac(secret[32:], header), str(said)):
            raise opener.wrong(name)
        self._cipher, self._number = AESGCM(secret[:32]), 0
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


def _refuse_newer(form: str, name: str) -> None:
    """Refuse a form that this version does not read.

    Raises:
        BackupRefused: a later version made it.
        ValueError: it is no form of a backup at all.
    """
    if form in (BY_PASSPHRASE, BY_RECIPIENTS):
        return
    if not _SOME_FORMAT.match(form):
        raise ValueError(form)
    raise BackupRefused(
        f"{name} 是较新版本的智监做的（格式 {form}），这一版读不了。请安装做备份时的版本或更新的版本再恢复。",
        f"{name} was made by a newer version of Zhijian (format {form}) that this one cannot read. Install that version or a later one, then restore.",
    )
