"""S198 to S200 end to end: a measure with its basis, a department that asks and answers, an end by itself; incentives."""

import json
from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from django.test import Client
from django.utils import timezone

from tests.engines.registers.declared import desk
from zhijian.apps.supervision.measures import queries, rules, services
from zhijian.apps.supervision.measures.models import (
    MeasureEnd,
    MeasureLook,
    MeasureMatch,
    MeasureResponse,
    PositionBar,
)
from zhijian.apps.supervision.measures.registers import INCENTIVE_USES, MEASURES, PAPERS, RECOGNITIONS
from zhijian.datazone.lake import Lake
from zhijian.engines.exchange import services as exchange
from zhijian.engines.exchange.policies import Refused
from zhijian.engines.facts import services as facts
from zhijian.engines.notices.models import Notice
from zhijian.engines.registers.declared import services as registers
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden
from zhijian.standards.calendar import ZONE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
TODAY = AT.date()
FIRM = synthetic_code(862_001, "440106")
PERSON = ("示例某", "11010519491231002X")


@pytest.fixture
def keeper():
    found = desk.officer("keeper", desk.unit("440000", "示例省局"), "leader", "steward", "handler", "intake")
    for register in (MEASURES, PAPERS):
        for row in desk.demo_rows(register, 100):
            registers.add(register, row, reason="登记清单", by=found, at=AT)
    return found


@pytest.fixture
def grant(home, keeper):
    return granted(home, keeper)


def granted(home, keeper, *, name="asker", level="personal", rows=1000):
    lake = Lake(home.lake)
    if "raw_own__facts" not in lake.tables():
        lake.write("raw_own__facts", pa.table({"kind": ["x"], "is_synthetic": [True]}), mode="append")
    department = desk.officer(name, desk.unit(f"4401{len(name):02d}", f"示例{name}部门"), "steward")
    asked = exchange.apply(
        lake, services.SERVICE, columns=["kind"], region="", purpose="supervision", reason="办理许可时查询",
        legal_basis="国办发〔2020〕49号", until=date(2099, 12, 31), by=department, at=AT,
    )  # fmt: skip
    exchange.decide(
        asked, is_approved=True, level=level, rows_per_day=rows, reason="符合规定", by=keeper, at=AT
    )
    return asked


def listed(kind="serious_list.listed", number="示例列1号", on=date(2026, 3, 10), **more):
    payload = {"decision_no": number, "authority": "示例区局", "ground": "食品安全", **more}
    if kind == "abnormal_list.listed":
        payload["ground_code"] = "unreachable"
    return record(kind, payload, on, number)


def record(kind, payload, on, key, at=AT):
    return facts.record(kind, subject=FIRM, occurred_on=on, payload=payload, source="test", source_key=f"{kind}/{key}",
                        by="test", at=at, is_synthetic=True)  # fmt: skip


def removed(number="示例列1号", at=AT):
    payload = {"decision_no": number, "authority": "示例区局", "reason": "提前移出"}
    return record("serious_list.removed", payload, at.date(), number, at)


def ask(grant, matter="commitment", reference="许可〔2026〕1号", at=AT):
    return services.ask(grant, FIRM, matter, reference, at=at)


def names(told):
    return [one.entry.key for one, _ in told.measures]


# ------------------------------------------------------------------------------------------------- the catalogue


def measure(level, basis="示例办法第三条"):
    return {**desk.demo_rows(MEASURES, 1)[0], "key": "CJ-900", "basis_level_code": level, "basis": basis}


@pytest.mark.parametrize("level", ["department_rule", "normative", "none"])
def test_no_measure_without_a_law_a_regulation_or_a_central_policy_document_is_entered(keeper, level):
    with pytest.raises(registers.WrongRow, match="no measure can rest on it"):
        registers.add(MEASURES, measure(level, "《示例办法》"), reason="登记清单", by=keeper, at=AT)
    with pytest.raises(registers.WrongRow, match="names no text"):
        registers.add(MEASURES, measure("law", "有关规定"), reason="登记清单", by=keeper, at=AT)
    with pytest.raises(registers.WrongRow, match="basis"):
        registers.add(MEASURES, measure("law", ""), reason="登记清单", by=keeper, at=AT)


