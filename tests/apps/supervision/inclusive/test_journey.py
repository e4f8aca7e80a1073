"""S205, S206, S240, S241, S249 end to end: trials, first offences, dormancy, the white list, the presumption; as sentences of the law."""

from datetime import date, datetime

import pytest
from django.db.models.signals import post_save

from tests.apps.supervision import deliveries
from tests.engines.registers.declared import desk
from zhijian.apps.supervision.inclusive import filing, letters, queries, rules, sweeping
from zhijian.apps.supervision.inclusive.registers import (
    ALARMS,
    DORMANCIES,
    ITEMS,
    LENIENCIES,
    PRESUMED,
    READINGS,
    TRIALS,
    WHITE,
)
from zhijian.apps.supervision.inclusive.rules import Alarm, Offence, Period
from zhijian.datazone.entity.facts import typed
from zhijian.engines.documents import services as documents
from zhijian.engines.documents.errors import DocumentRefused
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.standing import standing_own_facts
from zhijian.engines.procedures import checks, declaration
from zhijian.engines.procedures.models import Case
from zhijian.engines.registers.declared import applications
from zhijian.engines.registers.declared import services as registers
from zhijian.engines.registers.declared.policies import Refusal
from zhijian.engines.registers.declared.queries import holding
from zhijian.engines.registers.models import RegisterVersion
from zhijian.operations.seed.synthetic import synthetic_code
from zhijian.standards.calendar import ZONE

pytestmark = pytest.mark.database
AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZONE)
TODAY = AT.date()
FIRM = synthetic_code(864_001, "440115")


@pytest.fixture
def keeper(db):
    return desk.officer("keeper", desk.unit("440000", "示例省局"), "leader", "steward", "handler", "intake")


def enter(register, keeper, key="X-1", at=AT, **more):
    row = {
        **desk.demo_rows(register, 1)[0],
        "key": key,
        **({"uscc": FIRM} if register.has_entities else {}),
        **more,
    }
    return registers.add(register, row, reason="登记一条", by=keeper, at=at)


def said(register, entry, on=TODAY):
    return register.findings(entry, on)[0].text.zh


def penalised(violation="未按规定标明计量单位", on=date(2026, 6, 1)):
    payload = {
        "decision_no": "示例罚1号",
        "authority": "示例区局",
        "types": ["fine"],
        "procedure": "ordinary",
        "violation": violation,
    }
    facts.record("penalty.decided", subject=FIRM, occurred_on=on, payload=payload, source="test", source_key="P",
                 by="test", at=datetime(on.year, on.month, on.day, 12, tzinfo=ZONE), is_synthetic=True)  # fmt: skip


# ------------------------------------------------------------------------------------------------------ trials


def test_a_trial_without_an_exit_date_or_longer_than_two_years_is_refused(keeper):
    for wrong in ("", "2028-02-02", "2026-01-31"):
        row = {**desk.demo_rows(TRIALS, 1)[0], "valid_to": wrong}
        with pytest.raises(registers.WrongRow, match=r"exit date|too long"):
            applications.open_application(TRIALS, row, reason="申请试点", by=keeper, at=AT)
    assert not Case.objects.exists()


def test_a_firm_is_admitted_to_a_trial_by_a_decision_and_leaves_when_it_rang_twice(keeper):
    row = desk.demo_rows(TRIALS, 1)[0]
    applications.open_application(TRIALS, row, reason="申请试点", by=keeper, at=AT)
    assert not TRIALS.model.objects.exists()
    desk.decide_all(keeper)
    trial = TRIALS.model.objects.get(key="SH2026-01")
    assert said(TRIALS, trial) == "试点进行中，指标没有越线。"
    for number, (value, standing) in enumerate(((5, "running"), (6, "warned"), (7, "leave"))):
        reading = enter(
            READINGS,
            keeper,
            f"D-{number}",
            trial=trial.key,
            value=str(value),
            valid_from=f"2026-0{number + 4}-30",
        )
        assert queries.trial_standing(trial, on=TODAY) == standing
    assert "报警" in said(READINGS, reading) and "退出后：转入正式规则" in said(TRIALS, trial)
    assert "期满" in said(TRIALS, trial, date(2027, 2, 1))
    with pytest.raises(registers.WrongRow, match="outside the trial"):
        enter(READINGS, keeper, "D-9", trial=trial.key, value="1", valid_from="2026-01-31")


def test_the_drawing_of_admission_is_sound():
    procedure = declaration.get(TRIALS.procedure)
    assert checks.problems(procedure, procedure.drawing_text()) == []


