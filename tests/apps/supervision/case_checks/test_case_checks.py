"""A check for a lead has its ground and two persons, goes past the cap by a leader's word, and tells nobody who told."""

from datetime import date, timedelta

import pytest
from django.test import Client

pytestmark = pytest.mark.database
ASKED = {"ground": "report", "lead": "JB2026-00017", "reason": "有人反映无证加工", "second": "li"}


def propose(firm, staff, at, **more):
    from zhijian.apps.supervision.case_checks import services

    return services.propose(firm, **ASKED | {"item_codes": ["REG-01"]} | more, by=staff.first, at=at)


def client_of(officer):
    client = Client()
    client.force_login(officer)
    return client


def at_the_cap(check, staff, steps):
    """Visit the firm once, where the list of items allows one visit in a year."""
    from zhijian.apps.supervision.inspection.models import InspectionItem

    InspectionItem.objects.filter(code="REG-01").update(cap_per_year=1)
    steps.services.begin(check, steps.HERE, certificates_shown=True, by=staff.first, at=steps.AT)


def test_no_lead_no_check_and_never_one_person(firm, staff, steps):
    from zhijian.apps.supervision.case_checks import services
    from zhijian.security.permissions import Forbidden

    for wrong, field in (
        ({"ground": "curiosity"}, "ground"), ({"lead": " "}, "lead"), ({"reason": ""}, "reason"),
        ({"item_codes": ["XXX-99"]}, "items"), ({"item_codes": []}, "items"), ({"second": "chen"}, "second"),
        ({"second": "qian"}, "second"),
    ):  # fmt: skip
        with pytest.raises(services.CaseCheckRefused) as refused:
            propose(firm, staff, steps.AT, **wrong)
        assert refused.value.field == field
    with pytest.raises(Forbidden):
        services.propose(firm, **ASKED, item_codes=["REG-01"], by=staff.drawer, at=steps.AT)
    staff.second.certificate_valid_until = date(2026, 9, 1)
    staff.second.save()
    with pytest.raises(services.CaseCheckRefused, match="证件"):
        propose(firm, staff, steps.AT)


def test_below_the_cap_the_second_inspector_agrees_and_the_outcome_is_confirmed_by_the_other(
    firm, staff, leader, steps
):
    from zhijian.apps.supervision.case_checks import services

    at = steps.AT
    made = propose(firm, staff, at)
    assert not made.needs_approval and made.number == "GA202600001"
    for nobody in (staff.first, staff.third, leader):
        with pytest.raises(services.CaseCheckRefused):
            services.decide(made, True, "", by=nobody, at=at)
    with pytest.raises(services.CaseCheckRefused, match="批准"):
        services.record(made, at.date(), False, "没有发现", by=staff.first, at=at)
    with pytest.raises(services.CaseCheckRefused, match="理由"):
        services.decide(made, False, " ", by=staff.second, at=at)
    services.decide(made, True, "", by=staff.second, at=at)
    with pytest.raises(services.CaseCheckRefused):
        services.decide(made, False, "晚了", by=staff.second, at=at)
    for day, words in ((None, "x"), (at.date() - timedelta(days=1), "x"), (at.date() + timedelta(days=1), "x"), (at.date(), " ")):  # fmt: skip
        with pytest.raises(services.CaseCheckRefused):
            services.record(made, day, False, words, by=staff.first, at=at)
    services.record(made, at.date(), True, "无证加工", by=staff.first, at=at)
    with pytest.raises(services.CaseCheckRefused):
        services.confirm(made, by=staff.first, at=at)
    assert services.of_firm(firm.uscc) == []
    services.confirm(made, by=staff.second, at=at)
    with pytest.raises(services.CaseCheckRefused):
        services.confirm(made, by=staff.second, at=at)
    assert services.of_firm(firm.uscc) == [made]


