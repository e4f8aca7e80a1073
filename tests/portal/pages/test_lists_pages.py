"""The public lists and the way off them: what everybody sees, what leaves, and what a clerk is told."""

import re
from datetime import date

import pytest

from tests.engines.registers.declared import desk
from zhijian.apps.supervision.listing.models import ListingMatter
from zhijian.engines.facts import services as facts
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.portal.views import lists

pytestmark = pytest.mark.django_db

FIRM, OTHER = synthetic_code(840_001, "440106"), synthetic_code(840_002, "440300")


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr(lists, "today", lambda: date(2026, 12, 10))
    monkeypatch.setattr(lists, "now", lambda: desk.AT)


def fact(kind, subject=FIRM, **payload):
    told = {"authority": "示例区局", **payload}
    facts.record(kind, subject=subject, occurred_on=date(2026, 9, 1), payload=told, source="test", is_synthetic=True,
                 source_key=f"{kind}/{subject}/{payload}", by="test", at=desk.AT)  # fmt: skip


def test_the_list_shows_who_stands_on_it_filters_and_is_a_file_and_forgets_who_left(client):
    fact("abnormal_list.listed", ground_code="annual_report")
    fact("abnormal_list.listed", OTHER, ground_code="unreachable")
    fact("serious_list.listed", OTHER, decision_no="严1", ground="食品安全")
    page = client.get("/lists/").content.decode()
    assert FIRM in page and "在列3条" in page and "<svg" in page
    proofs = re.findall(r'href="(/fact/[^"]+)"', page)
    assert len(proofs) == 3 and all(client.get(one).status_code == 200 for one in proofs)
    assert FIRM not in client.get("/lists/?city=440300").content.decode()
    assert "在列1条" in client.get("/lists/?kind=serious_list.listed").content.decode()
    assert "没有符合条件" in client.get("/lists/?q=无此企业").content.decode()
    told = client.get("/lists/?format=csv&ground=unreachable").content.decode()
    assert OTHER in told and FIRM not in told and "合成数据" in told
    fact("abnormal_list.removed", ground_code="annual_report")
    assert FIRM not in client.get("/lists/").content.decode()


def test_the_way_off_is_public_and_says_what_to_do_from_when_and_when_it_is_over(client):
    fact("abnormal_list.listed", ground_code="annual_report")
    fact("penalty.decided", decision_no="罚1", violation="虚假广告", types=["fine"], procedure="ordinary", published_on="2026-09-01")  # fmt: skip
    page = client.get(f"/lists/{FIRM}/").content.decode()
    assert "补报并公示" in page and "2027年3月1日" in page.replace("2027-03-01", "2027年3月1日")
    assert "没有要做的" in client.get(f"/lists/{OTHER}/").content.decode()
    client.cookies["django_language"] = "en"
    assert "file and publish every missing annual report" in client.get(f"/lists/{FIRM}/").content.decode()
    assert client.get("/lists/12345/").status_code == 404


def test_a_clerk_registers_a_proposal_and_is_told_what_is_wrong_with_another(client):
    clerk = desk.officer("clerk", desk.unit("440106", "示例区局"), "intake")
    assert client.get("/work/lists/").status_code == 302
    client.force_login(clerk)
    told = {"act": "list", "uscc": FIRM, "name": "示例商行（合成）", "subject_kind": "enterprise", "ground": "unreachable",
            "arose_on": "2026-11-18", "clue": "检查时找不到人"}  # fmt: skip
    for wrong, words in (({"uscc": "1234"}, "18"), ({"arose_on": "十一月"}, "日期"), ({"ground": "falsity"}, "不是对这类主体"),
                         ({"act": "remove"}, "没有可以移出"), ({"act": "serious", "family": "food", "penalty_no": "无"}, "没有找到")):  # fmt: skip
        answer = client.post("/work/lists/", told | wrong)
        assert answer.status_code == 422 and words in answer.content.decode()
    made = client.post("/work/lists/", told)
    matter = ListingMatter.objects.get()
    assert made.headers["Location"] == f"/work/cases/{matter.case_id}/"
    page = client.get(f"/work/cases/{matter.case_id}/").content.decode()
    assert (
        "无法联系" in page
        and "示例商行" in page
        and "示例商行" in client.get("/work/lists/").content.decode()
    )
