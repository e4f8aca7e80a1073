"""Whoever has no reports to work on learns of none which it is, or about whom; a firm's signal comes of complaints alone."""

from dataclasses import replace

import pytest

from tests.engines.signals.test_daily import TODAY, case
from zhijian.apps.consumer.analysis import policies, services
from zhijian.apps.consumer.analysis.models import Signal

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
    from datetime import datetime, time

    from zhijian.standards.calendar import ZONE

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
