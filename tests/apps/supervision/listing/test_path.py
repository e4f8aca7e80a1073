"""The shortest lawful path: what to do, from when, and when a record leaves the public page."""

from datetime import date, timedelta

from zhijian.apps.supervision.listing.path import Record, plan
from zhijian.engines.facts import repair

ON = date(2026, 2, 2)


def penalty(key="P1", *, published=date(2025, 9, 1), until=date(2028, 9, 1), **more):
    payload = {
        "decision_no": key,
        "violation": "虚假广告",
        "types": ["fine"],
        "procedure": "ordinary",
        **more,
    }
    return Record(key, "penalty.decided", published, published, payload, until)


def listed(ground="annual_report", day=date(2025, 7, 10)):
    return Record(f"L-{ground}", "abnormal_list.listed", day, day, {"ground_code": ground})


def serious(day=date(2026, 3, 10), **more):
    return Record("S1", "serious_list.listed", day, day, {"decision_no": "S1", **more}, date(2029, 3, 10))


def test_do_these_two_things_and_on_the_day_the_record_leaves():
    [step] = plan([penalty()], on=ON)
    assert (step.code, step.ask_on, len(step.acts)) == ("ask", date(2026, 3, 1), 2)
    assert step.leaves_on == date(2026, 3, 27)  # 2 + 15 + 3 working days


def test_a_list_is_left_first_and_a_penalty_waits_for_that():
    steps = plan([penalty(published=date(2025, 1, 1)), listed()], on=ON)
    assert [one.record.key for one in steps] == ["L-annual_report", "P1"]
    assert (steps[0].ask_on, steps[0].leaves_on) == (ON, date(2026, 2, 9))
    assert "移出后再申请" in steps[1].reason_zh
    assert steps[1].ask_on == date(2026, 2, 9)


def test_no_act_leads_off_a_ban_or_a_closure_before_its_term():
    [step] = plan([penalty(types=["ban"], until=date(2031, 5, 4))], on=ON)
    assert (step.code, step.acts, step.leaves_on) == ("wait", (), date(2031, 5, 5))
    assert "较重" in step.reason_zh


def test_a_low_fine_needs_no_repair():
    """E8."""
    low = penalty(is_low_fine=True, published=date(2026, 1, 15), until=date(2026, 4, 15))
    [step] = plan([low], on=ON)
    assert (step.code, step.leaves_on) == ("wait", date(2026, 4, 16))
    assert repair.penalty_repair(low.payload, published_on=low.published_on, on=ON).code == "unneeded"


def test_a_penalty_in_food_waits_a_year_by_the_norm_that_was_violated():
    """E9, E10."""
    day = date(2026, 1, 15)
    ads, food = plan([penalty("A", published=day, until=date(2029, 1, 15), field="advertising"),
                      penalty("F", published=day, until=date(2029, 1, 15), field="food", violation="标签")], on=ON)  # fmt: skip
    assert (ads.ask_on, food.ask_on) == (date(2026, 7, 15), date(2027, 1, 15))


def test_the_serious_list_is_left_after_a_year_or_when_a_restriction_ends():
    """E14."""
    assert plan([serious()], on=date(2026, 6, 1))[0].ask_on == date(2027, 3, 10)
    later = plan([serious(restricted_until="2027-12-31")], on=date(2026, 6, 1))[0]
    assert (later.code, later.ask_on) == ("ask", date(2028, 1, 1))


def test_a_second_penalty_of_the_kind_leaves_the_first_to_its_term():
    first, second = penalty("P1"), penalty("P2", published=date(2025, 10, 8))
    steps = {one.record.key: one.code for one in plan([first, second], on=date(2026, 8, 1))}
    assert steps == {"P1": "wait", "P2": "ask"}


def test_where_the_term_ends_first_nothing_is_asked():
    [step] = plan([penalty(published=date(2023, 3, 2), until=date(2026, 2, 10))], on=ON)
    assert (step.code, step.leaves_on) == ("wait", date(2026, 2, 11))


def test_on_no_day_before_the_path_says_so_does_the_rule_let_one_ask():
    for more in ({}, {"field": "food"}, {"is_low_fine": True}):
        record = penalty(published=date(2025, 12, 5), **more)
        [step] = plan([record], on=ON)
        last = step.ask_on or ON + timedelta(days=400)
        days = [ON + timedelta(days=n) for n in range((last - ON).days)]
        rule = [
            repair.penalty_repair(record.payload, published_on=record.published_on, on=day).may_ask
            for day in days
        ]
        assert not any(rule)