def test_the_catalogue_is_kept_by_the_province_and_open_to_all_as_page_file_and_interface(keeper, client):
    county = desk.officer("county", desk.unit("440106", "示例区局"), "leader", "steward")
    with pytest.raises(Forbidden, match="省级维护"):
        registers.add(MEASURES, measure("law", "《示例法》"), reason="登记清单", by=county, at=AT)
    assert "第十八条" in client.get("/registers/discipline_measures/entries.csv").content.decode()
    found = client.get("/api/v1/registers/discipline_measures/entries").json()
    assert "CJ-010" in json.dumps(found, ensure_ascii=False)


# ------------------------------------------------------------------------------------- matching and feedback


def test_a_listed_firm_gets_the_measures_of_its_list_at_this_matter_and_no_other(grant):
    listed()
    told = ask(grant)
    assert names(told) == ["CJ-005"]  # no approval on a promise: article 15 of the Measures
    [(applies, match)] = told.measures
    assert (applies.match.listing.listed_on, match.due_on) == (date(2026, 3, 10), date(2026, 12, 4))
    assert names(ask(grant, "licence")) == ["CJ-007"]
    assert names(ask(grant, "deregistration")) == ["CJ-009"]
    look = MeasureLook.objects.first()
    assert (look.uscc, look.reference, look.organisation_name) == (FIRM, "许可〔2026〕1号", "示例asker部门")


def test_a_firm_that_was_removed_or_whose_term_is_over_meets_no_measure(grant):
    listed()
    removed()
    assert names(ask(grant)) == []
    listed(number="示例列2号", on=date(2022, 3, 10))  # three years: until 2025-03-10
    assert names(ask(grant)) == []


def test_asked_twice_for_one_case_a_measure_is_told_once_and_both_looks_are_kept(grant):
    listed()
    first, again = ask(grant), ask(grant, at=AT + timedelta(days=3))
    assert first.measures[0][1] == again.measures[0][1]
    assert (MeasureMatch.objects.count(), MeasureLook.objects.count()) == (1, 2)


def test_the_quota_of_a_day_and_the_purpose_bind(home, keeper):
    grant = granted(home, keeper, rows=1)
    listed()
    ask(grant)
    with pytest.raises(Refused) as refused:
        ask(grant)
    assert refused.value.code == "quota"
    key = exchange.issue_key(grant, by=grant.applicant, at=AT)
    with pytest.raises(Refused) as refused:
        services.granted(key, "statistics", at=AT)
    assert refused.value.code == "wrong_purpose"


def say(grant, match, action="applied", decision_no="示例决1号", reason="", acted_on=date(2026, 11, 20)):
    return services.answer(match.pk, by=grant, action=action, decision_no=decision_no, reason=reason, acted_on=acted_on, at=AT)  # fmt: skip


def test_feedback_is_kept_once_the_same_again_changes_nothing_and_another_is_refused(home, keeper, grant):
    listed()
    [(_, match)] = ask(grant).measures
    for wrong in (
        {"decision_no": ""},
        {"action": "not_applied"},
        {"action": "fined"},
        {"acted_on": date(2026, 11, 19)},
    ):
        with pytest.raises(Refused):
            say(grant, match, **wrong)
    assert [say(grant, match)[1], say(grant, match)[1]] == [True, False]
    with pytest.raises(Refused) as refused:
        say(grant, match, decision_no="示例决2号")
    assert refused.value.code == "answered"
    stranger = granted(home, keeper, name="another")
    with pytest.raises(Refused) as refused:
        say(stranger, match)
    assert refused.value.code == "not_told"


def test_what_is_not_answered_in_ten_working_days_stands_as_late_in_the_statistics(grant):
    listed()
    ask(grant)
    assert [one.overdue for one in queries.statistics(on=date(2026, 12, 4))] == [0]
    assert [one.overdue for one in queries.statistics(on=date(2026, 12, 5))] == [1]


def test_when_the_listing_ends_the_measure_ends_by_itself_and_who_took_it_is_told(grant):
    listed()
    [(_, match)] = ask(grant).measures
    say(grant, match)
    assert services.tell_ended(by=None, at=AT) == 0
    later = AT + timedelta(days=5)
    removed(at=later)
    assert (services.tell_ended(by=None, at=later), services.tell_ended(by=None, at=later)) == (1, 0)
    assert MeasureEnd.objects.get().why == "removed"
    notice = Notice.objects.get(officer=grant.applicant)
    assert "不得再以这条记录" in notice.text_zh and notice.kind == "measures.ended"


