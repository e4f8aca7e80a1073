"""The firm asks on its own page with its proof, the officer registers at the desk; each sees why not, in both languages."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.apps.supervision.repair.test_journey import FIRM, WHY, listing, penalty
from tests.engines.registers.declared import desk
from zhijian.apps.consumer.credit_files.models import FileMatter
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.apps.supervision.repair.models import RepairMatter
from zhijian.engines.evidence.models import EvidenceFile
from zhijian.engines.facts import services as facts
from zhijian.portal.views import repair
from zhijian.security.models import BusinessPerson
from zhijian.standards.calendar import statutory_day

from .test_journey import AT

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr(repair, "now", lambda: AT)
    monkeypatch.setattr(repair, "today", lambda: statutory_day(AT))


@pytest.fixture
def unit():
    return desk.unit("440106", "示例区局")


def browser(role):
    BusinessPerson.objects.create(
        uscc=FIRM, firm_name="示例广告有限公司（合成）", username=role, display_name="示例李", role=role,
        password=make_password("correct horse battery"), created_at=AT, is_synthetic=True,
    )  # fmt: skip
    client = Client()
    client.post("/my/sign-in/", {"uscc": FIRM, "username": role, "password": "correct horse battery"})
    return client


def test_a_firm_asks_with_its_proof_and_sees_where_its_case_stands(unit):
    fact = penalty()
    client = browser("filer")
    told = {
        "act": "repair",
        "record": str(fact.pk),
        "statement": WHY,
        "files": SimpleUploadedFile("缴款.pdf", PDF),
    }
    refused = client.post("/my/records/", told)
    assert (
        refused.status_code == 422
        and "守信承诺书" in refused.content.decode()
        and WHY in refused.content.decode()
    )
    assert not RepairMatter.objects.exists() and not EvidenceFile.objects.exists()
    told["files"] = SimpleUploadedFile("缴款.pdf", PDF)
    assert client.post("/my/records/", {**told, "committed": "1"}).status_code == 302
    assert EvidenceFile.objects.get().owner_id == RepairMatter.objects.get().case.number
    page = client.get("/my/records/").content.decode()
    assert (
        RepairMatter.objects.get().case.number in page
        and "办结后才能再提" in page
        and "提交修复申请" not in page
        and "这一步最迟" in page
        and "2026-09-30" in page
    )


def test_a_firm_asks_to_leave_the_abnormal_list_and_objects_within_thirty_days(unit):
    fact = facts.record("abnormal_list.listed", subject=FIRM, occurred_on=AT.date(), source="listing", source_key="A", by="test", at=AT,
                        payload={"ground_code": "annual_report", "authority": "示例区局"}, is_synthetic=True)  # fmt: skip
    client, told = browser("filer"), {"record": str(fact.pk), "statement": "年度报告已经补报，附回执截图一份"}
    assert client.post("/my/records/", {**told, "act": "remove"}).status_code == 302
    assert client.post("/my/records/", {**told, "act": "objection"}).status_code == 302
    assert (ListingMatter.objects.get().act, FileMatter.objects.get().case.organisation) == ("remove", unit)
    assert client.post("/my/records/", {**told, "act": "nothing"}).status_code == 422


def test_a_reader_sees_why_not_in_both_languages_and_may_ask_nothing(unit):
    fact = penalty(types=["licence_revoked"])
    client = browser("reader")
    page = client.get("/my/records/").content.decode()
    assert "不能提前停止公示" in page and "提交异议" not in page
    client.cookies["django_language"] = "en"
    assert "cannot leave publicity early" in client.get("/my/records/").content.decode()
    for act in ("repair", "objection", "remove"):
        assert client.post("/my/records/", {"act": act, "record": str(fact.pk), "statement": WHY, "committed": "1"}).status_code == 403  # fmt: skip


def test_an_officer_registers_at_the_desk_and_is_told_why_not(unit, client):
    client.force_login(desk.officer("clerk", unit, "intake"))
    fact, barred = penalty(), listing(AT.date())
    page = client.get(f"/work/repair/?code={FIRM}").content.decode()
    assert "登记修复申请" not in page and "移出后再申请" in page and "列入满一年" in page
    told = {"uscc": FIRM, "statement": WHY, "committed": "1", "act": "repair"}
    assert "2027-09-28起" in client.post("/work/repair/", {**told, "record": str(barred.pk)}).content.decode()
    blocked = client.post("/work/repair/", {**told, "record": str(fact.pk)})
    assert blocked.status_code == 422 and "移出后再申请" in blocked.content.decode()
    away = {
        "uscc": FIRM,
        "act": "withdraw",
        "record": str(fact.pk),
        "event": "annulled",
        "document": "粤复决1号",
    }
    assert client.post("/work/repair/", {**away, "fell_on": "昨天"}).status_code == 422
    assert client.post("/work/repair/", {**away, "fell_on": "2026-09-28"}).status_code == 302
    assert client.get("/work/repair/?code=123").status_code == 422
    client.force_login(desk.officer("inspector", unit, "inspector"))
    assert client.get("/work/repair/").status_code == 403
