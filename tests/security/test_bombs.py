"""Small things that are made to cost much: each is refused with words, in seconds and without filling the memory.

The bounds are wide, so that a busy machine passes, and far below what each of these cost where it was not refused: a PDF of
one megabyte that says `/Type/ObjStm` eighty thousand times took four minutes.
"""

import gzip
import io
import resource
import time
import zipfile
import zlib
from contextlib import contextmanager

import pytest
from PIL import Image

from tests.datazone.ingest.samples import csv_text, line, take_in
from zhijian.apps.consumer.contracts import reading
from zhijian.datazone.ingest import DeliveryError
from zhijian.datazone.lake import Lake
from zhijian.engines.evidence import examining
from zhijian.engines.evidence.purposes import PAPER, PHOTO
from zhijian.engines.evidence.refusal import RefusedFile
from zhijian.infrastructure import openid, pdf_text
from zhijian.security.models import Level, Officer, Organisation, Role

SECONDS, MEGABYTES = 15, 400
DEEP = b"[" * 100_000


@contextmanager
def bounded():
    """At most so many seconds, and no new peak of memory beyond so many megabytes."""
    peak, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024 < MEGABYTES


# ------------------------------------------------------------------------------------------------ PDF


def packed(*streams):
    """A PDF whose object streams hold these bytes, as they stand in the file."""
    parts = [
        b"1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + one + b"\nendstream endobj\n"
        for one in streams
    ]
    return b"%PDF-1.7\n" + b"".join(parts)