# ------------------------------------------------------------------------------------------- heads of firms


def test_the_head_of_a_listed_firm_is_barred_three_years_and_found_by_identity_alone(keeper, grant):
    with pytest.raises(Refused, match="not barred"):
        services.bar_head(FIRM, *PERSON, by=keeper, at=AT)  # the firm is on no list
    listed(ground_code="publicity")
    services.bar_head(FIRM, *PERSON, by=keeper, at=AT)
    with pytest.raises(Refused, match="entered already"):
        services.bar_head(FIRM, *PERSON, by=keeper, at=AT)
    told = services.ask_person(grant, *PERSON, "设立登记1号", at=AT)
    assert (told.bar.uscc, told.until) == (FIRM, date(2029, 3, 10))
    assert services.ask_person(grant, "别人", PERSON[1], "设立登记1号", at=AT).bar is None
    stored = json.dumps(
        [*PositionBar.objects.values_list("person"), *MeasureLook.objects.values_list("person", "uscc")]
    )
    assert PERSON[1] not in stored and PERSON[0] not in stored
    removed()
    assert services.ask_person(grant, *PERSON, "设立登记2号", at=AT).bar is None


@pytest.mark.parametrize("ground", [{"ground_code": "food"}, {}])
def test_a_listing_for_anything_but_falsified_publicity_bars_nobody(keeper, grant, ground):
    listed(**ground)
    with pytest.raises(Refused, match="another reason"):
        services.bar_head(FIRM, *PERSON, by=keeper, at=AT)
    assert not PositionBar.objects.exists()


def test_a_bar_goes_with_the_listing_for_which_it_was_entered_though_another_stands(keeper, grant):
    listed(ground_code="publicity")
    services.bar_head(FIRM, *PERSON, by=keeper, at=AT)
    listed(number="示例列2号", ground_code="food")
    removed()
    assert services.ask_person(grant, *PERSON, "设立登记4号", at=AT).bar is None


def test_a_bar_entered_wrongly_is_taken_back_by_another_officer_with_a_reason(keeper, grant):
    listed(ground_code="publicity")
    services.bar_head(FIRM, *PERSON, by=keeper, at=AT)
    account = desk.officer("keeper-2", keeper.organisation, *keeper.roles)
    account.staff_number = keeper.staff_number
    for same in (keeper, account):  # a second account is no second person
        with pytest.raises(Refused, match="somebody else"):
            services.lift_bar(FIRM, *PERSON, "把别人的身份证录成了他的", by=same, at=AT)
    other = desk.officer("other-keeper", keeper.organisation, *keeper.roles)
    with pytest.raises(Refused, match="four characters"):
        services.lift_bar(FIRM, *PERSON, "", by=other, at=AT)
    services.lift_bar(FIRM, *PERSON, "把别人的身份证录成了他的", by=other, at=AT)
    assert services.ask_person(grant, *PERSON, "设立登记3号", at=AT).bar is None
    with pytest.raises(Refused, match="No bar"):
        services.lift_bar(FIRM, *PERSON, "再取消一次", by=other, at=AT)
    assert AccessRecord.objects.filter(subject=FIRM, part="position_bar_lifted", officer=other).exists()


def test_a_wrong_identity_and_a_grant_without_personal_data_get_no_answer(home, keeper, grant):
    with pytest.raises(Refused, match="check digit"):
        services.ask_person(grant, PERSON[0], "110105194912310021", "登记1号", at=AT)
    plain = granted(home, keeper, name="plainer", level="internal")
    with pytest.raises(Refused) as refused:
        services.ask_person(plain, *PERSON, "登记1号", at=AT)
    assert refused.value.code == "level"


