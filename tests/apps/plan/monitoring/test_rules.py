"""The plan's formulas: the worked table, and each edge that a plan has met (chapter 12, section 3)."""

from datetime import date
from decimal import Decimal as D
from fractions import Fraction

import pytest

from zhijian.apps.plan.monitoring import rules
from zhijian.apps.plan.monitoring.rules import Basis, Certainty, Goal, Light, Note

THREE_YEARS = Fraction(6, 10)


def goal(baseline, target, basis=Basis.LEVEL, *, binding=False):
    start = None if baseline is None else D(baseline)
    return Goal(basis, start, D(target), is_at_most=basis == Basis.LOWER, is_binding=binding)


# name, goal, value at the end of 2023 (hypothetical), progress, pace, light
WORKED = [
    ("1", goal("1384.9", "1780", Basis.STOCK), "1650", 0.6710, 1.118, "green"),
    ("2", goal("48.9", "62"), "56", 0.5420, 0.903, "yellow"),
    ("3", goal("55", "80"), "72", 0.6800, 1.133, "green"),
    ("4", goal("13.7", "20"), "17.9", 0.6667, 1.111, "green"),
    ("5", goal(None, "8", Basis.NEW), "4.4", 0.5500, 0.917, "yellow"),
    ("6", goal("907.6", "2500", Basis.NEW), "1600", 0.6400, 1.067, "green"),
    ("9", goal("2620", "3600", Basis.STOCK), "3150", 0.5408, 0.901, "yellow"),
    ("10", goal("7912", "9500", Basis.STOCK), "8960", 0.6599, 1.100, "green"),
    ("11", goal("1689", "2200", Basis.STOCK), "2000", 0.6086, 1.014, "green"),
    ("12", goal("6461", "7000", Basis.STOCK), "6820", 0.6660, 1.110, "green"),
    ("13", goal("49.6", "70", Basis.STOCK), "63", 0.6569, 1.095, "green"),
    ("14", goal("93.86", "94"), "93.90", 0.2857, 0.476, "red"),
    ("15", goal("72", "82"), "77", 0.5000, 0.833, "yellow"),
    ("18", goal("3", "5", binding=True), "4.4", 0.7000, 1.167, "green"),
    ("19", goal("6", "6.5", binding=True), "6.4", 0.8000, 1.333, "green"),
    ("20", goal("98", "98.5"), "98.4", 0.8000, 1.333, "green"),
    ("21", goal("81", "90", binding=True), "88", 0.7778, 1.296, "green"),
    ("24a", goal("1.07", "5"), "2.9", 0.4656, 0.776, "red"),
    ("24b", goal("0.21", "1"), "0.70", 0.6203, 1.034, "green"),
    ("25", goal("85", "88"), "86.5", 0.5000, 0.833, "yellow"),
    ("26", goal("4.5", "2", Basis.LOWER), "3.2", 0.5200, 0.867, "yellow"),
    ("27", goal("90", "92"), "92.5", 1.2500, 2.083, "green"),
]
GOALS = {name: one for name, one, *_ in WORKED}


@pytest.mark.parametrize(
    ("name", "aim", "value", "share", "pace", "light"), WORKED, ids=[w[0] for w in WORKED]
)
def test_the_worked_table_of_the_plan_s_own_targets(name, aim, value, share, pace, light):
    found = rules.judge(aim, D(value), share=THREE_YEARS)
    assert found.progress is not None and found.pace is not None
    assert float(found.progress) == pytest.approx(share, abs=6e-5)
    assert float(found.pace) == pytest.approx(pace, abs=1.1e-3)  # the table's paces are cut, some not rounded
    assert found.light == light


@pytest.mark.parametrize(
    ("value", "share", "light", "notes"),
    [("3.2", "0.52", "yellow", ()), ("1.8", "1.08", "green", ()), ("2.0", "1", "green", ()),
     ("4.8", "-0.12", "red", (Note.MOVING_AWAY,))],
)  # fmt: skip
def test_where_less_is_better_the_same_formula_holds(value, share, light, notes):
    found = rules.judge(GOALS["26"], D(value), share=THREE_YEARS)
    assert (found.progress, found.light, found.notes) == (Fraction(share), light, notes)
    assert found.is_attained == (D(value) <= 2)


