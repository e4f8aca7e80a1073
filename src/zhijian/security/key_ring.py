"""The keys in files that only the service's account reads, apart from the database: ``ZHIJIAN_HOME/keys``.

``<name>.key`` is the first generation of a key. Marks, signatures and codes follow from it for good, because what was
found or signed by it must be found and checked again. ``<name>.2.key``, ``<name>.3.key``, … are later generations, under
which texts alone are sealed: `zhijian keys rotate` adds one and seals anew what lies under an older one.

Which keys there are is noted beside them in ``ZHIJIAN_HOME/operations/keys.jsonl``: name, generation and a fingerprint,
never the key. What is noted there and has no file was lost, and no new key covers it up.

A file says under which suite its key works. What `ZHIJIAN_CIPHERS` says counts for keys that are made from then on, so
that no key ever changes its meaning.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings

_KEY_BYTES, _TAG_BYTES = 32, 16
_NAME = re.compile(r"^([A-Za-z0-9_-]+?)(?:\.(\d+))?\.key$")


class Suite(StrEnum):
    """Which ciphers and hashes a key works with."""

    INTERNATIONAL = "international"  # AES-256-GCM, HMAC-SHA-256
    NATIONAL = "national"  # SM4-GCM (GB/T 32907-2016, RFC 8998), HMAC-SM3 (GB/T 32905-2016)


class MissingKey(Exception):
    """The file of a key is not there. What was sealed under it stays shut until it is brought back."""


@dataclass(frozen=True)
class Key:
    """One generation of a named key."""

    name: str
    generation: int
    suite: Suite
    secret: bytes = field(repr=False)

    def derived(self, use: bytes) -> bytes:
        """Return 32 bytes for one use; those of one use say nothing of another's."""
        return self.mac(self.secret, b"zhijian-sealed-text/" + use)

    def mac(self, secret: bytes, data: bytes) -> bytes:
        maker = HMAC(secret, hashes.SM3() if self.suite is Suite.NATIONAL else hashes.SHA256())
        maker.update(data)
        return maker.finalize()

    def cipher(self) -> "AESGCM | Sm4Gcm":
        secret = self.derived(b"read")
        return Sm4Gcm(secret[:16]) if self.suite is Suite.NATIONAL else AESGCM(secret)


class Sm4Gcm:
    """SM4 in Galois/Counter Mode with a tag of 16 bytes at the end, called as AESGCM is."""

    def __init__(self, secret: bytes) -> None:
        self._algorithm = algorithms.SM4(secret)

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        maker = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        maker.authenticate_additional_data(associated)
        return maker.update(data) + maker.finalize() + maker.tag

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        if len(data) < _TAG_BYTES:
            raise InvalidTag
        opener = Cipher(self._algorithm, modes.GCM(nonce, data[-_TAG_BYTES:])).decryptor()
        opener.authenticate_additional_data(associated)
        return opener.update(data[:-_TAG_BYTES]) + opener.finalize()


def root(name: str) -> Key:
    """Return the first generation of a key; it is made where the key never was. The first process to come wins.

    Raises:
        MissingKey: it is noted, or a later generation lies there, so it was lost: another one would open no text and find no
            mark again.
    """
    path = _path(name, 1)
    if not path.exists() and not generations(name) and (name, 1) not in noted():
        _make(path)
    return of_generation(name, 1)


def newest(name: str) -> Key:
    """Return the generation under which texts are sealed now. It is looked for each time: another process may add one."""
    number = max(generations(name), default=1)
    return root(name) if number == 1 else _read(_path(name, number), name, number)


def of_generation(name: str, number: int) -> Key:
    """Return one generation of a key.

    Raises:
        MissingKey: there is no file of it.
    """
    path = _path(name, number)
    if not path.exists():
        raise MissingKey(
            f"{path} is missing: what was sealed or marked under generation {number} of '{name}' stays shut. "
            "Bring the file back from the backup of the keys."
        )
    return _read(path, name, number)


def generations(name: str) -> list[int]:
    """Return the generations of a key that lie in the folder, oldest first."""
    return sorted(number for found, number in _files() if found == name)


def held_in(folder: Path) -> dict[tuple[str, int], Key]:
    """Return the keys that lie in any folder, by name and generation: those of a backup beside the home."""
    return {
        (name, number): _key(folder / _file(name, number), name, number) for name, number in _files(folder)
    }


def names() -> list[str]:
    """Return every key that has a file."""
    return sorted({name for name, _ in _files()})


