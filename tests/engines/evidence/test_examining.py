"""Files from a phone are distrusted, and kept as they were delivered."""

import io
import struct
import zlib

import pytest
from PIL import Image

from tests.apps.supervision.inspection.casework import picture
from zhijian.engines.evidence import examining as evidence
from zhijian.engines.evidence.refusal import RefusedFile


def with_position():
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x8825] = {1: "N", 2: (23.0, 7.0, 44.0)}
    exif[0x0112] = 6  # lies on its side
    return exif.tobytes()


def test_a_photo_gets_a_display_copy_without_exif_and_upright():
    data = picture(size=(3000, 2000), exif=with_position())
    found = evidence.examine(data, "door.jpg")
    shown = Image.open(io.BytesIO(found.display))
    assert (found.width_px, found.height_px) == (3000, 2000)
    assert not shown.getexif()
    assert b"PhoneMaker" not in found.display
    assert shown.size[0] < shown.size[1] <= evidence.DISPLAY_EDGE_PX


def test_the_original_keeps_every_byte(tmp_path):
    data = picture(exif=with_position())
    found = evidence.examine(data, "door.jpg")
    evidence.keep(tmp_path, data, found)
    evidence.keep(tmp_path, data, found)
    assert evidence.original_path(tmp_path, found.sha256).read_bytes() == data
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3


def test_a_thumbnail_stays_under_20_kilobytes():
    noise = Image.effect_noise((1200, 1200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=95)
    assert len(evidence.examine(out.getvalue(), "n.jpg").thumbnail) <= evidence.THUMBNAIL_BYTES


@pytest.mark.parametrize("mode", ["RGBA", "P", "LA", "L"])
def test_a_png_of_any_kind_is_shown_as_jpeg(mode):
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, "PNG")
    found = evidence.examine(out.getvalue(), "scan.png")
    assert found.mime == "image/png"
    assert found.display.startswith(b"\xff\xd8\xff")


def test_a_pdf_is_kept_without_a_picture():
    found = evidence.examine(b"%PDF-1.7\n...", "letter.pdf")
    assert (found.mime, found.display) == ("application/pdf", None)


@pytest.mark.parametrize("name", ["photo.exe", "photo"])
def test_a_program_is_refused_as_a_program(name):
    with pytest.raises(RefusedFile) as refusal:
        evidence.examine(b"MZ\x90\x00" + b"\x00" * 64, name)
    assert refusal.value.message_zh == "这是Windows程序（.exe），不收。请交照片（JPG、PNG）或PDF。"
    assert (
        refusal.value.message_en
        == "This is a Windows program (.exe), which is not accepted. Use a photo or PDF."
    )


@pytest.mark.parametrize(
    ("name", "data", "zh", "en"),
    [
        ("photo.jpg", b"MZ\x90\x00" + b"\x00" * 64, "名为.jpg，内容却是Windows程序（.exe），不收", "is named .jpg but is a Windows program (.exe)"),
        ("photo.jpeg", b"GIF89a" + b"\x00" * 64, "名为.jpeg，内容却是动图（.gif），不收", "but is a GIF picture (.gif)"),
        ("photo.png", b"just text", "名为.png，内容却是普通文字（.txt），不收", "but is plain text (.txt)"),
        ("photo.png", b"\xff\xfe\x00\x01", "名为.png，内容却认不出是什么，不收", "its content is something unknown"),
        ("film.mp4", b"\x00\x00\x00\x18ftypmp42", "这是.mp4文件，不收", "This is a .mp4 file"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_is_refused_with_both(name, data, zh, en):
    with pytest.raises(RefusedFile) as refusal:
        evidence.examine(data, name)
    assert zh in refusal.value.message_zh and refusal.value.message_zh.endswith("请交照片（JPG、PNG）或PDF。")
    assert en in refusal.value.message_en and refusal.value.message_en.endswith("Use a photo or PDF.")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        (b"<svg onload=alert(1)>", ".svg"),
        (b"PK\x03\x04....", ".zip"),
        (b"just text", "内容却是普通文字"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 20, "HEIC"),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason(data, words):
    with pytest.raises(RefusedFile, match=words):
        evidence.examine(data, "photo.jpg")


def test_a_cut_off_photo_is_refused():
    with pytest.raises(RefusedFile, match="不完整"):
        evidence.examine(picture(size=(1600, 1200))[:2000], "photo.jpg")


def test_more_than_20_megabytes_is_refused_with_its_size():
    with pytest.raises(RefusedFile, match=r"这张照片有2\.1 GB，最多20 MB") as refusal:
        evidence.refuse_if_too_large(int(2.1 * 1024**3))
    assert refusal.value.status == 413
    evidence.refuse_if_too_large(evidence.LIMIT_BYTES)


def test_a_picture_that_would_unpack_to_gigabytes_is_refused_before_it_is_unpacked():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(RefusedFile, match="8000万像素"):
        evidence.examine(bomb, "bomb.png")