def test_the_interface_answers_a_key_and_writes_201_then_200(grant, client):
    listed()
    key = exchange.issue_key(grant, by=grant.applicant, at=AT)
    headers = {"Authorization": f"Bearer {key}"}
    asked = {"purpose": "supervision", "matter": "commitment", "reference": "许可1号"}
    told = client.get(f"/api/v1/measures/{FIRM}", asked, headers=headers).json()
    [found] = told["measures"]
    assert (found["measure"], found["list_kind"], told["incentive"]) == (
        "CJ-005",
        "serious_list.listed",
        None,
    )
    said = {
        "purpose": "supervision",
        "action": "applied",
        "acted_on": told["as_of"],
        "decision_no": "示例决1号",
    }
    path = f"/api/v1/measures/matches/{found['number']}/response"
    sent = [
        client.post(path, said, content_type="application/json", headers=headers).status_code
        for _ in range(2)
    ]
    assert sent == [201, 200]
    assert (
        client.get(f"/api/v1/measures/{FIRM}", asked, headers={"Authorization": "Bearer no"}).status_code
        == 401
    )
    assert client.get("/api/v1/measures/91", asked, headers=headers).json()["error"]["code"] == "wrong_code"
    person = {"purpose": "supervision", "reference": "1", "name": PERSON[0], "number": PERSON[1]}
    body = client.post(
        "/api/v1/measures/persons", person, content_type="application/json", headers=headers
    ).json()
    assert body["is_barred"] is False


# --------------------------------------------------------------------------------------------------- incentives


def recognise(keeper, key="SX-1", **more):
    row = {"key": key, "name": "示例有限公司（合成）", "uscc": FIRM, "division_code": "440106", "green_channel": "1", "tolerates_missing": "1",
           "authority": "示例区局", "statement": "记录良好", "valid_from": "2026-05-10", "valid_to": "2028-05-10", "tags": "", "is_synthetic": "1", **more}  # fmt: skip
    return registers.add(RECOGNITIONS, row, reason="按规则认定", by=keeper, at=AT)


def use(keeper, key="JL-1", *, on="2026-10-20", paper="RQ-002", **more):
    row = {"key": key, "name": "示例有限公司（合成）", "division_code": "440106", "recognition": "SX-1", "kind_code": "tolerance", "paper": paper,
           "approval_no": "示例受理1号", "supplied_on": "", "valid_from": on, "valid_to": "", "tags": "", "is_synthetic": "1", **more}  # fmt: skip
    return registers.add(INCENTIVE_USES, row, reason="窗口登记", by=keeper, at=AT)


def test_a_firm_with_a_penalty_in_three_years_or_on_a_list_is_not_recognised(keeper):
    penalty = {
        "decision_no": "示例罚1号",
        "authority": "示例区局",
        "types": ["fine"],
        "procedure": "ordinary",
        "violation": "示例",
    }
    record("penalty.decided", penalty, date(2024, 5, 11), "P", datetime(2024, 5, 12, 9, 0, tzinfo=ZONE))
    with pytest.raises(registers.WrongRow, match="a penalty, 2024-05-11"):
        recognise(keeper)
    with pytest.raises(registers.WrongRow, match="needs a term"):
        recognise(keeper, valid_to="2028-05-11")
    with pytest.raises(registers.WrongRow, match="no incentive is named"):
        recognise(keeper, green_channel="0", tolerates_missing="0")


def test_a_missing_paper_has_a_day_and_what_follows_and_an_overdue_one_ends_the_tolerance(keeper):
    recognise(keeper)
    entry = use(keeper)
    assert [one.text.zh for one in INCENTIVE_USES.findings(entry, date(2026, 10, 27))] == [
        "等待补交，期限2026-10-27。不补交的，退回申请。"
    ]
    assert "到期没有补交" in INCENTIVE_USES.findings(entry, date(2026, 10, 28))[0].text.zh
    with pytest.raises(registers.WrongRow, match="overdue"):
        use(keeper, "JL-2", on="2026-11-10")
    assert queries.recognition_of(FIRM, on=AT.date()) is None
    assert services.end_broken_recognitions(by=keeper, at=AT) == ["SX-1"]
    assert services.end_broken_recognitions(by=keeper, at=AT + timedelta(days=1)) == []


