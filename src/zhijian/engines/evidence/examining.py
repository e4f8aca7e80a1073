"""Files from outside, distrusted: what they are is read from their bytes, never from their name.

The original is kept as delivered, under its SHA-256. A smaller copy without EXIF (no position, no device)
is made for the screen.
"""

import fcntl
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from zhijian.engines.evidence.kinds import kind_of
from zhijian.engines.evidence.purposes import PHOTO, PICTURES, Purpose
from zhijian.engines.evidence.refusal import DangerousFile, RefusedFile

__all__ = ["Examined", "RefusedFile", "examine", "keep"]

LIMIT_BYTES = PHOTO.limit_bytes
LIMIT_PIXELS = 80_000_000
DISPLAY_EDGE_PX = 1280
THUMBNAIL_EDGE_PX = 240
THUMBNAIL_BYTES = 20_000
SIZES = ("original", "display", "thumbnail")


@dataclass(frozen=True)
class Examined:
    """A file that may be kept: its hash, what it is, and its copies for the screen (pictures only)."""

    sha256: str
    size_bytes: int
    mime: str
    width_px: int | None
    height_px: int | None
    display: bytes | None
    thumbnail: bytes | None


def refuse_if_too_large(size_bytes: int, purpose: Purpose = PHOTO) -> None:
    """Refuse more than the purpose takes, before the bytes are read where the length is known.

    Raises:
        RefusedFile: with the size and the limit.
    """
    if size_bytes > purpose.limit_bytes:
        size, most = readable_size(size_bytes), purpose.limit_bytes // 1024**2
        raise RefusedFile(
            f"{purpose.what_zh}有{size}，最多{most} MB。{purpose.mend_zh}",
            f"{purpose.what_en} is {size}; the limit is {most} MB. {purpose.mend_en}",
            413,
        )


def read_limited(chunks: Iterable[bytes], purpose: Purpose = PHOTO) -> bytes:
    """Read what comes until it is more than the purpose takes; no more than that is ever held.

    Raises:
        RefusedFile: as soon as it is too much.
    """
    read = bytearray()
    for chunk in chunks:
        read += chunk
        refuse_if_too_large(len(read), purpose)
    return bytes(read)


def readable_size(size_bytes: int) -> str:
    if size_bytes >= 1024**3:
        return f"{size_bytes / 1024**3:.1f} GB"
    if size_bytes >= 1024**2:
        return f"{size_bytes / 1024**2:.1f} MB"
    return f"{max(size_bytes // 1024, 1)} KB"


def examine(data: bytes, name: str, purpose: Purpose = PHOTO) -> Examined:
    """Return what the bytes are, or refuse them.

    Raises:
        RefusedFile: too large, empty, of a kind that is not taken, dangerous, broken, or a picture of absurd dimensions.
    """
    refuse_if_too_large(len(data), purpose)
    mime = kind_of(data, name, purpose)
    digest = hashlib.sha256(data).hexdigest()
    if mime not in PICTURES:
        return Examined(digest, len(data), mime, None, None, None, None)
    picture, (width, height) = _open(data, mime)
    display = _jpeg(picture, DISPLAY_EDGE_PX, 80)
    return Examined(digest, len(data), mime, width, height, display, _thumbnail(picture))


def _open(data: bytes, mime: str) -> tuple[Image.Image, tuple[int, int]]:
    """Return the upright picture, perhaps decoded smaller, and the width and height as delivered."""
    try:
        picture = Image.open(io.BytesIO(data), formats=["JPEG" if mime == "image/jpeg" else "PNG"])
    except Image.DecompressionBombError as problem:
        raise _too_many_pixels() from problem
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as problem:
        raise _broken() from problem
    if picture.width * picture.height > LIMIT_PIXELS:
        raise _too_many_pixels()
    size = picture.size
    try:
        if picture.format == "JPEG":
            picture.draft("RGB", (DISPLAY_EDGE_PX, DISPLAY_EDGE_PX))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as problem:
        raise _too_many_pixels() from problem
    except (OSError, SyntaxError, ValueError) as problem:
        raise _broken() from problem
    return upright, size


def _broken() -> RefusedFile:
    return RefusedFile(
        "这张照片不完整，打不开。请重新拍一张，原来的仍在手机里。",
        "The photo is incomplete and cannot be opened. Please take it again; the old one is still on the phone.",
    )


def _too_many_pixels() -> DangerousFile:
    return DangerousFile(
        "这张照片超过8000万像素，打不开。请换一张，或用“拍照”直接拍。已填的内容都在。",
        "The photo has more than 80 million pixels. Choose another, or take one here. Your answers are kept.",
    )


def _jpeg(picture: Image.Image, edge_px: int, quality: int) -> bytes:
    copy = picture.convert("RGBA") if picture.mode in {"P", "LA", "PA"} else picture.copy()
    if copy.mode == "RGBA":
        ground = Image.new("RGB", copy.size, "white")
        ground.paste(copy, mask=copy.getchannel("A"))
        copy = ground
    copy = copy.convert("RGB")
    copy.thumbnail((edge_px, edge_px))
    out = io.BytesIO()
    clean = Image.frombytes("RGB", copy.size, copy.tobytes())  # pixels alone: no EXIF, no comments
    clean.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _thumbnail(picture: Image.Image) -> bytes:
    for quality in (75, 60, 45, 30):
        small = _jpeg(picture, THUMBNAIL_EDGE_PX, quality)
        if len(small) <= THUMBNAIL_BYTES:
            return small
    return _jpeg(picture, THUMBNAIL_EDGE_PX // 2, 30)


def original_path(media: Path, sha256: str) -> Path:
    return media / "evidence" / "original" / sha256[:2] / sha256


def display_path(media: Path, sha256: str, size: str = "display") -> Path:
    """Return where the copy for the screen lies; `size` is 'display' or 'thumbnail'."""
    return media / "evidence" / size / sha256[:2] / f"{sha256}.jpg"


def path_of(media: Path, sha256: str, size: str) -> Path:
    """Return where a file lies in one of `SIZES`."""
    return original_path(media, sha256) if size == "original" else display_path(media, sha256, size)


def aside_path(media: Path, sha256: str, size: str = "original") -> Path:
    """Return where a file lies that was set aside because no row named it (`clearing`)."""
    return media / "evidence" / "set_aside" / size / path_of(media, sha256, size).name


def keep(media: Path, data: bytes, examined: Examined) -> None:
    """Write the original and its copies under their hash; what is there already is left alone, but young again."""
    with shut(media):
        original = original_path(media, examined.sha256)
        write_once(original, data)
        os.utime(original)  # clearing goes by when a file was last handed in
        if examined.display and examined.thumbnail:
            write_once(display_path(media, examined.sha256), examined.display)
            write_once(display_path(media, examined.sha256, "thumbnail"), examined.thumbnail)


@contextmanager
def shut(media: Path) -> Iterator[None]:
    """Let nobody else keep or clear files of evidence meanwhile."""
    folder = media / "evidence"
    folder.mkdir(parents=True, exist_ok=True)
    gate = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


def write_once(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; what is there already is left alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
