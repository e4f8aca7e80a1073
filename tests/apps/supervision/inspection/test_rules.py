"""《企业公示信息抽查办法》《企业经营异常名录管理办法》《市场监督管理行政处罚程序规定》."""

from datetime import date

import pytest

from zhijian.apps.supervision.inspection import rules
from zhijian.apps.supervision.inspection.codes import ALL_CODES, FollowUpKind
from zhijian.apps.supervision.inspection.rules import Finding, PairMember, Signed, State, Verb

VISIT = date(2026, 9, 16)
ITEMS = ("REG-01", "REG-03")
ALL_CONFORM = {"REG-01": (Finding.CONFORM, ""), "REG-03": (Finding.CONFORM, "")}
ONE_BAD = {"REG-01": (Finding.CONFORM, ""), "REG-03": (Finding.NONCONFORM, "招牌与登记不符")}


def problems(codes, findings=ALL_CONFORM, **more):
    found = rules.result_problems(codes, findings, item_codes=ITEMS, completed_on=VISIT, **more)
    return [problem.field for problem in found]


@pytest.mark.parametrize(
    ("completed_on", "last_day"),
    [
        (date(2026, 9, 15), date(2026, 10, 19)),
        (date(2026, 9, 16), date(2026, 10, 20)),  # two holidays and two make-up days lie between
        (date(2026, 9, 17), date(2026, 10, 21)),
    ],
)
def test_a_result_is_published_within_20_working_days_of_the_end_of_the_check(completed_on, last_day):
    assert rules.publication_due_on(completed_on) == last_day


def test_an_order_to_publish_allows_10_days_and_its_last_day_moves_off_a_rest_day():
    assert rules.correction_due_on(date(2026, 11, 2)) == date(2026, 11, 12)
    assert rules.correction_due_on(date(2026, 11, 4)) == date(2026, 11, 16)  # the 14th is a Saturday


def test_the_abnormal_list_is_decided_within_10_working_days_of_verification():
    assert rules.abnormal_listing_due_on(date(2026, 6, 30)) == date(2026, 7, 14)


@pytest.mark.parametrize(("extended", "last_day"), [(False, date(2026, 5, 13)), (True, date(2026, 6, 3))])
def test_filing_is_decided_within_15_working_days_of_discovery_or_30_with_approval(extended, last_day):
    assert rules.case_decision_due_on(date(2026, 4, 20), extended=extended) == last_day


def member(number, until):
    return PairMember(number, f"检查员{number}", until)


@pytest.mark.parametrize(
    ("until", "expected"), [(date(2026, 9, 15), 1), (date(2026, 9, 16), 0), (date(2026, 9, 17), 0), (None, 1)]
)
def test_a_certificate_must_be_valid_on_the_day_of_the_visit(until, expected):
    pair = [member(1, date(2027, 1, 1)), member(2, until)]
    assert len(rules.pair_problems(pair, VISIT)) == expected


def test_one_person_named_twice_is_not_two_inspectors():
    one = member(1, date(2027, 1, 1))
    assert len(rules.pair_problems([one, one], VISIT)) == 1
    assert len(rules.pair_problems([one], VISIT)) == 1


@pytest.mark.parametrize(("gap", "proves"), [(14, False), (15, True), (30, True), (31, False)])
def test_two_letters_prove_only_if_15_to_30_days_apart(gap, proves):
    first = date(2026, 9, 1)
    second = date.fromordinal(first.toordinal() + gap)
    assert rules.letters_prove_unreachable(first, second) is proves


def test_no_problem_found_stands_alone():
    assert problems(["1"]) == []
    assert problems(["1", "2"]) == ["codes"]


def test_a_result_needs_a_code_and_every_item_a_finding():
    assert problems([]) == ["codes"]
    assert problems(["1"], {"REG-01": (Finding.CONFORM, "")}) == ["finding-REG-03"]


def test_an_unknown_code_is_refused():
    assert problems(["77"]) == ["codes"]


def test_an_item_that_does_not_conform_needs_a_description_and_a_problem_code():
    assert problems(["9"], ONE_BAD) == []
    assert problems(["1"], ONE_BAD) == ["codes"]
    assert problems(["9"], {**ONE_BAD, "REG-03": (Finding.NONCONFORM, " ")}) == ["note-REG-03"]


def test_unreachable_needs_one_of_the_three_proofs_on_file():
    assert problems(["5"], {}) == ["unreachable_proof"]
    assert problems(["5"], {}, unreachable_proof="neighbours_said_so") == ["unreachable_proof"]
    assert problems(["5"], {}, unreachable_proof="premises_missing") == ["photos"]
    assert problems(["5"], {}, unreachable_proof="premises_missing", has_proof_on_file=True) == []


def test_two_letters_count_as_proof_only_with_both_days():
    proof = {"unreachable_proof": "two_letters", "has_proof_on_file": True}
    assert problems(["5"], {}, **proof) == ["unreachable_proof"]
    assert problems(["5"], {}, **proof, letters=(date(2026, 8, 1), date(2026, 8, 5))) == ["unreachable_proof"]
    assert problems(["5"], {}, **proof, letters=(date(2026, 8, 1), date(2026, 8, 20))) == []