def test_a_recognised_firm_that_is_listed_loses_the_recognition(keeper):
    entry = recognise(keeper)
    assert RECOGNITIONS.findings(entry, AT.date())[0].tone == "ok"
    listed("abnormal_list.listed", on=date(2026, 11, 19))
    [finding] = RECOGNITIONS.findings(entry, AT.date())
    assert (finding.tone, finding.is_public) == ("err", False)
    assert services.end_broken_recognitions(by=keeper, at=AT) == ["SX-1"]


def test_a_recognition_that_a_colleague_ends_in_the_same_moment_is_ended_once(keeper, monkeypatch):
    recognise(keeper)
    listed("abnormal_list.listed", on=date(2026, 11, 19))
    seen_by_both = queries.broken_recognitions(keeper, on=AT.date())
    monkeypatch.setattr(queries, "broken_recognitions", lambda officer, *, on: seen_by_both)
    assert services.end_broken_recognitions(by=keeper, at=AT) == ["SX-1"]
    assert services.end_broken_recognitions(by=keeper, at=AT) == []


def test_what_a_window_hands_in_wrong_is_refused(keeper):
    recognise(keeper, tolerates_missing="0")
    with pytest.raises(registers.WrongRow, match="not given"):
        use(keeper)
    with pytest.raises(registers.WrongRow, match="did not stand"):
        use(keeper, on="2026-05-09")
    with pytest.raises(registers.WrongRow, match="green channel names none"):
        use(keeper, kind_code="green")
    paper = {**desk.demo_rows(PAPERS, 1)[0], "key": "RQ-9"}
    for wrong, words in (
        ({"is_main": "1"}, "main paper"),
        ({"supply_days": ""}, "no days"),
        ({"supply_days": "21"}, "too many"),
    ):
        with pytest.raises(registers.WrongRow, match=words):
            registers.add(PAPERS, {**paper, **wrong}, reason="登记清单", by=keeper, at=AT)


def test_the_desk_answers_refuses_and_is_closed_to_others(keeper, grant, client):
    listed(ground_code="publicity")
    ask(grant)
    client.force_login(keeper)
    page = client.get("/work/measures/").content.decode()
    assert "示例asker部门" in page and "许可〔2026〕1号" in page
    shown = client.post(
        "/work/measures/", {"act": "ask", "uscc": FIRM, "matter": "commitment"}
    ).content.decode()
    assert "不适用告知承诺制" in shown and "国办发〔2020〕42号" in shown
    assert (
        client.post("/work/measures/", {"act": "ask", "uscc": "91", "matter": "commitment"}).status_code
        == 422
    )
    assert (
        client.post(
            "/work/measures/", {"act": "bar", "uscc": FIRM, "name": PERSON[0], "number": PERSON[1]}
        ).status_code
        == 302
    )
    assert client.post("/work/measures/", {"act": "end"}).status_code == 302
    assert client.post("/work/measures/", {"act": "recognitions"}).status_code == 302
    client.force_login(desk.officer("analyst", keeper.organisation, "analyst"))
    assert client.get("/work/measures/").status_code == 403


def test_a_measure_out_of_force_does_not_match():
    gone = rules.Measure("A", 1, "serious_list.listed", "any", "firm", date(2021, 6, 1), date(2024, 12, 31))
    stands = rules.Listing("serious_list.listed", "x", date(2024, 6, 1), date(2027, 6, 1))

    def found(on):
        return rules.matches([gone], [stands], matter="licence", subject="firm", on=on)

    assert found(date(2024, 12, 31)) and not found(date(2025, 1, 1)) and not found(date(2024, 5, 31))


# ------------------------------------------------------------------------------------- officers of another department


@pytest.fixture
def partner(grant):
    """An officer of the department whose grant it is, not the one who applied for it."""
    return desk.officer("partner", grant.applicant.organisation, "partner")


def by_page(officer, **form):
    client = Client()
    client.force_login(officer)
    return client.post("/work/measures/answers/", form)


