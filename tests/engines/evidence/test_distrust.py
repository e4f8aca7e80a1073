"""What could harm is refused whatever its name says: programs, script, macros, bombs, and too much of anything."""

import io
import zipfile
import zlib

import pytest
from django.test import RequestFactory

from zhijian.engines.evidence import examining
from zhijian.engines.evidence.kinds import clean_name
from zhijian.engines.evidence.purposes import DOCX, PAPER, PHOTO
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.portal import uploads


def office(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}


def test_a_word_file_is_taken_as_a_paper_and_not_as_a_photo():
    assert examining.examine(office(WORD), "letter.docx", PAPER).mime == DOCX
    with pytest.raises(RefusedFile, match=r"^这是Word文件（\.docx），不收。请交照片"):
        examining.examine(office(WORD), "letter.docx", PHOTO)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"MZ\x90\x00", ".exe"),
        (b"\x7fELF\x02", ".elf"),
        (b"#!/bin/sh\nrm -rf /", ".sh"),
        (b"<?php system($_GET[0]);", ".php"),
        (b"\xef\xbb\xbf <!DOCTYPE html><script>alert(1)</script>", ".html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", ".svg"),
        (b"<!-- a comment first -->" + b" " * 80 + b"<svg onload=alert(1)>", ".svg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60, ".doc/.xls"),
        (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*", "带病毒"),
        (office({**WORD, "word/vbaProject.bin": b"x"}), "宏或程序"),
        (office({**WORD, "../../etc/passwd": b"x"}), "宏或程序"),
        (office({**WORD, "word/media/image1.png": b"\0" * 50_000_000}), "大得不正常"),
        (office({f"{n}": b"" for n in range(2_500)}), "大得不正常"),
        (office(WORD)[:-30], "不完整"),
        (office({"readme.txt": "x"}), ".zip"),
        (b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>> >> endobj", "脚本"),
        (b"%PDF-1.7\n1 0 obj <</S /#4aavaScript /J#53 (x)>> endobj", "脚本"),
        (
            b"%PDF-1.7\n1 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream\n"
            + zlib.compress(b"<</S /Launch /F (cmd.exe)>>")
            + b"\nendstream",
            "脚本",
        ),
        (
            b"%PDF-1.7\n1 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream\n"
            + zlib.compress(b" " * 20_000_000)
            + b"\nendstream",
            "大得不正常",
        ),
    ],
)
def test_what_could_harm_is_refused_with_the_reason(data, words):
    for name in ("photo.jpg", "letter.docx", "x"):
        with pytest.raises(RefusedFile, match=words):
            examining.examine(data, name, PAPER)


def test_the_bytes_of_a_scanned_page_are_no_script():
    page = b"%PDF-1.7\n1 0 obj <</Subtype /Image>>\nstream\n \x00/JS /Launch\n\nendstream\nendobj"
    assert examining.examine(page, "scan.pdf", PAPER).mime == "application/pdf"


def test_reading_stops_as_soon_as_it_is_too_much():
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1 << 20
            yield b"\0" * (1 << 20)

    with pytest.raises(RefusedFile, match="最多20 MB") as refusal:
        examining.read_limited(endless())
    assert refusal.value.status == 413
    assert read == 21 << 20


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("C:\\Users\\me\\收据.jpg", "收据.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ('<script>"x".png', "scriptx.png"),
        ("..", "file"),
        ("长" * 300 + ".pdf", "长" * 146 + ".pdf"),
    ],
)
def test_a_file_name_is_a_name_and_nothing_else(name, cleaned):
    assert clean_name(name) == cleaned


class Endless(io.RawIOBase):
    """A body of two gigabytes that counts how much of it was read."""

    def __init__(self, size):
        self.size, self.taken = size, 0

    def read(self, n=-1):
        n = min(n if n >= 0 else self.size, self.size - self.taken)
        self.taken += n
        return b"\0" * n


def test_two_gigabytes_are_refused_with_words_and_never_stored(monkeypatch, tmp_path):
    body = Endless(2 << 30)
    request = RequestFactory().post("/complain/", content_type="multipart/form-data; boundary=x")
    request.META |= {"CONTENT_LENGTH": str(2 << 30), "wsgi.input": body}
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def reached(_request):
        raise AssertionError("the page must not see it")

    answer = uploads.UploadLimitMiddleware(reached)(request)
    assert answer.status_code == 413
    text = answer.content.decode()
    assert "共2.0 GB，一次最多100.0 MB" in text
    assert "one sending takes at most 100.0 MB" in text
    assert body.taken <= 64 << 20
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", ["", "x", "5"])
def test_a_request_of_ordinary_size_passes(length):
    request = RequestFactory().get("/")
    request.META["CONTENT_LENGTH"] = length
    assert uploads.UploadLimitMiddleware(lambda _request: "page")(request) == "page"
