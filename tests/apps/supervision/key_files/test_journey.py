"""S195 end to end: a firm comes under key supervision by rule or by two persons, has measures of its own, is reviewed, and leaves."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.key_files import rules, services
from zhijian.apps.supervision.key_files.models import KeyFile
from zhijian.apps.supervision.key_files.rules import Known
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures import services as procedures
from zhijian.engines.procedures.errors import NotYours, ProcedureRefused
from zhijian.engines.procedures.models import WorkItem
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.database
AT = datetime(2026, 9, 23, 10, 0, tzinfo=ZONE)
ON = AT.date()
FIRM = synthetic_code(880_001, "440106")


@pytest.fixture
def officers():
    unit = desk.unit("440106", "示例区局")
    found = {role: desk.officer(role, unit, role) for role in ("handler", "leader", "inspector", "intake")}
    return found | {
        "second": desk.officer("second", unit, "handler"),
        "both": desk.officer("both", unit, "handler", "leader"),
    }


def firm(by, **more):
    return {"uscc": FIRM, "name": "示例食品厂（合成）", "division": "440106", "field": "food", "by": by, "at": AT, "is_synthetic": True, **more}  # fmt: skip


def listed():
    payload = {"decision_no": "示例罚1号", "authority": "示例区局", "ground": "食品安全"}
    facts.record("serious_list.listed", subject=FIRM, occurred_on=date(2026, 9, 1), payload=payload, source="test",
                 source_key="S", by="test", at=AT, is_synthetic=True)  # fmt: skip


def step(case, task, officer, at=AT, **data):
    with transaction.atomic():
        procedures.complete(
            WorkItem.objects.get(case=case, task=task, state="open"), data=data, by=officer, at=at
        )


def known(kind, day, field="food", codes=(), is_standing=True):
    return Known(kind, day, field, codes, is_standing)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([known("serious_list.listed", date(2024, 1, 1))], ["serious_list"]),
        ([known("serious_list.listed", date(2024, 1, 1), is_standing=False)], []),
        ([known("penalty.decided", date(2025, 9, 24)), known("penalty.decided", ON)], ["repeated_penalties"]),
        ([known("penalty.decided", date(2025, 9, 23)), known("penalty.decided", ON)], []),
        ([known("penalty.decided", ON), known("penalty.decided", ON, "price")], []),
        ([known("penalty.decided", ON), known("penalty.decided", ON, is_standing=False)], []),
        ([known("inspection.result", ON, codes=("6",)), known("inspection.result", ON, codes=("1", "9"))], ["repeated_problems"]),
        ([known("inspection.result", ON, codes=("1",)), known("inspection.result", ON, codes=("8",))], []),
        ([known("serious_list.listed", ON + timedelta(days=1))], []),
    ],
)  # fmt: skip
def test_a_firm_comes_in_by_rule_only_on_what_stands_and_lies_within_twelve_months(seen, expected):
    assert rules.grounds(seen, "food", on=ON) == expected


@pytest.mark.django_db
def test_a_published_rule_brings_a_firm_in_at_once_and_nobody_weighs_anything(officers):
    with pytest.raises(ProcedureRefused, match="不属于应当列入"):
        services.enter_by_rule(**firm(officers["handler"]))
    listed()
    file = services.enter_by_rule(**firm(officers["handler"]))
    assert (file.ground, file.review_on) == ("serious_list", date(2027, 3, 23))
    with pytest.raises(ProcedureRefused, match="已有档案"):
        services.enter_by_rule(**firm(officers["handler"]))
    assert Fact.objects.get(kind="key_file.changed").payload["act"] == "entered"


@pytest.mark.django_db
def test_without_a_rule_two_persons_decide_and_the_same_way_a_firm_leaves(officers):
    with pytest.raises(ProcedureRefused, match="4至400字"):
        services.propose(**firm(officers["handler"]), reason="不放心")
    case = services.propose(**firm(officers["handler"]), reason="多年前有过重大事故，设备陈旧。")
    step(case, "check", officers["both"], outcome="agree", found="情况属实。")
    for officer in ("both",):
        with pytest.raises(NotYours):
            step(case, "decide", officers[officer], outcome="agree", decision_reason="同意列入")
    step(case, "decide", officers["leader"], outcome="agree", decision_reason="事故隐患没有消除")
    file = KeyFile.objects.get(uscc=FIRM)
    assert (file.ground, file.left_on) == ("decision", None)
    leaving = services.propose_leaving(file, reason="隐患已经消除", by=officers["handler"], at=AT)
    with pytest.raises(ProcedureRefused, match="在办"):
        services.propose_leaving(file, reason="隐患已经消除", by=officers["second"], at=AT)
    step(leaving, "check", officers["second"], outcome="agree", found="隐患已经消除。")
    step(leaving, "decide", officers["leader"], outcome="refuse", decision_reason="再观察三个月")
    file.refresh_from_db()
    assert file.left_on is None
    leaving = services.propose_leaving(file, reason="隐患已经消除", by=officers["handler"], at=AT)
    step(leaving, "check", officers["second"], outcome="agree", found="隐患已经消除。")
    step(leaving, "decide", officers["leader"], outcome="agree", decision_reason="隐患已经消除")
    file.refresh_from_db()
    assert file.left_on == ON
    with pytest.raises(ProcedureRefused, match="已经退出"):
        services.review(file, note="再看一次", by=officers["handler"], at=AT)


@pytest.mark.django_db
def test_what_is_done_about_a_firm_says_who_and_until_when(officers):
    listed()
    keeper, file = officers["handler"], services.enter_by_rule(**firm(officers["handler"]))
    with pytest.raises(ProcedureRefused, match="谁负责"):
        services.add_measure(file, text="每季度抽检一次", responsible="", due_on=date(2026, 12, 31), by=keeper, at=AT)  # fmt: skip
    with pytest.raises(ProcedureRefused, match="早于今天"):
        services.add_measure(file, text="每季度抽检一次", responsible="食品科", due_on=date(2026, 9, 22), by=keeper, at=AT)  # fmt: skip
    measure = services.add_measure(file, text="每季度抽检一次", responsible="食品科", due_on=date(2026, 12, 31), by=keeper, at=AT)  # fmt: skip
    services.finish_measure(measure, note="抽检合格", by=keeper, at=AT)
    with pytest.raises(ProcedureRefused, match="已经办结"):
        services.finish_measure(measure, note="再办一次", by=keeper, at=AT)
    later = AT + timedelta(days=100)
    services.review(file, note="仍在名单上，保留", by=keeper, at=later)
    assert file.review_on == rules.review_due_on(later.date())
    for stranger in (officers["inspector"], desk.officer("far", desk.unit("440305", "外区局"), "handler")):
        with pytest.raises(Forbidden):
            services.review(file, note="不是本辖区的", by=stranger, at=later)


@pytest.mark.django_db
def test_officers_of_the_area_alone_read_a_file_and_everybody_reads_sums_that_name_nobody(officers, client):
    listed()
    file = services.enter_by_rule(**firm(officers["handler"]))
    client.force_login(officers["handler"])
    page = client.get(f"/work/key-files/{file.pk}/").content.decode()
    assert "列入严重违法失信名单" in page and "监督检查历史" in page and "示例罚1号" in page
    assert AccessRecord.objects.filter(subject=FIRM).exists()
    assert "示例食品厂" in client.get("/work/key-files/").content.decode()
    wrong = client.post(
        f"/work/key-files/{file.pk}/",
        {"act": "measure", "text": "每季度抽检", "responsible": "食品科", "due_on": "下月"},
    )
    assert wrong.status_code == 422
    assert client.post("/work/key-files/", {"act": "rule", "uscc": "914401", "name": "某厂", "field": "food"}).status_code == 422  # fmt: skip
    client.force_login(officers["intake"])
    assert client.get(f"/work/key-files/{file.pk}/").status_code == 403
    client.force_login(desk.officer("other", desk.unit("440305", "外区局"), "inspector"))
    assert client.get(f"/work/key-files/{file.pk}/").status_code == 403
    public = Client().get("/key-supervision/").content.decode()
    assert "1份重点监管档案" in public and "示例食品厂" not in public and FIRM not in public
    assert (
        "食品," not in Client().get("/key-supervision/?format=csv").content.decode()
    )  # one firm is not listed


@pytest.mark.django_db
def test_the_drawing_is_sound():
    procedure = declaration.get(services.KEY_FILE)
    assert checks.problems(procedure, procedure.drawing_text()) == []


@pytest.mark.django_db
def test_a_delivered_record_that_was_withdrawn_here_brings_nobody_in(officers, client, monkeypatch):
    delivered = deliveries.serious(FIRM, date(2026, 3, 2))
    own = facts.record("serious_list.listed", subject=FIRM, occurred_on=delivered.occurred_on, payload={"decision_no": "外列S1", "authority": "示例区局", "ground": "食品安全"},
                       source=delivered.source, source_key=delivered.source_key, by="test", at=AT, is_synthetic=True)  # fmt: skip
    facts.withdraw(own, reason="处罚被撤销", by="test", at=AT)
    with pytest.raises(ProcedureRefused, match="不属于应当列入"):
        services.enter_by_rule(**firm(officers["handler"]), delivered=[delivered])
    other = deliveries.serious(FIRM, date(2026, 3, 2), "S2")
    file = services.enter_by_rule(**firm(officers["handler"]), delivered=[delivered, other])
    deliveries.serve(monkeypatch, delivered, other)
    client.force_login(officers["handler"])
    assert "外列S2" in client.get(f"/work/key-files/{file.pk}/").content.decode()


@pytest.mark.django_db
def test_no_officer_makes_a_case_of_key_supervision_go_away(officers):
    case = services.propose(**firm(officers["handler"]), reason="多年前有过重大事故，设备陈旧。")
    with pytest.raises(ProcedureRefused, match="只能按流程办结"):
        procedures.withdraw(case, reason="不办了", by=officers["leader"], at=AT)
