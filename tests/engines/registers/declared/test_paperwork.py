"""A register tells in writing: number, QR code, proof of delivery; not twice, not by strangers, not about persons."""

from datetime import date, timedelta

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.prepaid.registers import ISSUERS
from zhijian.apps.consumer.worry_free.registers import COMMITMENTS
from zhijian.engines.documents import services as documents
from zhijian.engines.documents import verifying
from zhijian.engines.documents.models import Document
from zhijian.engines.registers.declared import paperwork, policies, services
from zhijian.engines.registers.declared.models import DeclaredEntry
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(settings, home):
    found = desk.province_keeper(COMMITMENTS)
    found.save()
    return found


@pytest.fixture
def entry(keeper) -> DeclaredEntry:
    row = desk.demo_rows(COMMITMENTS, 1)[0]
    return services.add(COMMITMENTS, row, reason="按申请登记", by=keeper, at=AT)


def test_a_notice_of_an_entry_has_its_number_and_anyone_verifies_it(entry, keeper, client):
    paper = paperwork.issue_for(COMMITMENTS, entry, reason="材料齐全", by=keeper, at=AT)
    assert "登〔2026〕1号" in paper.number
    assert entry.key in " ".join(paper.content["paragraphs"])
    assert verifying.verify(paper, paper.sha256).outcome == "same"
    assert paper.number in client.get(f"/verify/{paper.token}/").content.decode()
    with pytest.raises(policies.Refusal, match="已经出具"):
        paperwork.issue_for(COMMITMENTS, entry, reason="再要一份", by=keeper, at=AT)
    documents.void(paper, reason="地址写错", by=keeper, at=AT)
    assert "2号" in paperwork.issue_for(COMMITMENTS, entry, reason="重出一份", by=keeper, at=AT).number


def test_an_ended_entry_gets_the_notice_of_its_end(entry, keeper):
    last = date(2026, 11, 19)
    ended = services.end(
        COMMITMENTS, entry.key, last_day=last, seen=entry.version, reason="停止营业", by=keeper, at=AT
    )
    paper = paperwork.issue_for(COMMITMENTS, ended, reason="停止营业", by=keeper, at=AT + timedelta(1))
    assert paper.template == paperwork.ENDED
    assert "2026年11月19日" in paper.content["paragraphs"][0]


def test_the_page_issues_and_refuses_and_leads_to_delivery(entry, keeper, client):
    address = f"/work/registers/worry_free/{entry.key}/papers/"
    client.force_login(keeper)
    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "<script>材料齐全</script>"})
    assert answer.status_code == 302
    paper = Document.objects.get()
    assert answer.headers["Location"] == f"/work/documents/{paper.pk}/"
    page = client.get(address).content.decode()
    assert paper.number in page and "<script>材料" not in page
    assert client.get(f"/work/documents/{paper.pk}/").status_code == 200


def test_no_stranger_issues_or_sees_a_paper(entry, keeper, client):
    other = desk.officer("other", desk.unit("440305", "示例南山局"), *COMMITMENTS.keepers)
    with pytest.raises(Forbidden):
        paperwork.issue_for(COMMITMENTS, entry, reason="越权出具", by=other, at=AT)
    drawer = desk.officer("drawer", desk.unit("440106", "示例天河局"), "drawer")
    with pytest.raises(Forbidden):
        paperwork.check_paper(f"worry_free/{entry.key}", drawer)
    with pytest.raises(Forbidden):
        paperwork.check_paper("no_such/1", keeper)
    client.force_login(drawer)
    assert client.get(f"/work/registers/worry_free/{entry.key}/papers/").status_code == 403


def test_an_application_that_is_refused_gets_its_paper_too(keeper):
    row = desk.demo_rows(ISSUERS, 1)[0]
    paper = paperwork.issue_decision(ISSUERS, row, None, reason="没有书面合同", by=keeper, at=AT)
    assert (paper.template, paper.is_synthetic) == (paperwork.NOT_ENTERED, True)
    assert "没有书面合同。" in " ".join(paper.content["paragraphs"])