# ---------------------------------------------------------------------------------------------- first offences


@pytest.mark.parametrize(
    ("first", "minor", "harm", "corrected", "code"),
    [
        (False, True, "none", True, "must_not"),  # article 33, first sentence: asks for no first offence
        (True, False, "slight", True, "may_not"),
        (False, False, "slight", True, "not_lenient"),
        (True, False, "slight", False, "not_lenient"),
        (True, True, "real", True, "not_lenient"),
    ],
)
def test_article_33_answers_and_says_why(first, minor, harm, corrected, code):
    answer = rules.leniency(Offence(first, minor, harm, corrected))
    assert answer.code == code and answer.zh and answer.en


def test_who_proves_to_be_without_fault_is_not_penalised():
    assert rules.leniency(Offence(False, False, "real", False, proves_no_fault=True)).code == "must_not"


def offend(keeper, key, **more):
    told = {
        "item": "SW-02",
        "is_minor": "0",
        "harm_code": "slight",
        "correct_by": "2026-09-17",
        "corrected_on": "2026-09-15",
        "valid_from": "2026-09-10",
        **more,
    }
    return enter(LENIENCIES, keeper, key, **told)


@pytest.fixture
def items(keeper):
    for row in desk.demo_rows(ITEMS, 10):
        registers.add(ITEMS, row, reason="登记清单", by=keeper, at=AT)


def test_a_first_slight_violation_corrected_in_time_may_be_forgiven_and_a_second_is_not(keeper, items):
    entry = offend(keeper, "B-1")
    assert said(LENIENCIES, entry).startswith("初次违法且危害后果轻微并及时改正")
    with pytest.raises(registers.WrongRow, match="not the first offence"):
        offend(keeper, "B-2", valid_from="2026-10-10", correct_by="2026-10-17", corrected_on="2026-10-12")
    other = offend(keeper, "B-3", item="SW-03", corrected_on="2026-09-18")
    assert "没有及时改正" in said(LENIENCIES, other)
    assert "另有0件" in LENIENCIES.findings(other, TODAY)[1].text.zh


def test_a_penalty_for_the_same_kind_within_two_years_makes_it_no_first_offence(keeper, items):
    penalised()
    with pytest.raises(registers.WrongRow, match="not the first offence"):
        offend(keeper, "B-1")
    minor = offend(
        keeper, "B-2", is_minor="1", harm_code="none"
    )  # minor and without harm needs no first offence
    assert said(LENIENCIES, minor).startswith("违法行为轻微并及时改正")


def test_a_repaired_penalty_and_a_delivered_one_were_first_offences_all_the_same(keeper, items, monkeypatch):
    deliveries.serve(
        monkeypatch, deliveries.penalty(FIRM, date(2025, 6, 1), violation="未按规定标明计量单位")
    )
    with pytest.raises(registers.WrongRow, match="not the first offence"):
        offend(keeper, "B-1")
    deliveries.serve(monkeypatch)
    penalised()
    facts.record("penalty.repaired", subject=FIRM, occurred_on=date(2026, 9, 1), payload={"decision_no": "示例罚1号", "authority": "示例区局"},
                 source="test", source_key="R", by="test", at=AT, is_synthetic=True)  # fmt: skip
    with pytest.raises(registers.WrongRow, match="not the first offence"):
        offend(keeper, "B-1")


def test_guidance_on_a_first_offence_goes_out_as_a_paper_with_the_decision_and_a_file_brings_none(keeper):
    desk.fill(ITEMS, keeper)
    entry = enter(LENIENCIES, keeper, "L-1", item="SW-02", valid_from="2026-11-20", correct_by="2026-11-27",
                  corrected_on="", guidance="请在价签上补齐计量单位")  # fmt: skip
    (letter,) = letters.letters_of(FIRM)
    text = letter.content["addressee"] + "".join(letter.content["paragraphs"])
    for word in (
        FIRM,
        "未按规定标明计量单位",
        "请在价签上补齐计量单位。",
        "请于2026年11月27日前",
        "不是行政处罚",
        "L-1",
    ):
        assert word in text
    assert (
        letter.issued_by == keeper and Fact.objects.filter(pk=letter.fact_id, kind="document.issued").exists()
    )
    with pytest.raises(registers.WrongRow):  # refused: no paper either
        enter(LENIENCIES, keeper, "L-2", item="SW-02", valid_from="2026-11-20", harm_code="real")
    row = {**desk.demo_rows(LENIENCIES, 1)[0], "key": "L-3", "uscc": synthetic_code(864_002, "440115")}
    assert registers.take_in(LENIENCIES, "old.csv", desk.as_csv([row]), by=keeper, at=AT).added == 1
    assert letters.letters_of(row["uscc"]) == []
    documents.void(letter, reason="写错了当事人", by=keeper, at=AT)
    assert letters.letters_of(FIRM) == [] and entry.version == 1


