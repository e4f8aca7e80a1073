"""A file that cannot be taken in meets a clear message, and nothing is written."""

import gzip
import io
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.datazone.ingest.samples import HEADER, TABLE, csv_text, line, take_in
from zhijian.datazone import contracts
from zhijian.datazone.ingest import DeliveryError, Limits, custody, source
from zhijian.datazone.lake import Lake


def refused(lake: Lake, path: Path, **options: Any) -> DeliveryError:
    """Ingest a bad file; return the error after checking that the lake is as empty as before."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, path, **options)
    assert lake.tables() == []
    left = [found.name for found in lake.root.rglob("*") if found.is_file()]
    assert sorted(left) in ([], ["ingest.lock"], ["ingest.lock", "write.lock"])
    if before is not None:
        assert path.read_bytes() == before
    assert caught.value.message_zh and caught.value.message_en
    return caught.value


def test_a_truncated_gzip_says_after_which_line(lake: Lake, tmp_path: Path) -> None:
    text = csv_text(*(line(number, scope=os.urandom(40).hex()) for number in range(2000)))
    whole = gzip.compress(text.encode())
    path = tmp_path / "d.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    error = refused(lake, path)
    assert error.code == "truncated" and error.line is not None
    assert 800 < error.line < 1200 and f"第{error.line}行之后" in error.message_zh


def test_a_gzip_that_lacks_only_its_checksum_is_truncated_too(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv.gz"
    path.write_bytes(gzip.compress(csv_text(line(1)).encode())[:-4])
    assert refused(lake, path).code == "truncated"


def test_a_damaged_gzip_is_told_by_its_checksum(lake: Lake, tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(csv_text(line(1)).encode()))
    whole[-6] ^= 1
    path = tmp_path / "d.csv.gz"
    path.write_bytes(bytes(whole))
    assert "压缩内容损坏" in refused(lake, path).message_zh


def test_a_gzip_of_two_members_is_read_to_its_end(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv.gz"
    halves = csv_text(line(1)), line(2) + "\n"
    path.write_bytes(b"".join(gzip.compress(half.encode()) for half in halves))
    assert take_in(lake, path).rows_clean == 2


def test_a_broken_byte_in_utf_8_is_found_by_its_line(lake: Lake, tmp_path: Path) -> None:
    content = csv_text(*(line(number) for number in range(1, 31))).encode()
    content = content.replace("示例20有限公司".encode(), b"\xe7\xa4\xff\xfe")
    path = tmp_path / "d.csv"
    path.write_bytes(content)
    error = refused(lake, path)
    assert (error.code, error.line) == ("wrong_encoding", 21)
    assert "第21行" in error.message_zh and "UTF-8" in error.message_zh


def test_a_broken_byte_in_gb18030_is_found_by_its_line(lake: Lake, tmp_path: Path) -> None:
    content = csv_text(*(line(number) for number in range(1, 31))).encode("gb18030")
    path = tmp_path / "d.csv"
    path.write_bytes(content.replace("示例20有限公司".encode("gb18030"), b"\xff\xff\xff"))
    error = refused(lake, path)
    assert (error.code, error.line) == ("wrong_encoding", 21)


def test_utf_16_is_named(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(csv_text(line(1)).encode("utf-16"))
    error = refused(lake, path)
    assert error.code == "wrong_encoding" and "另存为 UTF-8" in error.message_zh


def test_big5_is_named_and_not_read_as_garbled_gb18030(lake: Lake, tmp_path: Path) -> None:
    content = (
        "序號,名稱,地址\n1,香港貿易發展有限公司,九龍尖沙咀彌敦道\n2,廣東省電子科技有限公司,中山區民生東路\n"
    )
    path = tmp_path / "d.csv"
    path.write_bytes(content.encode("big5"))
    error = refused(lake, path)
    assert (error.code, error.line) == ("wrong_encoding", 1)
    assert "Big5" in error.message_zh and "另存为 UTF-8" in error.message_zh


def test_traditional_characters_in_gb18030_are_not_taken_for_big5(tmp_path: Path) -> None:
    content = (
        "序號,名稱,地址\n1,香港貿易發展有限公司,九龍尖沙咀彌敦道\n2,廣東省電子科技有限公司,中山區民生東路\n"
    )
    path = tmp_path / "d.csv"
    path.write_bytes(content.encode("gb18030"))
    assert source._find_encoding(path) == "gb18030"


def test_the_english_message_about_an_encoding_has_no_chinese_words(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(HEADER.encode() + b"\ncaf\xe9,na\xefve\n")
    error = refused(lake, path)
    assert "不合 UTF-8 或 GB18030 编码" in error.message_zh
    assert error.message_en.startswith(
        "Line 2 has bytes (e9 2c 6e 61 ef 76 65 0a) that are not UTF-8 or GB18030."
    )


@pytest.mark.parametrize("start", ["<html><table>", "<!DOCTYPE html>", '<?xml version="1.0"?><Workbook>'])
def test_a_web_page_saved_as_xls_is_named_with_the_way_out(start: str, lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.xls"
    path.write_text(start + f"<tr><td>{HEADER}</td></tr>")
    error = refused(lake, path)
    assert error.code == "unknown_format" and "另存为 .xlsx" in error.message_zh


def test_a_damaged_parquet_is_told_without_our_own_folders(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    path.write_bytes(b"PAR1 and nothing that follows")
    assert str(lake.root) not in refused(lake, path).message_zh


def test_a_missing_column_is_named_with_what_was_found_and_the_nearest_header(
    lake: Lake, tmp_path: Path
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1)).replace("uscc", "统一社会信用号码", 1))
    error = refused(lake, path)
    assert error.code == "bad_header"
    assert "缺少“统一社会信用代码”（uscc），最接近的表头是“统一社会信用号码”" in error.message_zh
    assert "file_year、统一社会信用号码、name" in error.message_zh


def test_two_columns_for_one_field_are_refused(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"{HEADER},企业名称\n{line(1)},另一名称\n")
    assert "name、企业名称" in refused(lake, path).message_zh


def test_a_line_of_100_mb_is_refused_without_being_held_in_memory(lake: Lake, tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "d.csv"
    with path.open("wb") as file:
        file.write(csv_text(line(1)).encode())
        for _ in range(100):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (caught.value.code, caught.value.line) == ("line_too_long", 3)
    assert "--max-line-bytes" in caught.value.message_zh
    assert peak_bytes < 24 << 20
    assert lake.tables() == []


def test_the_limit_of_a_line_can_be_raised(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1, scope="百" * 3000)))
    limits = Limits(line_bytes=4096)
    assert refused(lake, path, limits=limits).code == "line_too_long"
    assert take_in(lake, path, limits=Limits(line_bytes=1 << 16)).rows_clean == 1


def test_a_gzip_bomb_is_stopped_while_it_unpacks(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.csv.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(80):
            file.write(b"\n" * (1 << 20))
    assert refused(lake, path).code == "decompression_bomb"


def _workbook(sheet: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return packed.getvalue()


def test_a_zip_bomb_as_xlsx_is_refused_before_it_is_unpacked(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.xlsx"
    path.write_bytes(_workbook(bytes(80 << 20)))
    monkeypatch.setattr("python_calamine.load_workbook", lambda *_: pytest.fail("it was parsed"))
    error = refused(lake, path)
    assert error.code == "decompression_bomb" and "1:200" in error.message_zh


def test_a_zip_bomb_that_lies_about_its_sizes_is_refused_too(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytearray(_workbook(bytes(80 << 20)))
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 1000)  # the directory's size of sheet1.xml
    path = tmp_path / "d.xlsx"
    path.write_bytes(bytes(content))
    monkeypatch.setattr("python_calamine.load_workbook", lambda *_: pytest.fail("it was parsed"))
    assert refused(lake, path).code == "decompression_bomb"


def test_a_zip_that_is_no_workbook_is_named(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("d.csv", csv_text(line(1)))
    assert "不是 .xlsx 工作簿" in refused(lake, path).message_zh


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n\n ", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (f"{HEADER}\n".encode(), "empty"),
        (bytes(range(256)) * 40, "unknown_format"),
        (b"\x7fELF\x02\x01\x01\x03\x04\x05\x06" * 30, "unknown_format"),
        (b"PAR1 and nothing that follows", "unknown_format"),
        (b"PK\x03\x04 and nothing that follows", "unknown_format"),
        (csv_text(line(1), '"' + line(2), *(line(n) for n in range(3, 400))).encode(), "unclosed_quote"),
    ],
)
def test_what_is_no_delivery_is_told_so(content: bytes, code: str, lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "d"
    path.write_bytes(content)
    assert refused(lake, path).code == code


def test_a_folder_and_a_missing_path_are_no_files(lake: Lake, tmp_path: Path) -> None:
    assert "是文件夹" in refused(lake, tmp_path).message_zh
    assert "找不到文件" in refused(lake, tmp_path / "none.csv").message_zh


def test_an_unknown_contract_names_those_that_there_are(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(contracts.UnknownContract, match="registration__enterprises"):
        take_in(lake, tmp_path, contract="nothing")


def test_a_disk_with_too_little_room_is_refused_before_anything_is_written(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1)))
    monkeypatch.setattr(custody, "free_bytes", lambda _: 1 << 20)
    error = refused(lake, path)
    assert error.code == "not_enough_space"
    assert "现余1.0 MiB" in error.message_zh and "约需16.0 MiB" in error.message_zh


@pytest.mark.parametrize("stage", ["receive", "keep", "write", "refuse", "publish"])
def test_a_disk_that_fills_up_midway_leaves_nothing_half_visible(
    stage: str, lake: Lake, tmp_path: Path
) -> None:
    def fill_up(at_stage: str, _: float) -> None:
        if at_stage == stage:
            raise OSError(28, "No space left on device")

    path = tmp_path / "d.csv"
    path.write_text(csv_text(line(1), line(2, name="")))
    with pytest.raises(DeliveryError) as caught:
        take_in(lake, path, progress=fill_up)
    assert caught.value.code == "not_enough_space" and "约需" in caught.value.message_zh
    assert lake.tables() == [] and not list(lake.deliveries.glob("*"))
    report = take_in(lake, path)
    assert not report.already_delivered
    assert (lake.count(TABLE), lake.count("standard_quarantine")) == (1, 1)
