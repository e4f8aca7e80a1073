"""Whoever has no reports to work on learns of none which it is, or about whom; a firm's signal comes of complaints alone."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from tests.engines.signals.test_daily import TODAY, case
from zhijian.apps.consumer.analysis import policies, services
from zhijian.apps.consumer.analysis.models import FastGroup, Signal
from zhijian.portal.views import analysis
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def report(number, ago, **changes):
    return replace(case(number, ago, **changes), kind="report", path=f"/work/matters/{number}/")


def test_an_analyst_sees_of_a_report_neither_number_nor_firm_and_a_handler_both(province):
    mixed = [
        replace(case(1, 2), number="TS1", firm="F"),
        replace(report(2, 2), number="JB2", firm="F", firm_name="示例店"),
    ]
    seen = policies.seen_by(province.analyst, mixed)
    assert seen[0] == mixed[0]
    assert (seen[1].number, seen[1].firm, seen[1].firm_name, seen[1].path) == ("", "", "", "")
    assert (seen[1].division_code, seen[1].topic) == (mixed[1].division_code, mixed[1].topic)
    assert policies.seen_by(province.handler, mixed) == mixed
    assert policies.seen_by(province.leader, mixed) == mixed


def test_reports_alone_raise_no_signal_about_a_firm(told, province):
    told += [replace(report(n, n % 5), firm="F", firm_name="示例店") for n in range(40)]
    services.run_day(TODAY, seed=0, by=None, at=datetime.combine(TODAY, time(12), tzinfo=ZONE))
    assert not Signal.objects.filter(kind="firm").exists()
    assert not any("示例店" in str(one.label) + str(one.reasons) for one in Signal.objects.all())


def test_the_page_of_signals_shows_an_analyst_no_reported_firm(told, province, client):
    told += [
        replace(report(n, n % 5), number=f"JB{n}", firm="F", firm_name="示例被举报店") for n in range(40)
    ]
    client.force_login(province.analyst)
    page = client.get("/work/analysis/").content.decode()
    assert "示例被举报店" not in page and "JB1" not in page


@pytest.mark.parametrize("role", ["analyst", "leader"])
def test_a_group_to_settle_takes_complaints_in_and_tells_of_no_report(
    told, province, client, monkeypatch, role
):
    monkeypatch.setattr("zhijian.portal.views.analysis.today", lambda: TODAY)
    told += [replace(report(n, 1), number=f"JB{n}", firm="R", firm_name="示例被举报店") for n in range(6)]
    told += [case(n, 1, firm="S") for n in range(6)] + [replace(report(90, 1), number="JB90", firm="S")]
    client.force_login(getattr(province, role))
    refused = client.post("/work/analysis/", {"key": "R", "plan": "约谈"})
    assert (refused.status_code, FastGroup.objects.count()) == (422, 0)
    assert "没有可以集中办理的件" in refused.content.decode()
    client.post("/work/analysis/", {"key": "S", "plan": "约谈"})
    assert FastGroup.objects.get().numbers == [f"TS{n:06d}" for n in range(6)]


def test_of_a_group_with_a_report_from_before_an_analyst_is_not_told_that_one_is_hidden(
    told, province, client
):
    group = FastGroup.objects.create(
        key="S", label="示例店", numbers=["JB1"], lead=province.leader, plan="约谈",
        begun_at=datetime.combine(TODAY, time(9), tzinfo=ZONE),
    )  # fmt: skip
    client.force_login(province.analyst)
    assert client.get(f"/work/analysis/groups/{group.pk}/").context["hidden"] == 0
    client.force_login(province.leader)
    assert client.get(f"/work/analysis/groups/{group.pk}/").context["hidden"] == 1


@pytest.mark.parametrize("number", ["²", "1" * 5000, "-1", ""])
def test_a_group_or_signal_with_a_number_that_is_none_is_not_found(told, province, client, number):
    client.force_login(province.analyst)
    if number:
        assert client.post("/work/analysis/", {"end": number, "plan": "办完"}).status_code == 404
    assert client.get("/work/warnings/new/", {"signal": number}).status_code in (200, 404)


def test_an_officer_of_a_part_of_the_area_sees_that_part_alone(told, province, client):
    told += [case(n, 1, place="440106" if n % 2 else "440304") for n in range(20)]
    province.analyst.division_code = "440300"
    province.analyst.save()
    assert {
        one.division_code for one in analysis.own_cases(province.analyst, TODAY - timedelta(9), TODAY)
    } == {"440304"}