def test_without_its_letter_guidance_is_not_entered(keeper, monkeypatch):
    desk.fill(ITEMS, keeper)

    def refuses(*_, **__):
        raise DocumentRefused("机关代字没有设。", "The office has no word.")

    monkeypatch.setattr("zhijian.engines.documents.services.issue", refuses)
    with pytest.raises(Refusal, match="机关代字"):
        enter(LENIENCIES, keeper, "L-1", item="SW-02")
    assert not LENIENCIES.model.objects.filter(key="L-1").exists()


def test_what_was_forgiven_and_what_rang_is_told_to_officers_alone(keeper, items, client):
    offend(keeper, "B-1")
    entry = enter(PRESUMED, keeper)
    enter(
        ALARMS, keeper, "A-1", presumed="X-1", valid_from="2026-11-18", cleared_on="", source_code="complaint"
    )
    for register in ("leniency_cases", "presumption_alarms"):
        assert client.get(f"/registers/{register}/").status_code != 200
        assert client.get(f"/api/v1/registers/{register}/").status_code != 200
    assert [one.is_public for one in PRESUMED.findings(entry, TODAY)] == [False]


def test_the_window_of_a_first_offence_is_two_years():
    assert not rules.is_first([date(2024, 9, 11)], found_on=date(2026, 9, 10))
    assert rules.is_first([date(2024, 9, 10)], found_on=date(2026, 9, 10))


def test_a_firm_that_may_still_correct_is_only_guided(keeper, items):
    entry = offend(keeper, "B-1", valid_from="2026-11-19", correct_by="2026-11-26", corrected_on="")
    assert "已发行政指导" in said(LENIENCIES, entry)
    assert "没有及时改正" in said(LENIENCIES, entry, date(2026, 11, 27))
    with pytest.raises(registers.WrongRow, match="there was harm"):
        offend(keeper, "B-2", item="SW-01", harm_code="real")
    with pytest.raises(registers.WrongRow, match="before it was found"):
        offend(keeper, "B-3", item="SW-01", corrected_on="2026-09-09")


# --------------------------------------------------------------------------------------------------- dormancy


def rest(keeper, key="Y-1", **more):
    told = {"valid_from": "2026-05-01", "valid_to": "2027-04-30", "resumed_on": "", "acted_on": "", **more}
    return enter(DORMANCIES, keeper, key, **told)


def test_dormancy_lasts_three_years_at_most_all_periods_together(keeper):
    assert rules.dormant_until_at_latest(date(2026, 5, 1)) == date(2029, 4, 30)
    with pytest.raises(registers.WrongRow, match="three years at most"):
        rest(keeper, valid_to="2029-05-01")
    rest(keeper, "Y-1", valid_from="2025-01-01", valid_to="2025-12-31", resumed_on="2025-07-01")
    used = queries.other_dormancies(FIRM)
    assert used == [Period(date(2025, 1, 1), date(2025, 7, 1))]
    assert rules.dormant_until_at_latest(date(2026, 5, 1), used) == date(2028, 10, 30)  # 182 days were used
    with pytest.raises(registers.WrongRow, match="three years"):
        rest(keeper, "Y-2", valid_to="2028-10-31")
    rest(keeper, "Y-2", valid_to="2028-10-30")
    with pytest.raises(
        registers.WrongRow, match="three years"
    ):  # filed later for earlier days: they are used up, too
        rest(keeper, "Y-3", valid_from="2023-01-01", valid_to="2024-12-31")


def test_a_dormant_firm_has_an_address_for_service_and_settled_with_its_workers(keeper):
    with pytest.raises(registers.WrongRow, match="no address for service"):
        rest(keeper, service_address="")
    with pytest.raises(registers.WrongRow, match="labour"):
        rest(keeper, labour_settled="0")