def test_what_is_new_in_the_period_starts_at_zero_whatever_the_period_before_had():
    total = sum([D(480), D(540), D(580)])
    assert rules.progress(GOALS["6"], total) == Fraction(64, 100)


def test_a_tiny_span_is_said():
    assert Note.TINY_SPAN in rules.judge(GOALS["14"], D("93.90"), share=THREE_YEARS).notes
    assert GOALS["14"].span == D("0.14")


@pytest.mark.parametrize(("value", "binding", "light"), [("86.0", True, "yellow"), ("85.8", True, "red"), ("85.8", False, "yellow")])  # fmt: skip
def test_a_binding_row_turns_red_sooner(value, binding, light):
    aim = goal("81", "90", binding=binding)
    assert rules.judge(aim, D(value), share=THREE_YEARS).light == light


def test_a_blank_baseline_gives_no_progress_only_met_or_not_yet():
    aim = goal(None, "19")
    found = rules.judge(aim, D("18.7"), share=THREE_YEARS)
    assert (found.progress, found.light, found.notes) == (None, Light.OPEN, (Note.NO_BASELINE,))
    assert rules.judge(aim, D("19"), share=THREE_YEARS).light == Light.GREEN
    assert rules.judge(aim, D("18.7"), share=Fraction(1)).light == Light.NOT_ATTAINED


def test_a_target_that_is_the_baseline_is_held_or_not_and_nothing_is_divided():
    found = rules.judge(goal("100", "100"), D(99), share=THREE_YEARS)
    assert (found.progress, found.is_attained, found.notes) == (None, False, (Note.HOLD,))
    assert rules.judge(goal("100", "100"), D(100), share=THREE_YEARS).light == Light.GREEN


def test_a_target_of_zero_is_a_target():
    aim = Goal(Basis.LOWER, D(0), D(0), is_at_most=True)
    assert rules.judge(aim, D(0), share=Fraction(1)).light == Light.ATTAINED
    assert rules.judge(aim, D(1), share=Fraction(1)).light == Light.NOT_ATTAINED
    assert rules.judge(goal("4", "0", Basis.LOWER), D(1), share=THREE_YEARS).progress == Fraction(3, 4)
    assert rules.judge(goal("0", "0", Basis.NEW), D(0), share=THREE_YEARS).progress is None


def test_the_path_to_the_target_is_linear_or_geometric():
    assert rules.expected(GOALS["26"], THREE_YEARS) == pytest.approx(3.0)
    assert rules.expected(GOALS["1"], THREE_YEARS) == pytest.approx(1621.96)
    assert rules.expected(GOALS["1"], THREE_YEARS, is_geometric=True) == pytest.approx(1609.98, abs=0.01)
    assert rules.expected(goal(None, "19"), THREE_YEARS) is None


def test_what_is_needed_a_year_and_whether_the_past_makes_it_likely():
    found = rules.needed(GOALS["1"], [D("1384.9"), D(1470), D(1560), D(1650)], 2)
    assert (found.step, round(found.growth_percent, 3), found.is_infeasible) == (D(65), 3.865, False)
    assert rules.needed(GOALS["1"], [D(1384), D(1390)], 2).is_infeasible
    assert rules.needed(GOALS["26"], [D("4.5"), D("4.3"), D("4.1")], 1).is_infeasible
    assert rules.needed(GOALS["1"], [D(1650)], 0) is None


@pytest.mark.parametrize(
    ("name", "values", "told", "low", "high", "chance"),
    [("1", "1384.9 1470 1560 1650", 1826.08, 1810.4, 1841.8, 0.997),
     ("26", "4.5 4.1 3.7 3.2", 2.37, 2.049, 2.691, 0.019)],
)  # fmt: skip
def test_the_trend_is_carried_to_the_target_year_with_its_interval_and_chance(
    name, values, told, low, high, chance
):
    series = {2020 + n: D(one) for n, one in enumerate(values.split())}
    found = rules.forecast(GOALS[name], series, 2025)
    assert found.value == pytest.approx(told, abs=0.01)
    assert (found.low, found.high) == (pytest.approx(low, abs=0.06), pytest.approx(high, abs=0.06))
    assert found.chance == pytest.approx(chance, abs=0.0015)


