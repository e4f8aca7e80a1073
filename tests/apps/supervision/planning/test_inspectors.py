"""S193: only certified officers are in the library, and a draw's frozen list of inspectors comes from it."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.supervision.inspection import rosters
from zhijian.apps.supervision.planning import rules
from zhijian.apps.supervision.planning.registers import INSPECTORS
from zhijian.engines.procedures.models import Leave
from zhijian.engines.recusal import services as recusal
from zhijian.engines.registers.declared import services
from zhijian.security.models import AccessRecord, Role

FIRM, FORMER = "91441900MAYYHQFT6P", "91441324MAYYHQFRXP"
ROW = {
    "key": "T-1", "name": "示例检查员", "division_code": "440106", "account": "one", "organisation_name": "示例区局",
    "skills": "general、food", "position_code": "officer", "training_hours": "64", "training_year": "2026",
    "former_employer": FORMER, "valid_from": "2024-01-01", "valid_to": "2027-06-30", "is_synthetic": "1",
}  # fmt: skip
PLAN = SimpleNamespace(
    freeze_at=datetime(2026, 11, 20, 9, tzinfo=AT.tzinfo),
    reveal_until=datetime(2026, 11, 21, 9, tzinfo=AT.tzinfo),
    inspection_until=date(2026, 12, 20),
)


@pytest.fixture
def keeper(db):
    return desk.province_keeper(INSPECTORS)


@pytest.fixture
def one(keeper):
    found = desk.officer("one", desk.unit("440106", "示例区局"), Role.INSPECTOR)
    services.add(INSPECTORS, ROW, reason="登记证件", by=keeper, at=AT)
    return found


def drawn_from():
    return {one.inspector_id: one for one in rosters.pool(PLAN)}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"position_code": "网格员"}, "position_code"),
        ({"valid_to": ""}, "valid_to"),
        ({"skills": "wizardry"}, "skills"),
        ({"skills": ""}, "skills"),
        ({"training_hours": "-1"}, "training_hours"),
    ],
)
def test_who_is_no_certified_officer_does_not_come_in(keeper, change, field):
    with pytest.raises(services.WrongRow) as refused:
        services.add(INSPECTORS, {**ROW, **change}, reason="登记证件", by=keeper, at=AT)
    assert field in {problem.field for problem in refused.value.problems}


def test_the_frozen_list_has_skills_area_term_and_ties_of_the_library(one):
    recusal.declare("family", FIRM, "", starts_on=date(2026, 1, 1), by=one, at=AT)
    found = drawn_from()["one"]
    assert (found.skills, found.division, found.valid_until) == (
        ("general", "food"),
        "440106",
        date(2027, 6, 30),
    )
    assert found.recused == {FIRM, FORMER}


def test_an_expired_inspector_cannot_be_drawn_even_if_the_account_says_otherwise(keeper, one):
    one.certificate_valid_until = date(2030, 1, 1)
    one.save()
    row = {**ROW, "valid_to": "2026-11-19"}
    services.change(INSPECTORS, "T-1", row, seen=1, reason="证件到期", by=keeper, at=AT)
    assert "one" not in drawn_from()


@pytest.mark.parametrize(
    ("first", "days", "is_drawn"), [(0, 1, False), (1, 1, False), (2, 1, True), (5, 15, True), (5, 16, False)]
)
def test_an_inspector_on_leave_cannot_be_drawn(one, first, days, is_drawn):
    """The draw goes on for two days; its checks run to the 31st: away for 16 of the days is half or more."""
    starts_on = PLAN.freeze_at.date() + timedelta(days=first)
    Leave.objects.create(
        officer=one, substitute=one, starts_on=starts_on, ends_on=starts_on + timedelta(days=days - 1),
        arranged_by=one, arranged_at=AT,
    )  # fmt: skip
    assert ("one" in drawn_from()) is is_drawn


@pytest.mark.parametrize(
    ("on", "standing"),
    [
        (date(2025, 12, 31), "unstarted"),
        (date(2026, 3, 1), "expiring"),
        (date(2026, 3, 31), "expiring"),
        (date(2026, 4, 1), "expired"),
        (date(2026, 1, 1), "expiring"),
    ],
)
def test_the_library_warns_90_days_before_a_certificate_ends(on, standing):
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    assert rules.certificate_standing(first_day=first, last_day=last, is_official=True, on=on) == standing
    assert rules.certificate_standing(first_day=first, last_day=last, is_official=False, on=on) == "barred"


def test_an_officer_declares_ends_and_an_auditor_looks(client, one):
    client.force_login(one)
    typed = {"act": "declare", "kind": "shares", "uscc": FIRM, "note": "股东", "starts_on": "2026-01-01"}
    wrong = client.post("/work/interests/", {**typed, "uscc": "91"})
    assert wrong.status_code == 422 and 'value="91"' in wrong.content.decode()
    assert client.post("/work/interests/", {**typed, "starts_on": "昨天"}).status_code == 422
    assert client.post("/work/interests/", typed).status_code == 302
    assert FIRM in client.get("/work/interests/").content.decode()
    client.force_login(desk.officer("auditor", one.organisation, Role.AUDITOR))
    page = client.get("/work/interests/").content.decode()
    assert FIRM not in page and "查看别人的申报" in page
    look = {"act": "look", "username": "one", "look_reason": "核对回避情况"}
    assert FIRM in client.post("/work/interests/", look).content.decode()
    assert AccessRecord.objects.filter(part="interests", subject="one").count() == 1
