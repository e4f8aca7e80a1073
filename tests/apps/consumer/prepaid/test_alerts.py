"""S45: an issuer at high risk becomes one piece of work of its county; a person checks, a leader decides."""

from datetime import timedelta

import pytest

from tests.engines.registers.declared import desk
from tests.engines.registers.declared.desk import AT
from zhijian.apps.consumer.prepaid import alerts
from zhijian.apps.consumer.prepaid.models import PrepaidFiling, PrepaidIssuer, RiskAlert
from zhijian.apps.consumer.prepaid.registers import FILINGS, ISSUERS
from zhijian.engines.procedures import checks
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import Incomplete, NotYours, ProcedureRefused
from zhijian.engines.procedures.models import Case
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    found = desk.province_keeper(ISSUERS)
    found.save()
    return found


@pytest.fixture
def filings(keeper):
    desk.fill(FILINGS, keeper, most=40)


@pytest.fixture
def county(filings):
    issuer = PrepaidIssuer.objects.get(key="YF-0007")
    return Organisation.objects.create(
        code="amr-x", name="示例县局", name_en="Example", level="county", division_code=issuer.division_code,
        is_synthetic=True,
    )  # fmt: skip


@pytest.fixture
def people(county):
    def officer(name, role):
        return Officer.objects.create(
            username=name, display_name=name, organisation=county, roles=[role], is_synthetic=True
        )

    return officer("handler-x", "handler"), officer("leader-x", "leader")


def alert_of(key="YF-0007"):
    return RiskAlert.objects.select_related("case").get(issuer=key)


def check(alert, by, **more):
    given = {
        "outcome": "risk",
        "checked_on": AT.date().isoformat(),
        "found": "账面余额和银行流水不符，近月停发工资。",
    }
    item = alert.case.work_items.get(task="check_issuer", state="open")
    return procedures.complete(item, data={**given, **more}, by=by, at=AT)


def test_the_drawing_is_right():
    assert checks.problems(alerts.PREPAID_RISK, alerts.PREPAID_RISK.drawing_text()) == []


def test_a_high_risk_is_told_once_to_the_issuers_county_with_its_reasons(people, county):
    told = alerts.watch(at=AT)
    assert told == RiskAlert.objects.count() > 0
    assert alerts.watch(at=AT + timedelta(1)) == 0
    alert = alert_of()
    item = alert.case.work_items.get()
    assert (item.organisation, item.role, item.task) == (county, "handler", "check_issuer")
    assert item.due_on is not None
    assert alert.score >= 55
    assert all(zh and en and points > 0 for zh, en, points in alert.reasons)


def test_what_was_found_and_decided_is_kept_and_a_new_filing_may_alert_again(people, client):
    handler, leader = people
    alerts.watch(at=AT)
    alert = alert_of()
    check(alert, handler)
    item = alert.case.work_items.get(task="decide_measures", state="open")
    given = {"measures": ["talk", "case"], "measures_reason": "余额不符，退款拖延。"}
    procedures.complete(item, data=given, by=leader, at=AT)
    alert = alert_of()
    assert (alert.case.status, alert.case.ending) == ("closed", "handled")
    assert (alert.outcome, alert.measures) == ("risk", ["talk", "case"])
    newest = PrepaidFiling.objects.filter(issuer="YF-0007").order_by("-valid_from").first()
    newest.pk, newest.key, newest.valid_from = None, "BA-0007-202611", newest.valid_from + timedelta(20)
    newest.save()
    assert alerts.watch(at=AT + timedelta(2)) == 1
    client.force_login(handler)
    assert "卷款风险" in client.get(f"/work/cases/{alert.case_id}/").content.decode()


def test_no_risk_ends_it_without_a_leader(people):
    alerts.watch(at=AT)
    alert = alert_of()
    check(alert, people[0], outcome="no_risk")
    assert Case.objects.get(pk=alert.case_id).ending == "no_risk"


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"found": "有风险"}, Incomplete),  # no fact: the score alone is none
        ({"checked_on": "2999-01-01"}, ProcedureRefused),
        ({"checked_on": "昨天"}, Incomplete),
        ({"outcome": "arrest"}, Incomplete),
    ],
)
def test_a_check_without_facts_or_of_a_day_to_come_is_refused(people, wrong, refused):
    alerts.watch(at=AT)
    with pytest.raises(refused):
        check(alert_of(), people[0], **wrong)
    assert alert_of().outcome == ""


def test_who_checked_does_not_decide_and_no_measure_stands_alone(people):
    handler, leader = people
    alerts.watch(at=AT)
    alert = alert_of()
    check(alert, handler)
    item = alert.case.work_items.get(task="decide_measures", state="open")
    with pytest.raises(Forbidden):
        procedures.complete(
            item, data={"measures": ["talk"], "measures_reason": "约谈提醒"}, by=handler, at=AT
        )
    handler.roles = ["handler", "leader"]
    handler.save()
    with pytest.raises(NotYours):
        procedures.complete(
            item, data={"measures": ["talk"], "measures_reason": "约谈提醒"}, by=handler, at=AT
        )
    with pytest.raises(ProcedureRefused, match="不能和其他措施"):
        both = {"measures": ["none", "talk"], "measures_reason": "约谈提醒"}
        procedures.complete(item, data=both, by=leader, at=AT)


def test_without_a_unit_of_the_place_the_province_gets_it_and_without_any_nobody(filings, keeper):
    alerts.watch(at=AT)
    assert {one.case.organisation for one in RiskAlert.objects.all()} == {keeper.organisation}