def test_at_the_cap_a_leader_decides_and_the_check_uses_up_nothing(check, firm, staff, leader, steps):
    from zhijian.apps.supervision.case_checks import rules, services
    from zhijian.apps.supervision.inspection.queries import checks_this_year
    from zhijian.engines.facts.models import Fact

    at_the_cap(check, staff, steps)
    made = propose(firm, staff, steps.AT)
    assert (made.needs_approval, made.visits_this_year, made.cap) == (True, 1, 1)
    with pytest.raises(services.CaseCheckRefused):
        services.decide(made, True, "", by=staff.second, at=steps.AT)
    services.decide(made, True, "", by=leader, at=steps.AT)
    services.record(made, steps.AT.date(), False, "没有发现", by=staff.second, at=steps.AT)
    services.confirm(made, by=staff.first, at=steps.AT)
    assert checks_this_year(firm.uscc, 2026) == 1
    assert not any(rules.counts_against_cap(ground) for ground in rules.GROUNDS)
    told = [
        one.payload
        for one in Fact.objects.filter(kind="inspection.case_checked").order_by("recorded_at", "source_key")
    ]
    assert {one["step"] for one in told} == {"proposed", "approved", "confirmed"} and ASKED[
        "lead"
    ] not in str(told)


def test_the_firm_reads_ground_and_basis_and_never_who_told(firm, staff, leader, steps, monkeypatch):
    from zhijian.apps.supervision.case_checks import rules, services
    from zhijian.security.models import BusinessPerson

    made = propose(firm, staff, steps.AT)
    services.decide(made, True, "", by=staff.second, at=steps.AT)
    services.record(made, steps.AT.date(), True, "举报人老王说的属实", by=staff.first, at=steps.AT)
    services.confirm(made, by=staff.second, at=steps.AT)
    person = BusinessPerson(uscc=firm.uscc, role="reader", is_active=True)
    monkeypatch.setattr("zhijian.portal.views.business.business.person_of", lambda request: person)
    page = Client().get("/my/case-checks/").content.decode()
    assert "处理线索" in page and made.items[0]["basis"].split("》")[0] in page
    for hidden in ("举报人", ASKED["lead"], ASKED["reason"], "老王", "JB2026"):
        assert hidden not in page
    assert rules.told_to_firm("complaint") == rules.told_to_firm("report")


def test_pages_show_and_take_it_and_colleagues_who_do_not_work_on_it_see_nothing(
    firm, staff, leader, steps, monkeypatch
):
    from zhijian.security.models import AccessRecord

    monkeypatch.setattr("zhijian.portal.views.case_checks.now", lambda: steps.AT)
    monkeypatch.setattr("zhijian.portal.views.case_checks._firm", lambda uscc: firm)
    monkeypatch.setattr("zhijian.portal.views.case_checks.today", steps.AT.date)
    first, address = client_of(staff.first), "/work/case-checks/"
    assert first.post(address, {**ASKED, "uscc": firm.uscc}).status_code == 422
    assert first.post(address, {**ASKED, "uscc": firm.uscc, "item": ["REG-01"]}).status_code == 302
    one = f"{address}GA202600001/"
    assert first.post(one, {"act": "approve"}).status_code == 422
    assert client_of(staff.third).get(one).status_code == 403
    assert "GA202600001" not in client_of(staff.third).get(address).content.decode()
    assert client_of(staff.drawer).get(address).status_code == 403
    second = client_of(staff.second)
    assert "您的决定" in second.get(one).content.decode()
    assert second.post(one, {"act": "approve"}).status_code == 302
    assert (
        first.post(one, {"act": "record", "visited_on": "2026-09-16", "words": "没有发现"}).status_code == 302
    )
    assert second.post(one, {"act": "confirm"}).status_code == 302
    assert "没有发现问题" in client_of(leader).get(one).content.decode()
    assert AccessRecord.objects.filter(part="case check").count() >= 2
    assert first.get(f"{address}none/").status_code == 404