def test_nobody_met_means_nobody_ordered_and_nobody_refusing():
    proof = {"unreachable_proof": "premises_missing", "has_proof_on_file": True}
    assert problems(["5", "2"], {}, **proof) == []
    for code in ("7", "8"):
        assert problems(["5", code], {}, **proof) == ["codes"]
    assert problems(["5", "6"], {}, **proof, correct_by=date(2026, 10, 1)) == ["codes"]


@pytest.mark.parametrize(
    ("correct_by", "expected"),
    [(None, ["correct_by"]), (date(2026, 9, 15), ["correct_by"]), (VISIT, []), (date(2026, 9, 30), [])],
)
def test_an_order_to_correct_names_its_day_which_is_not_before_the_visit(correct_by, expected):
    assert problems(["6"], ONE_BAD, correct_by=correct_by) == expected


def test_an_entity_that_has_gone_needs_no_findings():
    assert problems(["S9"], {}) == []


@pytest.mark.parametrize(
    ("code", "kind", "due_on"),
    [
        ("2", FollowUpKind.ABNORMAL_LIST, date(2026, 9, 30)),
        ("3", FollowUpKind.ORDER_CORRECTION, date(2026, 9, 28)),
        ("4", FollowUpKind.FILE_CASE, date(2026, 10, 13)),
        ("5", FollowUpKind.ABNORMAL_LIST, date(2026, 9, 30)),
        ("6", FollowUpKind.RECHECK, date(2026, 9, 20)),
        ("7", FollowUpKind.FILE_CASE, date(2026, 10, 13)),
        ("8", FollowUpKind.RETAG, None),
        ("9", FollowUpKind.FILE_CASE, date(2026, 10, 13)),
        ("S12", FollowUpKind.UPDATE_STATUS, None),
    ],
)
def test_each_code_leads_to_its_next_step_by_its_day(code, kind, due_on):
    (due,) = rules.follow_ups_of([code], VISIT, correct_by=date(2026, 9, 20))
    assert (due.kind, due.due_on, due.starts_on) == (kind, due_on, VISIT)


def test_nothing_follows_from_no_problem_and_two_codes_of_one_kind_open_one_follow_up():
    assert rules.follow_ups_of(["1"], VISIT) == []
    assert [due.kind for due in rules.follow_ups_of(["4", "9", "2"], VISIT)] == [
        FollowUpKind.FILE_CASE,
        FollowUpKind.ABNORMAL_LIST,
    ]


def test_every_problem_code_leads_somewhere():
    assert all(code.follow_up for code in ALL_CODES.values() if code.is_problem)


def test_the_steps_lead_from_dispatch_to_publication_and_correction():
    path = [Verb.DISPATCH, Verb.BEGIN, Verb.RECORD, Verb.SEND_BACK, Verb.RECORD, Verb.CONFIRM, Verb.PUBLISH]
    assert rules.state_after(path) == State.PUBLISHED
    assert rules.state_after([*path, Verb.CORRECT]) == State.PUBLISHED
    assert rules.state_after([]) is None


@pytest.mark.parametrize(
    "path",
    [
        [Verb.BEGIN],
        [Verb.DISPATCH, Verb.RECORD],
        [Verb.DISPATCH, Verb.BEGIN, Verb.CONFIRM],
        [Verb.DISPATCH, Verb.BEGIN, Verb.RECORD, Verb.PUBLISH],
        [Verb.DISPATCH, Verb.DISPATCH],
    ],
)
def test_no_step_can_be_skipped_or_taken_twice(path):
    with pytest.raises(ValueError, match="cannot follow"):
        rules.state_after(path)


@pytest.mark.parametrize(
    ("today", "colour", "words"),
    [
        (date(2026, 9, 16), "green", "剩余20个工作日"),
        (date(2026, 10, 10), "green", "剩余7个工作日"),  # 13 of 20 gone
        (date(2026, 10, 12), "yellow", "剩余6个工作日"),  # two thirds are gone
        (date(2026, 10, 20), "yellow", "今天到期"),
        (date(2026, 10, 21), "red", "逾期1个工作日"),
    ],
)
def test_the_light_turns_yellow_at_two_thirds_and_red_when_past(today, colour, words):
    light = rules.light(VISIT, rules.publication_due_on(VISIT), today)
    assert (light.colour, light.words_zh) == (colour, words)


def test_a_finished_step_says_whether_it_was_in_time():
    due = date(2026, 10, 20)
    assert rules.light(VISIT, due, due, done_on=due).words_zh == "已按时办结"
    assert rules.light(VISIT, due, due, done_on=date(2026, 10, 22)).words_en == "Done, 2 working days late"
    assert rules.light(VISIT, None, due).words_zh == "无期限"


@pytest.mark.parametrize(
    ("codes", "signed", "has_signature", "fields"),
    [
        (("1",), Signed(), False, ["signing"]),
        (("1",), Signed("signed"), False, ["signing"]),
        (("1",), Signed("signed"), True, []),
        (("9",), Signed("refused"), False, ["refusal_reason", "refusal_witness"]),
        (("9",), Signed("refused", "负责人不在", "nobody"), False, []),
        (("7",), Signed(), False, ["signing"]),
        (("5",), Signed(), False, []),
        (("S9",), Signed(), False, []),
    ],
)
def test_the_record_is_signed_or_says_why_not_wherever_somebody_was_met(codes, signed, has_signature, fields):
    found = rules.signing_problems(codes, signed, has_signature=has_signature)
    assert [one.field for one in found] == fields