def test_three_years_are_no_trend_and_a_straight_line_has_no_doubt():
    series = {2020: D(1), 2021: D(2), 2022: D(3)}
    assert rules.forecast(goal("1", "6"), series, 2025) is None
    found = rules.forecast(goal("1", "5.5"), series | {2023: D(4)}, 2025)
    assert (found.value, found.chance) == (pytest.approx(6), pytest.approx(1))


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042)]
)
def test_student_s_t_is_that_of_the_tables(df, quantile):
    assert rules.student_quantile(0.975, df) == pytest.approx(quantile, abs=6e-4)
    assert rules.student(-1.3, df) + rules.student(1.3, df) == pytest.approx(1)


def test_the_composite_caps_each_row_and_counts_what_it_leaves_out():
    names = {"1": "1650", "2": "56", "26": "3.2", "21": "88", "27": "92.5"}
    judged = [(rules.judge(GOALS[n], D(v), share=THREE_YEARS), GOALS[n]) for n, v in names.items()]
    assert float(rules.composite(judged).index) == pytest.approx(0.702, abs=5e-4)
    assert float(rules.composite(judged, binding_weight=2).index) == pytest.approx(0.715, abs=5e-4)
    late = (rules.judge(GOALS["2"], D(56), share=THREE_YEARS, months_old=16), GOALS["2"])
    found = rules.composite([*judged, late])
    assert (found.index, found.counted, found.left_out) == (rules.composite(judged).index, 5, 1)
    assert (late[0].light, late[0].notes) == (Light.GREY, (Note.STALE,))
    assert rules.composite([]).index is None


def test_the_province_s_rate_is_of_sums_and_never_the_mean_of_the_cities():
    assert rules.rate([(D(800), D(1000)), (D(1900), D(2000))]) == 90
    assert rules.rate([(D(0), D(0))]) is None


@pytest.mark.parametrize(
    ("aim", "hits", "of", "low", "high", "sure"),
    [(GOALS["26"], 9, 500, 0.95, 3.39, Certainty.POINT_ONLY), (GOALS["26"], 180, 10_000, 1.56, 2.08, Certainty.POINT_ONLY),
     (GOALS["26"], 150, 10_000, 1.28, 1.76, Certainty.CONFIRMED), (GOALS["20"], 984, 1000, 97.42, 99.01, Certainty.NOT_SIGNIFICANT),
     (GOALS["20"], 9700, 10_000, 96.65, 97.32, Certainty.MISSED)],
)  # fmt: skip
def test_a_sample_proves_what_its_interval_proves(aim, hits, of, low, high, sure):
    assert rules.wilson(hits, of) == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006))
    assert rules.certainty(aim, hits, of) == sure


def test_an_annual_floor_is_missed_in_its_year_and_the_mean_repairs_nothing():
    batches = dict(zip(range(2021, 2026), map(D, (61, 63, 58, 64, 66)), strict=True))
    found = rules.floors(D(60), batches)
    assert (len(found.met), found.missed, found.is_met) == (4, (2023,), False)
    assert rules.floors(D(60), batches | {2025: None}).missing == (2025,)


@pytest.mark.parametrize(("binding", "light"), [(True, Light.NOT_ATTAINED), (False, Light.BASICALLY)])
def test_at_the_end_a_binding_row_knows_no_basically(binding, light):
    found = rules.judge(goal("0", "100", binding=binding), D(97), share=Fraction(1))
    assert found.light == light


def test_what_was_attained_early_can_be_lost():
    assert rules.judge(GOALS["27"], D("92.5"), share=THREE_YEARS).is_attained
    found = rules.judge(GOALS["27"], D("91.6"), share=Fraction(1))
    assert (found.progress, found.light) == (Fraction(8, 10), Light.NOT_ATTAINED)


