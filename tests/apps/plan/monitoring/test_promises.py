"""Promises of the plan's text: a floor of each year, a whole, a yes, an amount; in the evaluation, the report and a finding."""

import hashlib
import json
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from tests.apps.plan.monitoring.office import Office
from tests.engines.registers.declared.desk import AT
from zhijian.apps.plan.monitoring import evaluating, package, queries, reports, warning, writing
from zhijian.apps.plan.monitoring.models import PlanItem
from zhijian.apps.plan.monitoring.policies import PlanRefused
from zhijian.apps.plan.monitoring.promise_rules import Kept, Shape, judge_promise, promise

END = date(2025, 12, 31)
BATCHES = {2021: 610000, 2022: 630000, 2023: 580000, 2024: 640000, 2025: 660000}


def _read(operator="=", value="100", unit="%", due="", basis="rate"):
    return promise(operator, value, unit, due, basis, ends_on=END)


def _judged(one, values, on=END):
    told = {year: Decimal(value) for year, value in values.items()}
    return judge_promise(one, told, first_year=2021, on=on)


def _changed(file, change):
    """The package with other figures under digests of their own, as somebody would make it who wants it to look right."""
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name != package.SEALS}
    said = json.loads(texts[package.FIGURES])
    change(said)
    texts[package.FIGURES] = json.dumps(said)
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in texts.items()]
    forged = file.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        for name, text in (texts | {package.SEALS: "".join(sums)}).items():
            archive.writestr(name, text)
    return forged


def test_a_floor_missed_in_one_year_is_broken_and_no_mean_repairs_it():
    found = _judged(_read(">=", "600000", "batches", "", "per year"), BATCHES)
    assert (found.kept, found.years.missed) == (Kept.BROKEN, (2023,))
    assert sum(BATCHES.values()) / 5 > 600000


def test_a_floor_is_on_its_way_until_the_last_year_is_over_and_a_year_without_value_leaves_doubt():
    floor = _read(">=", "60", "class hours", "", "per year")
    assert _judged(floor, {2021: 60, 2022: 61}, date(2023, 12, 30)).kept == Kept.ON_WAY
    assert _judged(floor, {2021: 60, 2022: 61}, date(2023, 12, 31)).kept == Kept.NO_DATA
    assert _judged(floor, dict.fromkeys(range(2021, 2026), 60)).kept == Kept.KEPT
    assert _judged(floor, {}, date(2021, 6, 30)).kept == Kept.OPEN


def test_a_whole_is_judged_by_its_newest_value_and_a_missing_one_is_not_kept():
    whole = _read()
    assert whole.shape == Shape.DONE
    assert _judged(whole, {2022: 100, 2025: "99.9"}).kept == Kept.BROKEN
    assert _judged(whole, {2022: 99, 2025: 100}).kept == Kept.KEPT
    assert _judged(whole, {}).kept == Kept.NO_DATA
    assert _judged(whole, {}, date(2024, 12, 31)).kept == Kept.OPEN


def test_what_has_no_number_is_done_by_its_year_or_not():
    windows = _read("deadline", "", "", "2023", "")
    assert _judged(windows, {2022: 0}, date(2023, 12, 30)).kept == Kept.OPEN
    assert _judged(windows, {2022: 0}, date(2023, 12, 31)).kept == Kept.BROKEN
    assert _judged(windows, {2022: 0, 2023: 1}, date(2023, 12, 31)).kept == Kept.KEPT


def test_what_is_new_in_the_period_is_added_up_and_a_promise_of_none_is_a_ceiling():
    firms = _read("=", "20000", "enterprises", "2025", "new in period")
    assert _judged(firms, dict.fromkeys(range(2021, 2026), 4000)).value == 20000
    assert _judged(firms, dict.fromkeys(range(2021, 2026), 3999)).kept == Kept.BROKEN
    none = _read("=", "0", "events", "2025", "")
    assert none.is_at_most and _judged(none, {2025: 1}).kept == Kept.BROKEN