@pytest.mark.parametrize(
    "word", [b"stream\n", b"/Type/ObjStm ", b"/Type/ObjStm stream\n", b"/J#53#4a", b"endstream\n"]
)
def test_a_pdf_that_repeats_one_word_through_twenty_megabytes_is_read_once_and_not_once_for_each(word):
    data = b"%PDF-1.7\n" + word * (19_000_000 // len(word))
    with bounded():
        assert examining.examine(data, "a.pdf", PAPER).mime == "application/pdf"


def test_an_object_stream_that_unpacks_to_half_a_gigabyte_is_given_up_at_eight_megabytes():
    with bounded(), pytest.raises(RefusedFile, match="这个PDF解开后大得不正常"):
        examining.examine(packed(zlib.compress(bytes(500 << 20))), "a.pdf", PAPER)


def test_many_object_streams_of_which_each_reaches_over_all_that_follow_are_given_up():
    again = (
        b"\x00\x1e\x00\xe1\xff" + b"endstream/Type/ObjStmstream\n\x78\x9c"
    )  # a stored block: the next stream's beginning
    with bounded(), pytest.raises(RefusedFile, match="这个PDF解开后大得不正常"):
        examining.examine(b"%PDF-1.7\n/Type/ObjStm stream\n\x78\x9c" + again * 500_000, "a.pdf", PAPER)


def test_a_hundred_thousand_small_object_streams_of_an_ordinary_kind_are_read():
    with bounded():
        data = packed(*[zlib.compress(b"1 0 <</Kids[]>>")] * 100_000)
        assert examining.examine(data, "a.pdf", PAPER).mime == "application/pdf"


@pytest.mark.parametrize("claims_to_end", [b"", b"endstream"])
def test_script_in_an_object_stream_is_found_also_behind_a_false_end(claims_to_end):
    deflate = zlib.compressobj(0)
    hidden = deflate.compress(claims_to_end + b"<</S/JavaScript/J#53(app.alert(1))>>") + deflate.flush()
    with pytest.raises(RefusedFile, match="带有脚本或程序"):
        examining.examine(packed(hidden), "a.pdf", PAPER)


def page_of(content):
    """A whole PDF of one page whose content unpacks to `content`."""
    stream = zlib.compress(content, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out = bytearray(b"%PDF-1.7\n")
    for number, body in enumerate(objects, start=1):
        out += b"%d 0 obj%s endobj\n" % (number, body)
    return bytes(out + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF")


def test_a_page_of_a_pdf_that_unpacks_to_two_gigabytes_ends_its_own_process_and_not_the_site():
    assert pdf_text.read_pages(page_of(b"BT /F 9 Tf (contract) Tj ET"))[0].strip() == "contract"
    bomb = page_of(b"BT /F 9 Tf (contract) Tj ET " * 4_000_000)
    assert len(bomb) < 1 << 20
    with bounded(), pytest.raises(pdf_text.PdfUnreadable) as given_up:
        pdf_text.read_pages(bomb, seconds=3)
    assert given_up.value.why == "too_much"


# ------------------------------------------------------------------------------------------------ office files, archives


def office(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


QUADRATIC = (  # one entity of 100 kB, told ten thousand times: a gigabyte, from a file that no ratio of packing betrays
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "' + "x" * 100_000 + '">]>'
)
LAUGHS = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "lol">' + "".join(
    f'<!ENTITY a{n} "{"&a" + str(n - 1) + ";"}{("&a" + str(n - 1) + ";") * 9}">' for n in range(1, 12)
) + "]>"  # fmt: skip


@pytest.mark.parametrize(("head", "told"), [(QUADRATIC, "&e;" * 10_000), (LAUGHS, "&a11;")])
def test_a_word_file_whose_xml_multiplies_itself_is_not_read(head, told):
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = f'{head}<w:document xmlns:w="{space}"><w:body><w:p><w:r><w:t>{told}</w:t></w:r></w:p></w:body></w:document>'
    data = office({"[Content_Types].xml": "<Types/>", "word/document.xml": document})
    with bounded(), pytest.raises(RefusedFile):
        reading.read_file([data], "a.docx")


@pytest.mark.parametrize(("head", "told"), [(QUADRATIC, "&e;" * 10_000), (LAUGHS, "&a11;")])
def test_a_workbook_whose_xml_multiplies_itself_brings_no_row(tmp_path, head, told):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    path = tmp_path / "d.xlsx"
    path.write_bytes(office({
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{relations}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{space}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{told}</t></is></c>'
        "</row></sheetData></worksheet>",
    }))  # fmt: skip
    lake = Lake(tmp_path / "lake")
    with bounded(), pytest.raises(DeliveryError):
        take_in(lake, path)
    assert lake.tables() == []


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.jpg"])
def test_an_archive_in_archives_is_no_file_that_is_taken_and_nothing_of_it_is_unpacked(name):
    inner = office({"0": bytes(64 << 20)})
    for _ in range(10):
        inner = office({f"{n}.zip": inner for n in range(16)})
    with bounded(), pytest.raises(RefusedFile):
        examining.examine(inner, name, PAPER)


def test_a_delivery_packed_twice_is_not_unpacked_twice(tmp_path):
    lake, path = Lake(tmp_path / "lake"), tmp_path / "d.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(csv_text(line(1)).encode())))
    with bounded(), pytest.raises(DeliveryError):
        take_in(lake, path)
    assert lake.tables() == []


# ------------------------------------------------------------------------------------------------ pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_of_absurd_dimensions_is_refused_before_it_is_unpacked(kind):
    edge = 40_000 if kind == "PNG" else 16_000
    data = picture(kind, 64, 64, edge)
    assert len(data) < 100_000
    with bounded(), pytest.raises(RefusedFile, match="8000万像素"):
        examining.examine(data, f"a.{kind.lower()}", PHOTO)


def picture(kind, width, height, claimed):
    """A small picture whose head claims to be `claimed` pixels wide and high."""
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    data, size = bytearray(out.getvalue()), claimed.to_bytes(4 if kind == "PNG" else 2, "big")
    if kind == "PNG":
        data[16:24] = size + size
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    else:
        head = data.index(b"\xff\xc0") + 5
        data[head : head + 4] = size + size
    return bytes(data)


# ------------------------------------------------------------------------------------------------ JSON, and bodies that are packed


def test_a_delivery_whose_lines_are_nested_a_hundred_thousand_deep_is_refused(tmp_path):
    lake, path = Lake(tmp_path / "lake"), tmp_path / "d.jsonl"
    path.write_bytes(b'{"uscc": ' + DEEP + b"]" * len(DEEP) + b"}\n")
    with bounded(), pytest.raises(DeliveryError):
        take_in(lake, path)
    assert lake.tables() == []


def test_a_provider_that_answers_a_hundred_thousand_deep_is_told_not_to_answer_as_one(monkeypatch):
    provider = openid.Provider("https://id.example", "site", "secret", "staff_number")
    monkeypatch.setattr(openid, "_answer", lambda *_: DEEP)
    with bounded(), pytest.raises(openid.ProviderFailed, match="does not answer as a provider"):
        openid.begin(provider, back="https://site.example/", randomness=bytes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "coding"),
    [(DEEP, "identity"), (b'{"a":' * 100_000, "identity"), (gzip.compress(bytes(40 << 20), mtime=0), "gzip"),
     (gzip.compress(b'{"findings": {}}', mtime=0), "gzip"), (b'{"n": ' + b"9" * 4_000_000 + b"}", "identity")],
)  # fmt: skip
def test_a_body_that_is_packed_or_endlessly_deep_is_answered_as_a_mistake_and_never_unpacked(
    client, home, body, coding
):
    unit = Organisation.objects.create(code="c", name="示例市局", level=Level.CITY, division_code="440100")
    client.force_login(Officer.objects.create_user("i", roles=[Role.INSPECTOR], organisation=unit))
    with bounded():
        answer = client.post(
            "/api/field/v1/checks/1/draft",
            body,
            content_type="application/json",
            headers={"Content-Encoding": coding},
        )
    assert 400 <= answer.status_code < 500, answer.status_code