def add_generation(name: str) -> Key:
    """Make the next generation of a key; from now on texts are sealed under it, in every process."""
    root(name)
    number = max(generations(name)) + 1
    path = _path(name, number)
    _make(path)
    return _read(path, name, number)


def made_at(name: str, number: int) -> datetime:
    """Return when a generation was made, by its file.

    Raises:
        MissingKey: there is no file of it.
    """
    of_generation(name, number)
    return datetime.fromtimestamp(_path(name, number).stat().st_mtime, UTC)


def remove_generation(name: str, number: int) -> None:
    """Take a later generation away for good. Whoever calls has made sure that nothing is sealed under it.

    Raises:
        ValueError: the first generation, from which marks follow.
    """
    if number == 1:
        raise ValueError(f"the first generation of '{name}' stays: marks and signatures follow from it.")
    path = _path(name, number)
    path.unlink(missing_ok=True)
    _to_disk(path.parent)
    note_keys()
    if (name, number) in noted():
        _note({"name": name, "generation": number, "event": "removed"})


def noted() -> dict[tuple[str, int], str]:
    """Return the keys that there must be, by name and generation, each with its fingerprint."""
    path = _notes()
    found: dict[tuple[str, int], str] = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        said = json.loads(line)
        where = (str(said["name"]), int(said["generation"]))
        if said["event"] == "removed":
            found.pop(where, None)
        else:
            found[where] = str(said["fingerprint"])
    return found


def note_keys() -> None:
    """Note every key that lies there and is not noted: one just made, and those of a home that is older than the notes."""
    known = noted()
    for (name, number), mark in sorted(_marks().items()):
        if mark and (name, number) not in known:
            _note({"name": name, "generation": number, "event": "found", "fingerprint": mark})


def lost() -> list[str]:
    """Return the files of keys that are noted and missing, or hold another key than was noted."""
    marks = _marks()
    return [_file(*where) for where, mark in sorted(noted().items()) if marks.get(where) != mark]


def _marks() -> dict[tuple[str, int], str]:
    """Return the fingerprint of every key that lies there; empty for a file that holds none."""
    folder: Path = settings.HOME.root / "keys"
    found = {}
    for name, number in _files(folder):
        try:
            found[name, number] = _fingerprint(_key(folder / _file(name, number), name, number))
        except ValueError:
            found[name, number] = ""
    return found


def _fingerprint(key: Key) -> str:
    """Return 64 bits that follow from a key and say nothing of it: no other use has these words."""
    return key.derived(b"fingerprint of the key itself")[:8].hex()


def _notes() -> Path:
    folder: Path = settings.HOME.root / "operations"
    return folder / "keys.jsonl"


def _note(said: dict[str, object]) -> None:
    path = _notes()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(said) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _files(folder: Path | None = None) -> Iterable[tuple[str, int]]:
    folder = folder or settings.HOME.root / "keys"
    found = (_NAME.match(file.name) for file in (folder.iterdir() if folder.is_dir() else ()))
    return [(one[1], int(one[2] or 1)) for one in found if one]


def _path(name: str, number: int) -> Path:
    folder: Path = settings.HOME.root / "keys"
    return folder / _file(name, number)


def _file(name: str, number: int) -> str:
    return f"{name}.key" if number == 1 else f"{name}.{number}.key"


def _make(path: Path) -> None:
    """Write a new key, whole and on the disk before anything can be sealed under it; one that is there stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    suite = Suite(settings.CIPHERS)
    mark = "" if suite is Suite.INTERNATIONAL else f"{suite}:"
    candidate = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # of this thread alone
    candidate.touch(mode=0o600, exist_ok=False)
    candidate.write_text(mark + secrets.token_hex(_KEY_BYTES), "ascii")
    _to_disk(candidate)
    try:
        os.link(candidate, path)
        _to_disk(path.parent)
    except FileExistsError:
        pass
    finally:
        candidate.unlink()
    note_keys()


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path, name: str, number: int) -> Key:
    suite, secret = _kept(path)
    return Key(name, number, suite, secret)


def _key(path: Path, name: str, number: int) -> Key:
    """Return the key that lies in a file now, whatever was read from it before."""
    suite, secret = _kept.__wrapped__(path)
    return Key(name, number, suite, secret)


@lru_cache(maxsize=64)
def _kept(path: Path) -> tuple[Suite, bytes]:
    mark, _, text = path.read_text("ascii").strip().rpartition(":")
    return Suite(mark or Suite.INTERNATIONAL), bytes.fromhex(text)