def test_one_event_breaks_the_promise_of_none_for_good_and_a_year_without_word_is_no_proof():
    none = _read("=", "0", "events", "2025", "")
    quiet = dict.fromkeys(range(2021, 2026), 0)
    assert _judged(none, quiet | {2022: 1}).kept == Kept.BROKEN
    assert _judged(none, {2021: 0, 2022: 1, 2023: 0}, date(2023, 12, 31)).kept == Kept.BROKEN
    assert _judged(none, {2021: 0, 2022: 0}, date(2022, 12, 31)).kept == Kept.ON_WAY
    assert _judged(none, {2021: 0, 2025: 0}).kept == Kept.NO_DATA
    assert _judged(none, quiet).kept == Kept.KEPT


def test_what_was_done_after_its_year_came_too_late():
    windows = _read("deadline", "", "", "2023", "")
    assert _judged(windows, {2023: 0, 2024: 1}).kept == Kept.BROKEN
    assert _judged(windows, {2024: 1}).kept == Kept.NO_DATA


@pytest.mark.database
def test_every_commitment_of_the_plan_can_be_read(db):
    rows = queries.items(Office().plan, PlanItem.COMMITMENT)
    shapes = [one.promise.shape for one in rows]
    counts = {shape: shapes.count(shape) for shape in Shape}
    assert counts == {Shape.FLOOR: 17, Shape.DONE: 39, Shape.AMOUNT: 37}
    assert all(one.unit_zh for one in rows)


@pytest.mark.database
def test_a_broken_floor_stands_in_the_evaluation_the_report_the_package_and_becomes_a_finding(db, tmp_path):
    office = Office()
    for year, value in BATCHES.items():
        office.published("C22", year, str(value))
    office.published("C54", 2023, "1")
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "final", 2025, **by), **by)
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    texts = {section["key"]: section["text"] for section in one.sections}
    assert "C22 食品抽检量：每年≥600,000批次" in texts["commitments"]
    assert "2023年580,000（未达到）" in texts["commitments"] and "没有做到1项" in texts["commitments"]
    assert "1 not kept" in one.summary_en and "C22 Food sampling inspections" in one.summary_en
    assert [line[3] for line in reports.promises(one)] == ["没有做到", "做到"]
    assert writing.kept_counts(writing.promises(one.frozen))[Kept.KEPT] == 1
    file = tmp_path / "package.zip"
    file.write_bytes(package.write(one.frozen["data"], queries.sealed(office.plan)))
    assert package.recompute(file).is_same
    assert package.recompute(
        _changed(file, lambda said: said["commitments"].append({"number": "C99"}))
    ).different == ("C99",)
    assert package.recompute(_changed(file, lambda said: said.pop("composite"))).different == ("composite",)
    found = {each.number: each for each in warning.raise_from(one, **by)}
    assert found["C22"].level == "red" and "C54" not in found
    task = warning.assign(
        found["C22"], "补足抽检批次", "食品监管处", date(2026, 12, 31), by=office.leader, at=AT
    )
    assert warning.close(task, "当年批次已补足", by=office.leader, at=AT).value_after == 660000


@pytest.mark.database
@pytest.mark.parametrize(
    ("number", "value", "area", "told"),
    [("C54", "0.5", "440000", "做到填1"), ("C22", "610000", "440100", "全省填报"), ("C73", "101", "440000", "0至100"),
     ("P074", "1", "440000", "没有这个指标或者承诺")],
)  # fmt: skip
def test_a_wrong_value_of_a_commitment_is_refused_in_words(db, number, value, area, told):
    with pytest.raises(PlanRefused, match=told):
        Office().enter(number, 2023, value, area=area)


@pytest.mark.database
def test_an_evaluation_frozen_before_commitments_had_values_still_makes_its_report(db):
    office = Office()
    by = {"by": office.first, "at": AT}
    one = evaluating.freeze(evaluating.plan_one(office.plan, "annual", 2022, **by), **by)
    del one.frozen["data"]["commitments"], one.frozen["figures"]["commitments"]
    one.save()
    one = evaluating.draft(evaluating.report_oneself(one, "各项任务按计划推进", **by), **by)
    assert reports.promises(one) == [] and reports.pdf(one, at=AT).startswith(b"%PDF")
