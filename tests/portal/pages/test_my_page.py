"""A firm's own page: what is due, what is public, who came on which basis; nothing of a visit that is only drawn."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.portal.pages.town import AT, HEMAN
from zhijian.apps.supervision.inspection import visits
from zhijian.apps.supervision.inspection.models import Check
from zhijian.security.models import BusinessPerson


@pytest.fixture
def browser(inspected):
    BusinessPerson.objects.create(
        uscc=HEMAN, firm_name="广东示例禾满食品有限公司", username="li", display_name="示例李", role="reader",
        password=make_password("correct horse battery"), created_at=AT, is_synthetic=True,
    )  # fmt: skip
    client = Client()
    client.post("/my/sign-in/", {"uscc": HEMAN, "username": "li", "password": "correct horse battery"})
    return client


def test_the_firm_sees_its_reports_due_its_record_and_its_visits_with_their_basis(browser):
    check = Check.objects.get(uscc=HEMAN)
    year = next(event.happened_at.year for event in check.history if event.verb == "begin")
    (visit,) = visits.visits_of(HEMAN, year)
    assert visit.items and visits.visits_of(HEMAN, year - 1) == []
    page = browser.get("/my/").content.decode()
    assert "年度报告" in page and "已逾期" in page and visit.items[0].legal_basis in page
    assert "行政处罚" in page and "去办" not in page  # a reader files nothing
    table = browser.get("/my/?format=csv").content.decode()
    assert visit.items[0].legal_basis in table and "待办" in table


def test_a_visit_that_is_only_dispatched_is_not_told(browser):
    from zhijian.apps.supervision.inspection.models import CheckEvent

    CheckEvent.objects.filter(verb="begin")._raw_delete("default")
    assert visits.visits_of(HEMAN, 2026) == [] and visits.cap_of([]) is None


def test_each_section_says_where_it_comes_from_and_the_own_visit_opens_without_a_code(browser):
    page = browser.get("/my/").content.decode()
    check = Check.objects.get(uscc=HEMAN)
    assert "来源：检查系统" in page and f"/my/visits/{check.pk}/" in page
    assert browser.post(f"/my/visits/{check.pk}/")["Location"] == "/visit/"
    assert check.entity_name in browser.get("/visit/").content.decode()
    assert browser.post("/my/visits/999999/").status_code == 404
    assert Client().post(f"/my/visits/{check.pk}/")["Location"].startswith("/my/sign-in/")


def test_an_open_case_a_promise_and_a_trial_of_the_firm_stand_on_its_page_and_of_no_other(browser):
    from zhijian.apps.supervision.commitments.models import ApprovalCommitment
    from zhijian.apps.supervision.inclusive.models import WhiteListed

    shared = {"division_code": "440106", "valid_from": AT.date(), "changed_at": AT, "is_synthetic": True}
    for n, uscc in enumerate((HEMAN, "91440101190445077T")):
        ApprovalCommitment.objects.create(
            key=f"P{n}",
            name=f"示例承诺{n}",
            uscc=uscc,
            text="T",
            approval_no="示许1",
            authority="示例局",
            **shared,
        )
        WhiteListed.objects.create(
            key=f"W{n}",
            name=f"示例白名单{n}",
            uscc=uscc,
            field_code="food",
            grounds="示例",
            authority="示例局",
            **shared,
        )
    page = browser.get("/my/").content.decode()
    assert "示例承诺0" in page and "示例承诺1" not in page and "白名单：示例白名单0" in page
    assert "示例承诺0" in browser.get("/my/?format=csv").content.decode()


def test_a_firm_reads_what_it_may_do_about_a_listing_and_its_papers_and_nobody_elses(browser):
    from tests.engines.registers.declared import desk
    from zhijian.apps.supervision.inclusive import letters
    from zhijian.apps.supervision.inclusive.registers import ITEMS, LENIENCIES
    from zhijian.apps.supervision.listing import services
    from zhijian.apps.supervision.listing.models import ListingMatter
    from zhijian.engines.registers.declared import services as registers
    from zhijian.portal.views.register import now

    keeper = desk.officer(
        "guide", desk.unit("440000", "示例指导局"), "leader", "steward", "handler", "intake"
    )
    item = desk.demo_rows(ITEMS, 2)[1]
    registers.add(ITEMS, item, reason="事项清单", by=keeper, at=now())
    today = now().date().isoformat()
    for number, uscc in enumerate((HEMAN, "91440101190445077T")):
        row = {**desk.demo_rows(LENIENCIES, 1)[0], "key": f"G-{number}", "uscc": uscc, "valid_from": today,
               "correct_by": today, "corrected_on": "", "item": item["key"]}  # fmt: skip
        registers.add(LENIENCIES, row, reason="决定给予指导", by=keeper, at=now())
    (own,), (other,) = letters.letters_of(HEMAN), letters.letters_of("91440101190445077T")
    case = services.propose_listing(
        HEMAN, name="广东示例禾满食品有限公司", subject_kind="enterprise", ground="unreachable", arose_on=now().date(),
        clue="找不到这户", division="440106", by=keeper, at=now(), is_synthetic=True,
    )  # fmt: skip
    ListingMatter.objects.filter(case=case).update(act="list_serious", notified_on=now().date())
    page = browser.get("/my/").content.decode()
    assert "首违不罚行政指导书" in page and own.number in page and other.number not in page
    assert f"首违免罚后改正：{item['name']}" in page
    assert "陈述申辩、要求听证" in page and "严重违法失信名单管理办法》第十三条" in page
    paper = browser.get(f"/my/letters/{own.pk}/")
    assert paper.content.startswith(b"%PDF") and "attachment" in paper["Content-Disposition"]
    assert browser.get(f"/my/letters/{other.pk}/").status_code == 404
    assert Client().get(f"/my/letters/{own.pk}/")["Location"].startswith("/my/sign-in/")


def test_a_firm_reads_its_class_and_why_only_where_the_parameter_allows_it(browser, monkeypatch):
    """RISK6: the class is internal; whether the firm itself is told, the province's dated parameter says."""
    from types import SimpleNamespace

    from zhijian.engines.registers.code_lists import Label
    from zhijian.engines.registers.records import Reason
    from zhijian.portal.views import my_class

    register = SimpleNamespace(
        credit_class=lambda uscc: SimpleNamespace(
            class_code="C", snapshot_month="2026-10", is_insufficient=False,
            all_reasons=(
                Reason("penalties", Label("行政处罚", "Penalties"), 90, Label("近三年1件", "1 in three years")),
                Reason("reports", Label("按时年报", "Reports in time"), -20, Label("3期", "3")),
                Reason("none", Label("没有的", "None"), 0, Label("", "")),
            ),
        )
    )  # fmt: skip
    assert my_class.of_firm(register, HEMAN, on=AT.date()) is None
    assert "现行规定没有允许告诉企业本人" in browser.get("/my/").content.decode()
    monkeypatch.setattr(my_class, "SHOWN", SimpleNamespace(on=lambda day: True))
    found = my_class.of_firm(register, HEMAN, on=AT.date())
    assert (found.letter, found.against, found.in_favour) == (
        "C",
        (("行政处罚", "近三年1件"),),
        (("按时年报", "3期"),),
    )