def test_time_stands_still_after_the_period_and_an_estimate_says_so():
    first, last = date(2021, 1, 1), date(2025, 12, 31)
    days = [date(2020, 5, 1), date(2023, 6, 30), date(2023, 12, 31), date(2023, 12, 30), date(2026, 11, 22)]
    assert [rules.elapsed(day, first, last) for day in days] == [
        0, Fraction(1, 2), THREE_YEARS, Fraction(35, 60), 1,
    ]  # fmt: skip
    found = rules.judge(GOALS["1"], D(1800), share=Fraction(1), is_estimate=True)
    assert (found.light, found.notes) == (Light.ATTAINED, (Note.ESTIMATE,))


def test_bad_data_and_an_unreviewed_definition_carry_no_green():
    at_end = {"share": Fraction(1)}
    assert rules.judge(GOALS["27"], D(95), quality="D", **at_end).light == Light.NO_DATA
    assert (
        rules.judge(GOALS["27"], D(95), is_definition_unreviewed=True, share=THREE_YEARS).light == Light.GREY
    )
    assert rules.judge(GOALS["27"], D(91), quality="D", share=Fraction(1)).light == Light.NOT_ATTAINED
    assert rules.judge(GOALS["27"], None, **at_end).light == Light.NO_DATA


def test_cities_are_compared_with_their_mix_taken_out_and_small_ones_together():
    areas = {
        "A": {"food": (80, 100), "shops": (20, 400)},  # many shops, whose rate is low everywhere
        "B": {"food": (240, 300), "shops": (10, 200)},
        "C": {"food": (1, 4)}, "D": {"shops": (0, 30)},
    }  # fmt: skip
    found = {one.areas: one for one in rules.compared(areas)}
    assert set(found) == {("A",), ("B",), ("C", "D")}
    assert found["A",].percent == 20 and found["B",].percent == 50
    assert found["A",].ratio == pytest.approx(1, abs=0.05) and found["B",].ratio == pytest.approx(1, abs=0.05)


def test_grades_and_money():
    every = {"is_complete": True, "is_timely": True, "is_traceable": True, "is_checked": True}
    assert rules.quality_grade(**every) == "A"
    assert rules.quality_grade(**every | {"is_timely": False}) == "B"
    assert rules.quality_grade(**every | {"is_complete": False, "is_checked": False}) == "D"
    assert rules.output_per_yuan(D(10), D(4)) == D("2.5") and rules.output_per_yuan(D(10), D(0)) is None
    assert rules.execution_percent(D(50), D(80)) == D("62.5") and rules.execution_percent(D(1), D(0)) is None


def test_a_target_of_zero_is_met_by_zero_alone_and_half_the_way_is_half():
    goal = rules.Goal(rules.Basis.LOWER, D(4), D(0), is_at_most=True, is_binding=True)
    assert rules.progress(goal, D(2)) == Fraction(1, 2)
    assert rules.judge(goal, D(0), share=Fraction(1)).light == rules.Light.ATTAINED
    assert rules.judge(goal, D("0.01"), share=Fraction(1)).light == rules.Light.NOT_ATTAINED
    held = rules.Goal(rules.Basis.LOWER, D(0), D(0), is_at_most=True)
    assert rules.judge(held, D(0), share=Fraction(1, 2)).notes == (rules.Note.HOLD,)
    assert rules.judge(held, D(1), share=Fraction(1, 2)).light == rules.Light.RED
    assert rules.needed(goal, [D(4), D(2)], 2).step == -1


def test_once_the_period_is_over_a_value_of_an_earlier_year_gives_no_status_because_what_was_reached_can_be_lost():
    share = Fraction(8, 10)
    for binding in (True, False):
        judged = rules.judge(goal("81", "90", binding=binding), D("92"), share=share, lacks_last_year=True)
        assert judged.light == Light.NO_DATA
        assert rules.judge(goal("81", "90", binding=binding), D("92"), share=share).light == Light.GREEN


def test_what_adds_up_and_has_reached_its_target_before_the_last_year_stays_reached():
    new = goal(None, "8", Basis.NEW)
    assert rules.judge(new, D("8.1"), share=Fraction(8, 10), lacks_last_year=True).light == Light.ATTAINED
    assert rules.judge(new, D("7.9"), share=Fraction(8, 10), lacks_last_year=True).light == Light.NO_DATA
