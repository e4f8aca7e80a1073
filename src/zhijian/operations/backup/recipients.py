"""The pair of keys of somebody who may read backups: the public file goes to the machine, the private one never.

The private half lies under a passphrase, as the chunks of a backup do. The public file says its own fingerprint: one that
was changed by a single character would otherwise make backups that nobody can ever open.
"""

import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhijian.operations.backup.errors import BackupRefused
from zhijian.operations.backup.locks import Holder, Passphrase, fingerprint, mac

PUBLIC_SUFFIX, PRIVATE_SUFFIX = ".public", ".private"
_PUBLIC, _PRIVATE = "zhijian-recipient-public-1", "zhijian-recipient-private-1"
_ONCE = bytes(12)  # the salt makes the key of one file alone
_LONGEST = 4096  # bytes


@dataclass(frozen=True)
class Pair:
    """The two files of a recipient, and the name by which backups call the key."""

    public: Path
    private: Path
    fingerprint: str


def make_pair(place: Path, passphrase: str) -> Pair:
    """Make a pair of keys: `place`.public, and `place`.private under a passphrase.

    Raises:
        BackupRefused: the passphrase is too short, or a file of such a name exists.
    """
    lock = Passphrase.chosen(passphrase)
    public, private = (place.with_name(place.name + suffix) for suffix in (PUBLIC_SUFFIX, PRIVATE_SUFFIX))
    for path in (public, private):
        if path.exists():
            raise BackupRefused(
                f"{path} 已存在，不会覆盖它：覆盖了私钥，封给它的备份就再也打不开。请换一个名字。",
                f"{path} exists and is not overwritten: without that private key, backups closed for it never open again. Take another name.",
            )
    made = X25519PrivateKey.generate()
    name = fingerprint(made.public_key().public_bytes_raw())
    said, secret = lock.fresh()
    header = {**said, "format": _PRIVATE, "recipient": name}
    sealed = AESGCM(secret[:32]).encrypt(_ONCE, made.private_bytes_raw(), None)
    _write(private, {**header, "mac": mac(secret[32:], header), "sealed": sealed.hex()}, mode=0o600)
    try:
        half = {"public": made.public_key().public_bytes_raw().hex(), "recipient": name}
        _write(public, {"format": _PUBLIC, **half}, mode=0o644)
    except BaseException:
        private.unlink()  # of this call, and good for nothing without its other half
        raise
    return Pair(public, private, name)


def public_key(path: Path) -> bytes:
    """Return the public key of a file.

    Raises:
        BackupRefused: it is no such file, a private one, or it was changed.
    """
    said = _read(path, _PUBLIC)
    try:
        key = bytes.fromhex(said["public"])
        is_whole = len(key) == 32 and said["recipient"] == fingerprint(key)
    except (KeyError, ValueError, TypeError):
        is_whole = False
    if not is_whole:
        raise BackupRefused(
            f"公钥文件 {path} 已损坏：内容与它自己写明的指纹不符。请向持有私钥的人重新索取；用坏的公钥做出的备份谁也打不开。",
            f"The public key {path} was changed: it is not the one of the fingerprint that it names. Ask its holder for it again; "
            "a backup made with it would open for nobody.",
        )
    return key


def holder(path: Path, passphrase: str) -> Holder:
    """Return the private key of a file, opened by its passphrase.

    Raises:
        BackupRefused: it is no such file, a public one, the passphrase is wrong, or it was changed.
    """
    said = _read(path, _PRIVATE)
    try:
        header = {name: said[name] for name in ("format", "salt", "scrypt", "recipient")}
        secret = Passphrase(passphrase).secret(header, name=path.name)
        if not hmac.compare_digest(mac(secret[32:], header), str(said["mac"])):
            raise BackupRefused(
                f"口令不对，打不开私钥文件 {path.name}（{header['recipient']}）。请核对口令文件：要的是私钥的口令。",
                f"The passphrase does not open the private key {path.name} ({header['recipient']}). Check the passphrase file: "
                "it must hold the passphrase of that key.",
            )
        plain = AESGCM(secret[:32]).decrypt(_ONCE, bytes.fromhex(said["sealed"]), None)
    except (KeyError, ValueError, TypeError, InvalidTag):
        raise _no_key(path, _PRIVATE) from None
    return Holder(X25519PrivateKey.from_private_bytes(plain))


def _write(path: Path, content: dict[str, Any], *, mode: int) -> None:
    """Write a new file, to the disk; half of one does not stay."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(json.dumps(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def _read(path: Path, form: str) -> dict[str, Any]:
    with path.open("rb") as file:
        content = file.read(_LONGEST)
    try:
        said = json.loads(content)
        found = said["format"]
    except (ValueError, KeyError, TypeError):
        raise _no_key(path, form) from None
    if found == form:
        return dict(said)
    if found == _PRIVATE:
        raise BackupRefused(
            f"{path} 是私钥文件。做备份的机器只要公钥（{PUBLIC_SUFFIX}）；请把私钥从这台机器上移走。",
            f"{path} is a private key. The machine that makes backups needs the public one ({PUBLIC_SUFFIX}) alone; take the private key off this machine.",
        )
    if found == _PUBLIC:
        raise BackupRefused(
            f"{path} 是公钥文件，它打不开备份。请写明私钥文件（{PRIVATE_SUFFIX}）。",
            f"{path} is a public key, which opens nothing. Name the private one ({PRIVATE_SUFFIX}).",
        )
    raise _no_key(path, form)


def _no_key(path: Path, form: str) -> BackupRefused:
    zh, en = ("公钥", "public") if form == _PUBLIC else ("私钥", "private")
    return BackupRefused(
        f"{path} 不是 zhijian recipient 生成的{zh}文件，或已损坏。请换一份。",
        f"{path} is no {en} key that `zhijian recipient` made, or it was damaged. Take another copy of it.",
    )