def test_a_dormant_firm_still_reports_is_not_idle_and_ends_by_notice_by_act_or_by_itself(keeper):
    entry = rest(keeper)
    assert holding("dormancies", on=TODAY, uscc=FIRM) and "年度报告照常报送" in said(DORMANCIES, entry)
    held = rules.effects("dormant")
    assert (held.reports_annually, held.counts_as_idle, held.reached_at_service_address) == (
        True,
        False,
        True,
    )
    assert rules.effects("acted").counts_as_idle
    period = Period(date(2026, 5, 1), date(2027, 4, 30))

    def on(day, **ends):
        return rules.dormancy_standing(period, **{"resumed_on": None, "acted_on": None, **ends}, on=day)

    assert on(date(2027, 4, 30)) == "dormant" and on(date(2027, 5, 1)) == "expired"
    assert on(TODAY, resumed_on=date(2026, 9, 1)) == "resumed"
    assert on(TODAY, acted_on=date(2026, 8, 1), resumed_on=date(2026, 9, 1)) == "acted"
    assert on(date(2026, 4, 30)) == "ahead"


def filings():
    return list(Fact.objects.filter(kind="dormancy.filed").order_by("revision"))


def days_of(told):
    return told.payload["dormant_from"], told.payload["dormant_to"]


def test_a_filed_dormancy_is_a_public_fact_with_its_days_and_its_end_corrects_it(keeper):
    entry = rest(keeper)
    (told,) = filings()
    assert (told.subject, told.occurred_on, days_of(told)) == (
        FIRM,
        date(2026, 5, 1),
        ("2026-05-01", "2027-04-30"),
    )
    assert told.recorded_at == AT and facts.public_facts(on=TODAY, kind="dormancy.filed") == [told]
    row = registers.as_text(DORMANCIES, entry)

    def changed(entry, reason, **more):
        told = {"seen": entry.version, "reason": reason, "by": keeper, "at": AT}
        return registers.change(DORMANCIES, "Y-1", {**row, **more}, **told)

    entry = changed(entry, "换送达地址", service_address="示例市示例路2号")
    assert len(filings()) == 1  # its days are the same
    entry = changed(entry, "恢复营业", resumed_on="2026-11-10")
    assert [days_of(one)[1] for one in filings()] == ["2027-04-30", "2026-11-09"]
    row["resumed_on"] = "2026-11-10"
    entry = changed(entry, "查实经营", acted_on="2026-05-01")
    assert days_of(filings()[-1]) == ("2026-05-01", "2026-04-30")  # business from the first day: it never was
    (stands,) = standing_own_facts(FIRM)
    assert stands["payload"]["dormant_to"] == "2026-04-30"
    own = typed(stands, 7)
    assert (own["reference"], own["kind"]) == ("2026-05-01/2026-04-30", "dormancy.filed")


def test_an_ended_filing_ends_the_days_and_one_under_a_wrong_code_is_withdrawn(keeper):
    entry = rest(keeper, valid_from="2026-12-01", valid_to="2027-04-30")  # filed ahead
    assert filings()[0].occurred_on == TODAY
    told = {"reason": "登记有误", "by": keeper, "at": AT}
    row = {**registers.as_text(DORMANCIES, entry), "uscc": synthetic_code(864_002, "440115")}
    entry = registers.change(DORMANCIES, "Y-1", row, seen=entry.version, **told)
    assert not list(standing_own_facts(FIRM))
    (moved,) = standing_own_facts(entry.uscc)
    assert moved["occurred_on"] == TODAY
    registers.end(DORMANCIES, "Y-1", last_day=date(2026, 12, 31), seen=entry.version, **told)
    (ended,) = standing_own_facts(entry.uscc)
    assert ended["payload"]["dormant_to"] == "2026-12-31"


def test_a_filing_entered_before_facts_told_of_it_is_told_in_the_night_and_once(keeper):
    post_save.disconnect(sender=Fact, dispatch_uid="inclusive.filing")
    try:
        rest(keeper)
    finally:
        post_save.connect(filing.on_fact, sender=Fact, dispatch_uid="inclusive.filing")
    assert not filings()
    assert (filing.tell_untold(at=AT), filing.tell_untold(at=AT)) == (1, 0)
    assert days_of(filings()[0]) == ("2026-05-01", "2027-04-30")


def test_a_dormancy_is_never_told_beyond_three_years_of_all_periods():
    period = Period(date(2026, 5, 1), date(2030, 1, 1))
    none = {"resumed_on": None, "acted_on": None}
    assert rules.dormant_through(period, **none) == date(2029, 4, 30)
    others = [Period(date(2025, 1, 1), date(2025, 7, 1))]
    assert rules.dormant_through(period, **none, others=others) == date(2028, 10, 30)
    ended = {"resumed_on": date(2026, 9, 1), "acted_on": date(2026, 8, 1)}
    assert rules.dormant_through(period, **ended) == date(2026, 7, 31)


