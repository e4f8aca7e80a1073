"""Files from a phone, distrusted: what they are is read from their bytes, never from their name.

The original is kept as delivered, under its SHA-256. A smaller copy without EXIF (no position, no device)
is made for the screen.
"""

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

LIMIT_BYTES = 20 * 1024 * 1024
LIMIT_PIXELS = 80_000_000
DISPLAY_EDGE_PX = 1280
THUMBNAIL_EDGE_PX = 240
THUMBNAIL_BYTES = 20_000

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
_KNOWN_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"MZ", ".exe"),
    (b"\x7fELF", ".elf"),
    (b"PK\x03\x04", ".zip"),
    (b"GIF8", ".gif"),
    (b"<svg", ".svg"),
    (b"<?xml", ".xml"),
    (b"<!DOCTYPE", ".html"),
)


class RefusedFile(Exception):
    """The file is not kept. Says why and what to do, in both languages; `status` is the HTTP status."""

    def __init__(self, message_zh: str, message_en: str, status: int = 422) -> None:
        super().__init__(message_zh)
        self.message_zh = message_zh
        self.message_en = message_en
        self.status = status


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


def refuse_if_too_large(size_bytes: int) -> None:
    """Refuse more than 20 MB, before the bytes are read where the length is known.

    Raises:
        RefusedFile: with the size and the limit.
    """
    if size_bytes > LIMIT_BYTES:
        size = readable_size(size_bytes)
        raise RefusedFile(
            f"这张照片有{size}，最多20 MB。请换一张，或用“拍照”直接拍。已填的内容都在。",
            f"The photo is {size}; the limit is 20 MB. Choose another, or take one here. Your answers are kept.",
            413,
        )


def readable_size(size_bytes: int) -> str:
    if size_bytes >= 1024**3:
        return f"{size_bytes / 1024**3:.1f} GB"
    if size_bytes >= 1024**2:
        return f"{size_bytes / 1024**2:.1f} MB"
    return f"{max(size_bytes // 1024, 1)} KB"


def examine(data: bytes, name: str) -> Examined:
    """Return what the bytes are, or refuse them.

    Raises:
        RefusedFile: too large, empty, of a kind that is not taken, broken, or a picture of absurd dimensions.
    """
    refuse_if_too_large(len(data))
    mime = _kind(data, name)
    digest = hashlib.sha256(data).hexdigest()
    if mime == "application/pdf":
        return Examined(digest, len(data), mime, None, None, None, None)
    picture, (width, height) = _open(data, mime)
    display = _jpeg(picture, DISPLAY_EDGE_PX, 80)
    return Examined(digest, len(data), mime, width, height, display, _thumbnail(picture))


def _kind(data: bytes, name: str) -> str:
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    head = data[:64].lstrip()
    kind = next((ending for magic, ending in _KNOWN_STRANGERS if head.startswith(magic)), "")
    if not data:
        raise RefusedFile("这个文件是空的。请重新拍一张。", "The file is empty. Please take the photo again.")
    if data[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        raise RefusedFile(
            "手机存成了HEIC格式。请在相机设置里选“兼容性最佳”，或用“拍照”直接拍。",
            "The phone saved HEIC. Choose “Most compatible” in the camera settings, or take the photo here.",
        )
    ending = kind or Path(name).suffix.lower() or "未知类型"
    if not kind and ending in {".jpg", ".jpeg", ".png", ".pdf"}:
        raise RefusedFile(
            f"这个文件名为{ending}，内容却不是。请交照片（JPG、PNG）或PDF。",
            f"The file is named {ending} but is something else. Use a photo (JPG, PNG) or PDF.",
        )
    raise RefusedFile(
        f"不收{ending}文件。请交照片（JPG、PNG）或PDF。",
        f"{ending} files are not accepted. Use a photo or PDF.",
    )


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


def _too_many_pixels() -> RefusedFile:
    return RefusedFile(
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


def keep(media: Path, data: bytes, examined: Examined) -> None:
    """Write the original and its copies under their hash; what is there already is left alone."""
    _write_once(original_path(media, examined.sha256), data)
    if examined.display and examined.thumbnail:
        _write_once(display_path(media, examined.sha256), examined.display)
        _write_once(display_path(media, examined.sha256, "thumbnail"), examined.thumbnail)


def _write_once(path: Path, data: bytes) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
