"""A listed firm asks elsewhere for an approval: the department learns by its key what applies, answers, and officers see it."""

from datetime import date, datetime

import pytest

from tests.apps.supervision.measures.test_journey import granted
from tests.engines.registers.declared import desk
from tests.portal.pages import town
from tests.portal.pages.journeys.conftest import PHONE
from tests.portal.pages.town import HEMAN, QUIET
from zhijian.apps.supervision.measures.registers import MEASURES, PAPERS
from zhijian.engines.exchange import services as exchange
from zhijian.engines.facts import services as facts
from zhijian.engines.registers.declared import services as registers
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 24, 10, tzinfo=ZONE)


@pytest.fixture
def listed(transactional_db, register, home, clock):
    """A firm on the serious list, the catalogue of measures, and the key of a department that decides on licences."""
    clock.at(NOW)
    keeper = desk.officer("keeper", desk.unit("440000", "示例省局"), "leader", "steward", "handler", "intake")
    for kept in (MEASURES, PAPERS):
        for row in desk.demo_rows(kept, 100):
            registers.add(kept, row, reason="登记清单", by=keeper, at=NOW)
    payload = {
        "decision_no": "示例列1号",
        "authority": "示例区局",
        "ground": "食品安全",
        "ground_code": "food",
    }
    facts.record("serious_list.listed", subject=HEMAN, occurred_on=date(2026, 3, 10), payload=payload, source="test",
                 source_key="1", by="test", at=NOW, is_synthetic=True)  # fmt: skip
    grant = granted(home, keeper)
    return exchange.issue_key(grant, by=grant.applicant, at=NOW)


def asks(page, key, uscc, matter):
    headers = {"Authorization": f"Bearer {key}"}
    told = {"purpose": "supervision", "matter": matter, "reference": "许可〔2026〕1号"}
    return page.request.get(f"/api/v1/measures/{uscc}", params=told, headers=headers)


def test_a_listed_firm_is_matched_at_an_approval_elsewhere_and_the_answer_is_seen(person, listed):
    clerk = person(town.officer("clerk", "intake", division="440100"))
    clerk.goes("/work/measures/").reads("没有等待反馈的措施")
    other = person().page  # the department's own system
    told = asks(other, listed, HEMAN, "licence").json()
    assert [one["measure"] for one in told["measures"]] == ["CJ-007"]
    assert asks(other, listed, QUIET, "licence").json()["measures"] == []
    assert asks(other, "zj_no", HEMAN, "licence").status == 401

    clerk.goes("/work/measures/").reads("1项等待反馈", "许可〔2026〕1号", "示例asker部门")
    path = f"/api/v1/measures/matches/{told['measures'][0]['number']}/response"
    answer = {"purpose": "supervision", "action": "not_applied", "acted_on": told["as_of"]}
    headers = {"Authorization": f"Bearer {listed}"}
    bare = other.request.post(path, data=answer, headers=headers)
    assert bare.status == 422  # not to apply a measure needs its reason
    answer |= {"action": "applied", "decision_no": "示例决1号"}
    assert [other.request.post(path, data=answer, headers=headers).status for _ in range(2)] == [201, 200]
    clerk.goes("/work/measures/").reads("没有等待反馈的措施", "示例asker部门")
    clerk.fills(uscc=HEMAN, matter="licence").presses("查询").reads("CJ-007", "严重违法失信名单")
    clerk.goes("/work/measures/").fills(uscc="123").presses("查询").reads("没有办成")


def test_a_recognised_firm_may_bring_a_paper_later_and_one_with_a_penalty_is_not_recognised(person, listed):
    officer = person(town.officer("clerk", "intake", "handler", "leader", division="440106"))
    form = {
        "name": "广州示例安静影院有限公司", "uscc": QUIET, "division_code": "440106", "green_channel": "1", "tolerates_missing": "1",
        "authority": "示例区局", "statement": "记录良好", "valid_from": "2026-11-24", "valid_to": "2028-11-24",
    }  # fmt: skip
    officer.goes("/work/registers/incentive_recognitions/add/").fills(key="SX-1", **form, reason="按规则认定")
    officer.presses("登记")
    officer.goes("/work/registers/incentive_recognitions/add/").fills(key="SX-2", **form, reason="按规则认定")
    officer.fills(uscc=HEMAN, name="广东示例禾满食品有限公司").presses("登记").reads("还没有保存")
    visitor = person(width=PHONE)
    visitor.goes("/registers/incentive_recognitions/entries/SX-1/").reads("广州示例安静影院有限公司")
    told = asks(visitor.page, listed, QUIET, "licence").json()
    assert told["incentive"] is not None and told["measures"] == []

    use = {
        "key": "JL-1", "name": "广州示例安静影院有限公司", "division_code": "440106", "recognition": "SX-1", "kind_code": "tolerance",
        "approval_no": "示例受理1号", "valid_from": "2026-11-24", "reason": "窗口登记",
    }  # fmt: skip
    officer.goes("/work/registers/incentive_uses/add/").fills(**use).presses("登记")
    officer.reads("还没有保存")  # tolerance is of a paper of the list, and of no other
    officer.fills(paper="RQ-002").presses("登记")
    officer.goes("/registers/incentive_uses/entries/JL-1/").reads("示例受理1号")
    visitor.goes(
        "/registers/incentive_uses/entries/JL-1/", status=403
    )  # which paper a firm still owes is no public matter
