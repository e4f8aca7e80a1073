from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.engines.signals.test_daily import TODAY, case
from zhijian.apps.consumer.analysis.grouping import together
from zhijian.apps.consumer.analysis.statistics import by_month, by_place, recovered_told, summarise

DUE = TODAY - timedelta(3)


def complaint(number, **changes):
    return replace(case(number, 10), due_on=DUE, **changes)


def test_on_time_counts_what_was_answered_or_is_overdue():
    rows = [complaint(n, answered_on=DUE) for n in range(6)]
    rows += [complaint(10, answered_on=DUE + timedelta(1)), complaint(11), replace(case(12, 1), due_on=TODAY)]
    told = summarise(rows, on=TODAY)
    assert (told.on_time.part, told.on_time.whole) == (6, 8)


def test_success_leaves_out_the_withdrawn_and_the_refused():
    endings = ["agreed"] * 6 + ["terminated"] * 2 + ["withdrawn"] * 3 + ["refused"]
    told = summarise([complaint(n, ending=e) for n, e in enumerate(endings)], on=TODAY)
    assert told.mediated.ratio == 0.75


def test_filing_is_of_the_reports_that_were_verified():
    rows = [
        replace(complaint(n), kind="report", ending=e)
        for n, e in enumerate(["filed"] * 2 + ["not_filed"] * 6 + [""])
    ]
    told = summarise(rows, on=TODAY)
    assert (told.reports, told.complaints, told.filed.ratio) == (9, 0, 0.25)


def test_a_share_of_fewer_than_five_is_not_told():
    assert summarise([complaint(n, ending="agreed") for n in range(4)], on=TODAY).mediated.ratio is None


def test_the_same_person_about_the_same_firm_within_ninety_days_is_a_repeat():
    rows = [case(1, 0, person="a"), case(2, 90, person="a"), case(3, 181, person="a"), case(4, 0, person="b")]
    told = summarise([*rows, case(5, 0)], on=TODAY)
    assert (told.repeated.part, told.repeated.whole) == (1, 4)


def test_amounts_add_up_and_rates_are_per_ten_thousand_entities():
    rows = [complaint(n, amount_yuan=Decimal("12.50")) for n in range(4)]
    told = by_place(rows, on=TODAY, entities={"440100": 20_000})["440100"]
    assert (told.recovered_yuan, told.per_10000) == (Decimal("50.00"), 2.0)
    assert summarise(rows, on=TODAY).per_10000 is None


def test_months_without_a_case_are_shown_as_none():
    rows = [
        replace(case(1, 0), received_on=date(2025, 11, 3)),
        replace(case(2, 0), kind="report", received_on=date(2026, 1, 2)),
    ]
    assert by_month(rows) == [("2025-11", 1, 0), ("2025-12", 0, 0), ("2026-01", 0, 1)]
    assert by_month([]) == []


def test_open_cases_are_grouped_by_shop_and_the_rest_by_platform():
    rows = [case(n, 1, firm="A") for n in range(6)]
    rows += [replace(case(10 + n, 1, firm=f"B{n}"), platform="示例平台") for n in range(7)]
    rows += [replace(case(30 + n, 1, firm="C"), ending="agreed") for n in range(9)]
    groups = together(rows, least=5)
    assert [(g.kind, g.label, len(g.cases)) for g in groups] == [
        ("platform", "示例平台", 7),
        ("shop", "店A", 6),
    ]


def test_mediation_on_time_counts_what_ended_by_its_day_or_is_overdue():
    def mediated(number, ended=None, due=DUE):
        return complaint(number, mediation_due_on=due, mediation_ended_on=ended)

    rows = [mediated(n, DUE) for n in range(6)] + [mediated(7, DUE + timedelta(1)), mediated(8)]
    rows += [mediated(9, due=TODAY), complaint(10)]  # not due yet, never accepted
    told = summarise(rows, on=TODAY).mediated_on_time
    assert (told.part, told.whole) == (6, 8)


def recovered(counts):
    """Complaints of which so many in each city got 10 yuan back."""
    rows = []
    for place, count in counts.items():
        rows += [
            replace(complaint(len(rows) + n), division_code=place, amount_yuan=Decimal(10))
            for n in range(count)
        ]
    return by_place(rows, on=TODAY, entities={})


def test_money_that_few_got_back_is_not_told_and_does_not_follow_from_the_whole():
    few = recovered({"440106": 9, "440304": 3, "440402": 6})
    assert few["440300"].recovered_told is None
    assert recovered_told(few) == {"440100": Decimal(90), "440300": None, "440400": None}
    enough = recovered({"440106": 9, "440304": 3, "440402": 2})
    assert recovered_told(enough) == {"440100": Decimal(90), "440300": None, "440400": None}
    assert recovered_told(recovered({"440106": 9, "440304": 0})) == {"440100": Decimal(90)}
    assert summarise([complaint(1, amount_yuan=Decimal(0))], on=TODAY).recovered_told == 0
