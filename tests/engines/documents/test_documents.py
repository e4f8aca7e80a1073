"""Numbers without a gap, a hash that is a fact, a void number that stays, and a check that anyone can make."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tests.engines.documents.issuing import AT, DATA, OWNER, SITE, TEMPLATE, issue
from tests.portal.pages import town
from zhijian.engines.documents import numbering, services, verifying
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.documents.models import Document, NumberSequence, OfficeWord
from zhijian.engines.evidence import access
from zhijian.engines.facts import queries, seals
from zhijian.engines.facts.errors import AppendOnly
from zhijian.security.models import Organisation
from zhijian.standards.calendar import statutory_day

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_an_issued_document_has_its_number_its_files_and_its_fact(home, officer, issued):
    assert issued.number == f"{numbering.office_word(officer.organisation)}消受〔2026〕1号"
    pdf = services.path_of(home.media, issued.sha256).read_bytes()
    assert hashlib.sha256(pdf).hexdigest() == issued.sha256 == issued.fact.payload["sha256"]
    assert services.path_of(home.media, issued.docx_sha256).read_bytes().startswith(b"PK")
    assert "陈小丽" not in str(issued.fact.payload)
    assert not queries.publicity_of(issued.fact, on=statutory_day(AT)).is_public


def test_serials_run_on_by_office_year_and_kind(home, officer, issued):
    assert issue(home, officer).serial == 2
    assert issue(home, officer, at=datetime(2027, 1, 4, tzinfo=UTC)).number.endswith("消受〔2027〕1号")
    other = town.officer("other", "handler", division="440300")
    assert issue(home, other).serial == 1
    assert numbering.gaps(officer.organisation, "消受", 2026) == []


def test_a_document_that_fails_gives_its_serial_back(home, officer, issued, monkeypatch):
    def fails(*_args, **_more):
        raise OSError("disk full")

    monkeypatch.setattr(services, "write_once", fails)
    with pytest.raises(OSError, match="disk full"):
        issue(home, officer)
    monkeypatch.undo()
    assert issue(home, officer).serial == 2


def test_a_preview_takes_no_number_and_leaves_nothing(officer):
    made = services.preview(TEMPLATE, DATA, by=officer, at=AT, is_synthetic=True)
    assert made.startswith(b"%PDF")
    assert not Document.objects.exists()
    assert not NumberSequence.objects.exists()


def test_a_void_number_stays_taken_and_says_why(home, officer, issued):
    services.void(issued, reason="当事人姓名写错", by=officer, at=AT + timedelta(hours=1))
    assert issued.is_void
    assert queries.newest_of(issued.fact).is_withdrawal
    assert issue(home, officer).serial == 2
    with pytest.raises(DocumentRefused, match="void already"):
        services.void(Document.objects.get(pk=issued.pk), reason="再次作废", by=officer, at=AT)
    with pytest.raises(DocumentRefused, match="Another unit"):
        services.void(
            issued, reason="别人的文书", by=town.officer("other", "handler", division="440300"), at=AT
        )
    with pytest.raises(AppendOnly):
        issued.delete()


def test_service_needs_a_way_a_person_a_proof_and_a_time_that_can_be(officer, issued):
    given = {
        "way": "post",
        "to_whom": "陈小丽",
        "proof": "EMS 1234",
        "by": officer,
        "at": AT + timedelta(days=3),
    }
    for wrong in (
        {"way": "pigeon"},
        {"to_whom": " "},
        {"proof": ""},
        {"served_at": AT - timedelta(days=1)},
        {"served_at": AT + timedelta(days=9)},
    ):
        with pytest.raises(DocumentRefused):
            services.serve(issued, **({"served_at": AT + timedelta(days=2)} | given | wrong))
    kept = services.serve(issued, served_at=AT + timedelta(days=2), **given)
    with pytest.raises(DocumentRefused, match="written down already"):  # the button was pressed twice
        services.serve(issued, served_at=AT + timedelta(days=2), **given)
    assert list(issued.services.all()) == [kept]


def test_two_offices_never_share_a_word(officer):
    assert numbering.office_word(officer.organisation) == numbering.office_word(officer.organisation)
    twin = Organisation.objects.create(
        code="twin", name=officer.organisation.name, name_en="Twin", level="county", division_code="440106"
    )
    with pytest.raises(DocumentRefused, match="is taken"):
        numbering.name_office(twin, numbering.office_word(officer.organisation))
    assert numbering.office_word(twin) == f"{numbering.office_word(officer.organisation)}440106"
    assert OfficeWord.objects.count() == 2
    third = Organisation.objects.create(
        code="third", name="示例", name_en="Third", level="county", division_code="440106"
    )
    assert numbering.name_office(third, "穗天三市监") == numbering.office_word(third)


@pytest.mark.parametrize(
    ("name", "level", "word"),
    [
        ("广东省市场监督管理局", "province", "广东市监"),
        ("广州市市场监督管理局", "city", "广州市监"),
        ("广州市天河区市场监督管理局", "county", "广州天河市监"),
        ("棠下市场监督管理所", "station", "棠下市监所"),
    ],
)
def test_a_word_is_derived_from_the_places_in_the_name(name, level, word):
    assert numbering.derived_word(Organisation(name=name, level=level)) == word


def test_anyone_finds_a_document_by_code_or_by_its_number_as_typed(issued):
    office = issued.number.split("消受")[0]
    for text in (
        issued.token,
        issued.token.lower(),
        issued.number,
        f"{office}消受 [2026] 1 号",
        f"{office}消受（2026）1号",
    ):
        assert verifying.find(text) == issued
    assert verifying.find(f"{office}消受〔2026〕2号") is None
    assert verifying.verify(issued, issued.sha256.upper()).outcome == "same"
    assert verifying.verify(issued, "0" * 64).outcome == "different"
    assert verifying.verify(issued, "abc").outcome == "not_a_hash"


def test_the_public_page_verifies_and_tells_no_name(client, officer, issued):
    page = client.get(f"/verify/{issued.token}/", {"sha256": issued.sha256}).content.decode()
    assert "一致：您的文件就是发出的那一份" in page
    assert "今日待封存" in page
    assert "陈小丽" not in page
    seals.seal_day(statutory_day(AT), at=AT + timedelta(days=1))
    sealed = client.get("/verify/documents/", {"number": issued.number, "sha256": "0" * 64}).content.decode()
    assert "不一致" in sealed
    assert seals.newest_seal().root in sealed
    services.void(issued, reason="当事人姓名写错", by=officer, at=AT + timedelta(days=2))
    assert "作废，不再有效" in client.get(f"/verify/{issued.token}/").content.decode()
    assert client.get("/verify/documents/", {"number": "穗市监〔2026〕9号"}).status_code == 404
    assert client.get("/verify/NOTHINGLIKETHIS00000/").status_code == 404
    assert client.get("/verify/documents/").status_code == 200


def test_officers_see_serve_and_void_what_their_unit_issued(client, home, issued, officer):
    address = f"/work/documents/{issued.pk}/"
    assert client.get(address).status_code == 302
    client.force_login(officer)
    assert issued.number in client.get("/work/documents/").content.decode()
    assert "陈小丽" in client.get(address).content.decode()
    pdf = client.get(f"{address}paper.pdf")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    served = {
        "action": "serve",
        "way": "post",
        "to_whom": "陈小丽",
        "proof": "EMS",
        "served_at": "2026-11-22T20:00",
    }
    assert client.post(address, served | {"served_at": "yesterday"}).status_code == 422
    assert client.post(address, served | {"to_whom": ""}).status_code == 422
    assert client.post(address, {"action": "void", "reason": "x"}).status_code == 422
    assert client.post(address, {"action": "void", "reason": "姓名写错了"}).status_code == 302
    assert "已作废" in client.get("/work/documents/").content.decode()
    client.force_login(town.officer("far", "handler", division="440300"))
    assert client.get(address).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_two_serials_and_no_gap(home, officer):
    """Eight documents from four threads; every third attempt fails after its serial was taken."""
    numbering.office_word(officer.organisation)
    problems = []

    def work(thread):
        try:
            for turn in range(3):
                if turn == 1:
                    try:
                        with transaction.atomic():
                            numbering.take(officer.organisation, "消受", 2026)
                            raise OSError
                    except OSError:
                        continue
                services.issue(
                    TEMPLATE, DATA | {"name": f"{thread}-{turn}"}, OWNER, site=SITE, media=home.media,
                    by=officer, at=AT, is_synthetic=True,
                )  # fmt: skip
        except Exception as problem:  # noqa: BLE001 - told below
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert problems == []
    assert sorted(Document.objects.values_list("serial", flat=True)) == list(range(1, 9))
    assert numbering.gaps(officer.organisation, "消受", 2026) == []


@pytest.fixture(autouse=True)
def _no_access(monkeypatch):
    monkeypatch.setattr(access, "_CHECKS", {})
