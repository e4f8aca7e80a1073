"""Every ready question is answered, its numbers are those of a slow count, and a wrong filter is told plainly."""

from datetime import date

import pytest

from tests.datazone.refresh.province import AS_OF, AT, first_delivery
from zhijian.datazone.lake import Lake
from zhijian.datazone.refresh import refresh
from zhijian.datazone.theme.questions import (
    FEWEST,
    GONE,
    QUESTIONS,
    BadFilter,
    Filters,
    NotRefreshed,
    Row,
    answer,
    find,
    read_filters,
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    made = Lake(tmp_path_factory.mktemp("themes") / "lake")
    first_delivery(made, seed=5, entities=120)
    refresh(made, as_of=AS_OF, at=AT)
    return made


@pytest.fixture(scope="module")
def entities(lake):
    return lake.read("entity_market_entities").to_pylist()


@pytest.fixture(scope="module")
def facts(lake):
    return lake.read("entity_facts").to_pylist()


def counted(lake, library, name, **filters):
    return {
        (row.group, row.part): (row.value, row.base)
        for row in answer(lake, find(library, name), Filters(**filters)).rows
    }


def tally(rows, key, number=lambda row: 1):
    found = {}
    for row in rows:
        found[key(row)] = found.get(key(row), 0) + number(row)
    return found


def test_each_library_has_five_to_six_questions_with_ids_of_their_own():
    assert len({(one.library, one.id) for one in QUESTIONS}) == len(QUESTIONS)
    for library in ("access", "supervision", "enforcement"):
        assert sum(one.library == library for one in QUESTIONS) in (5, 6)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.id)
def test_a_tiny_province_answers(lake, question):
    made = answer(lake, question, Filters())
    assert made.rows
    assert made.as_of == AS_OF
    assert made.is_synthetic
    assert set(made.versions) == set(question.tables)
    assert all(row.base is None or row.value <= row.base for row in made.rows)
    assert all(column in lake.schema(table) for table, column in question.columns)


def test_entities_in_business_are_those_of_a_slow_count(lake, entities):
    here = [row for row in entities if row["status_code"] not in GONE]
    expected = tally(here, lambda row: row["prefecture_code"])
    found = counted(lake, "access", "stock-by-city")
    assert {key: value for (key, _), (value, _) in found.items()} == expected


def test_a_section_of_industry_narrows_the_count(lake, entities):
    here = [r for r in entities if r["status_code"] not in GONE and r["industry_section"] == "F"]
    found = counted(lake, "access", "stock-by-city", section="F")
    assert sum(value for value, _ in found.values()) == len(here)


def test_years_narrow_a_trend_at_both_ends(lake, entities):
    founded = [r for r in entities if 2012 <= r["registered_on"].year <= 2015]
    found = counted(lake, "access", "founded-by-year", year_from=2012, year_to=2015)
    assert {y: v for (y, _), (v, _) in found.items()} == tally(founded, lambda r: r["registered_on"].year)


def test_survival_counts_who_lasted_every_age_that_the_whole_cohort_could_reach(lake, entities):
    found = counted(lake, "access", "survival")
    for cohort in {row["registered_on"].year for row in entities}:
        of = [row for row in entities if row["registered_on"].year == cohort]
        for age in range(16):
            reached = date(cohort + age, 12, 31) <= AS_OF
            assert ((age, cohort) in found) == reached
            if reached:
                assert found[age, cohort] == (
                    sum(lasted(row) is None or lasted(row) >= age for row in of),
                    len(of),
                )


def lasted(row):
    """Whole years from founding to the end, the way birthdays are counted; None without an end."""
    start, end = row["registered_on"], row["ended_on"]
    if end is None:
        return None
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def test_penalties_and_fines_are_those_of_a_slow_count(lake, entities, facts):
    section = {row["entity_id"]: row["industry_section"] for row in entities}
    decided = [row for row in facts if row["kind"] == "penalty.decided"]
    years = counted(lake, "enforcement", "penalties-by-year")
    assert {y: v for (y, _), (v, _) in years.items()} == tally(decided, lambda r: r["occurred_on"].year)
    fines = counted(lake, "enforcement", "fines-by-industry")
    expected = tally(decided, lambda r: section[r["entity_id"]], lambda r: int(r["amount_yuan"]))
    assert {s: v for (s, _), (v, _) in fines.items()} == expected


def test_who_is_punished_again_is_a_share_of_the_punished(lake, entities, facts):
    section = {row["entity_id"]: row["industry_section"] for row in entities}
    times = tally([r for r in facts if r["kind"] == "penalty.decided"], lambda r: r["entity_id"])
    once, again = tally(times, section.get), tally([e for e in times if times[e] > 1], section.get)
    found = counted(lake, "enforcement", "punished-again")
    assert {s: v for (s, _), v in found.items()} == {s: (again.get(s, 0), n) for s, n in once.items()}


def test_checked_entities_are_a_share_of_those_in_business(lake, entities, facts):
    city = {row["entity_id"]: row["prefecture_code"] for row in entities}
    checked = {
        r["entity_id"] for r in facts if r["kind"] == "inspection.result" and r["occurred_on"].year == 2025
    }
    bases = tally([r for r in entities if r["status_code"] not in GONE], lambda r: r["prefecture_code"])
    values = tally(checked, city.get)
    found = counted(lake, "supervision", "coverage-by-city", year_to=2025)
    assert {c: v for (c, _), v in found.items()} == {c: (values.get(c, 0), n) for c, n in bases.items()}


def test_a_share_of_few_is_not_told():
    assert Row("A", None, 10, FEWEST - 1).share is None
    assert Row("A", None, 15, FEWEST).share == 0.5


def test_a_year_is_complete_on_its_last_day(lake):
    made = answer(lake, find("enforcement", "penalties-by-year"), Filters())
    assert made.is_complete(AS_OF.year - 1)
    assert not made.is_complete(AS_OF.year)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("survival", {"prefecture": "99"}, "440100"),
        ("survival", {"section": "Z"}, "A到T"),
        ("survival", {"kind": "'; drop"}, "enterprise"),
        ("survival", {"year_from": "2o15"}, "1949"),
        ("survival", {"year_from": "2020", "year_to": "2015"}, "2020"),
        ("stock-by-city", {"prefecture": "440100"}, "section"),
    ],
)
def test_a_wrong_filter_is_told_with_what_would_do(name, given, told):
    with pytest.raises(BadFilter) as refused:
        read_filters(find("access", name), given)
    assert told in refused.value.message_zh
    assert refused.value.message_en


def test_empty_filters_and_other_parameters_are_none():
    assert read_filters(find("access", "survival"), {"prefecture": " ", "utm": "x"}) == Filters()


def test_without_a_refresh_there_is_no_answer(tmp_path):
    with pytest.raises(NotRefreshed):
        answer(Lake(tmp_path / "lake"), QUESTIONS[0], Filters())