# --------------------------------------------------------------------------------- white lists and presumption


def test_a_firm_on_the_white_list_is_drawn_less_never_out_of_reach_and_leaves_on_a_breach(keeper):
    entry = enter(WHITE, keeper)
    assert said(WHITE, entry).startswith("降低抽查频次")
    assert queries.white_holds(entry, TODAY)
    penalised("示例违法")
    entry.refresh_from_db()
    assert entry.valid_to == date(2026, 5, 31) and said(WHITE, entry).startswith("已经移出")
    with pytest.raises(registers.WrongRow, match="cannot be entered"):
        enter(WHITE, keeper, "X-2", valid_from="2026-07-01", valid_to="2027-07-01")
    with pytest.raises(registers.WrongRow, match="needs a term"):
        enter(WHITE, keeper, "X-3", valid_from="2026-05-01", valid_to="")


def test_only_a_firm_in_nansha_with_connected_data_and_a_commitment_is_presumed_to_conform(keeper):
    for wrong, words in (
        ({"division_code": "440106"}, "outside the zone"),
        ({"is_connected": "0"}, "not connected"),
        ({"has_committed": "0"}, "no commitment"),
    ):
        with pytest.raises(registers.WrongRow, match=words):
            enter(PRESUMED, keeper, **wrong)
    entry = enter(PRESUMED, keeper)
    assert said(PRESUMED, entry).startswith("视为合格")
    enter(ALARMS, keeper, "A-1", presumed="X-1", valid_from="2026-11-18", cleared_on="")
    assert said(PRESUMED, entry) == "有报警没有处理：合格假定暂停。"
    penalised("示例违法")
    assert said(PRESUMED, entry) == "合格假定已经丧失：应当退出。"


def test_a_confirmed_alarm_or_three_within_a_year_end_the_presumption():
    cleared = [Alarm(date(2026, month, 1), date(2026, month, 2)) for month in (1, 5, 9)]
    assert rules.presumption(cleared[1:], is_clean=True, on=TODAY) == "holds"
    assert rules.presumption(cleared, is_clean=True, on=TODAY) == "lost"
    assert rules.presumption(cleared, is_clean=True, on=date(2027, 1, 2)) == "holds"
    assert rules.presumption([Alarm(TODAY, TODAY, is_confirmed=True)], is_clean=True, on=TODAY) == "lost"


def test_an_alarm_whose_days_cannot_be_is_refused(keeper):
    enter(PRESUMED, keeper)
    with pytest.raises(registers.WrongRow, match="cannot be"):
        enter(ALARMS, keeper, "A-1", presumed="X-1", valid_from="2026-11-18", cleared_on="2026-11-17")
    with pytest.raises(registers.WrongRow, match="has its day"):
        enter(ALARMS, keeper, "A-2", presumed="X-1", valid_from="2026-11-18", cleared_on="", is_confirmed="1")


def test_a_breach_takes_a_firm_off_at_once_with_the_fact_and_a_delivered_one_in_the_night(keeper):
    white = enter(WHITE, keeper, valid_from="2026-05-01", valid_to="2027-05-01")
    presumed = enter(PRESUMED, keeper, division_code="440115")
    penalised("示例违法")
    [ended] = Fact.objects.filter(kind="register.ended", payload__register="supervision_white_list")
    version = RegisterVersion.objects.filter(register="supervision_white_list").latest("version")
    assert (ended.subject, ended.recorded_by) == (FIRM, "zhijian")
    assert "penalty.decided test/P" in version.reason and version.changed_by == "zhijian"
    presumed.refresh_from_db(), white.refresh_from_db()
    assert not queries.presumption_holds(presumed, TODAY) and not white.stands_on(TODAY)
    assert sweeping.sweep(at=AT) == 0  # nothing is left to end


def test_a_confirmed_alarm_ends_the_presumption_and_an_open_one_suspends_it(keeper):
    presumed = enter(PRESUMED, keeper, division_code="440115")
    told = {"presumed": presumed.key, "division_code": "440115", "valid_from": "2026-11-10"}
    enter(ALARMS, keeper, "B-1", **told, cleared_on="", is_confirmed="0")
    presumed.refresh_from_db()
    assert presumed.stands_on(TODAY) and not queries.presumption_holds(presumed, TODAY)
    enter(ALARMS, keeper, "B-2", **told, cleared_on="2026-11-15", is_confirmed="1")
    presumed.refresh_from_db()
    assert presumed.valid_to == date(2026, 11, 19)