def test_an_officer_of_the_department_asks_and_answers_on_a_page_and_every_look_is_recorded(grant, partner):
    now = timezone.now()
    record("serious_list.listed", {"decision_no": "示例列1号", "authority": "示例区局", "ground": "食品安全"}, date(2026, 3, 10), "示例列1号", now)  # fmt: skip
    asked = by_page(
        partner, act="ask", grant=grant.pk, uscc=FIRM, matter="commitment", reference="许可〔2026〕9号"
    )
    assert asked.status_code == 302
    match = MeasureMatch.objects.get(reference="许可〔2026〕9号")
    said = {"act": "answer", "number": match.pk, "action": "applied", "acted_on": match.told_on.isoformat()}
    bare = by_page(partner, **said)
    assert bare.status_code == 422 and "请写明决定文号" in bare.content.decode()
    assert by_page(partner, **said, decision_no="示例不予〔2026〕1号").status_code == 302
    assert by_page(partner, **said, decision_no="示例不予〔2026〕1号").status_code == 302  # the same again
    other = by_page(partner, **said, decision_no="示例不予〔2026〕2号")
    assert other.status_code == 422 and "内容不同" in other.content.decode()
    match.refresh_from_db()
    assert (match.response.action, match.response.decision_no) == ("applied", "示例不予〔2026〕1号")
    told = {one.part for one in AccessRecord.objects.filter(subject=FIRM, officer=partner)}
    assert {"measures", "measure_answered"} <= told


def test_what_another_department_was_told_is_neither_seen_nor_answered(home, keeper, grant, partner):
    listed()
    ask(grant)
    match = MeasureMatch.objects.get()
    stranger = desk.officer(
        "stranger", granted(home, keeper, name="second").applicant.organisation, "partner"
    )
    refused = by_page(
        stranger,
        act="answer",
        number=match.pk,
        action="not_applied",
        reason="与本单位无关",
        acted_on="2026-11-20",
    )
    assert refused.status_code == 422 and "没有告知过贵单位" in refused.content.decode()
    assert match.measure_name not in refused.content.decode()
    with pytest.raises(Refused, match="no such grant"):
        services.ask_as_officer(grant.pk, FIRM, "commitment", "许可〔2026〕1号", by=stranger, at=AT)
    inspector = desk.officer("inspector", grant.applicant.organisation, "inspector")
    with pytest.raises(Forbidden):
        services.answer_as_officer(match.pk, action="considered", decision_no="", reason="已经考虑", acted_on=TODAY, by=inspector, at=AT)  # fmt: skip
    assert not hasattr(match, "response")


@pytest.mark.parametrize("wrong", ["", "2026-02-30", "昨天"])
def test_a_day_that_is_none_is_refused_with_words(grant, partner, wrong):
    listed()
    ask(grant)
    refused = by_page(
        partner,
        act="answer",
        number=MeasureMatch.objects.get().pk,
        action="applied",
        decision_no="N",
        acted_on=wrong,
    )
    assert refused.status_code == 422 and "办理日期" in refused.content.decode()
    assert by_page(partner, act="answer", number="一二三", acted_on="2026-11-20").status_code == 422


def test_an_end_that_comes_while_an_answer_is_given_refuses_the_answer(grant, partner, monkeypatch):
    listed()
    ask(grant)
    match, check = MeasureMatch.objects.get(), services.policies.check_answer

    def ends_first(*told, **more):
        check(*told, **more)
        removed()
        assert services.tell_ended(by=None, at=AT) == 1

    monkeypatch.setattr(services.policies, "check_answer", ends_first)
    with pytest.raises(Refused, match="has ended"):
        services.answer_as_officer(match.pk, action="considered", decision_no="", reason="已经考虑", acted_on=TODAY, by=partner, at=AT)  # fmt: skip
    assert not MeasureResponse.objects.exists() and not Notice.objects.filter(kind="measures.ended").exists()


def test_an_answer_that_comes_while_the_end_is_told_is_kept_and_the_department_told_to_stop(
    grant, partner, monkeypatch
):
    listed()
    ask(grant)
    removed()
    match, listings = MeasureMatch.objects.get(), queries.listings_of

    def answered_first(uscc, *, on):
        services.answer_as_officer(match.pk, action="applied", decision_no="示例决1号", reason="", acted_on=TODAY, by=partner, at=AT)  # fmt: skip
        return listings(uscc, on=on)

    monkeypatch.setattr(queries, "listings_of", answered_first)
    assert services.tell_ended(by=None, at=AT) == 1
    assert MeasureResponse.objects.get().action == "applied" and MeasureEnd.objects.get().match == match
    assert [one.officer for one in Notice.objects.all()] == [grant.applicant]
