"""Dated parameters and citations: a number of the law has a day, a unit and a source."""

from datetime import date

import pytest

from zhijian.standards import citation, parameters
from zhijian.standards.parameters import NoValueInForce, ParameterProblem, load

REVIEW = "review: {drafted_by: 甲, checked_by: 乙, on: 2026-11-02, again_by: 2027-11-02}\n"
TWO_VALUES = (
    "label: 示例期限\nunit: working day\nvalues:\n"
    "  - {from: 2021-07-15, value: 20, source: 《示例法》第一条}\n"
    "  - {from: 2024-05-01, value: 15, source: 《示例法》(2024年修订)第一条}\n" + REVIEW
)


def write(folder, name, text):
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", parameters.names())
def test_every_parameter_has_label_unit_source_and_review(name):
    parameter = load(name)
    assert parameter.label
    assert parameter.unit
    assert parameter.review.reviewed_on < parameter.review.again_by
    assert all(entry.source for entry in parameter.values)
    assert list(parameter.values) == sorted(parameter.values, key=lambda entry: entry.starts_on)


def test_results_of_checks_are_published_within_20_working_days():
    assert load("supervision/publication_working_days").on(date(2026, 9, 16)) == 20


@pytest.mark.parametrize(
    ("day", "value"),
    [("2021-07-15", 20), ("2024-04-30", 20), ("2024-05-01", 15), ("2026-01-01", 15)],
)
def test_the_value_is_the_one_in_force_on_the_day_that_governs(tmp_path, day, value):
    write(tmp_path, "law/example", TWO_VALUES)
    assert load("law/example", tmp_path).on(date.fromisoformat(day)) == value


def test_before_the_first_value_there_is_none(tmp_path):
    write(tmp_path, "law/example", TWO_VALUES)
    with pytest.raises(NoValueInForce) as caught:
        load("law/example", tmp_path).on(date(2020, 1, 1))
    assert str(caught.value) == (
        "'law/example' has no value on 2020-01-01; the earliest is 2021-07-15. Add the text in force on that day."
    )


def test_an_office_lays_its_own_value_over_ours(tmp_path, monkeypatch):
    write(
        tmp_path,
        "supervision/publication_working_days",
        "values:\n  - {from: 2027-01-01, value: 15, source: 《示例省办法》第三条}\n",
    )
    monkeypatch.setenv("ZHIJIAN_PARAMETERS", str(tmp_path))
    parameter = load("supervision/publication_working_days")
    assert parameter.on(date(2026, 12, 31)) == 20
    entry = parameter.entry_on(date(2027, 1, 1))
    assert (entry.value, entry.is_local, entry.source) == (15, True, "《示例省办法》第三条")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("label: x\nunit: day\n" + REVIEW, "has no 'values'"),
        ("label: x\nunit: day\nvalues: [{from: 2021-01-01, value: 1}]\n" + REVIEW, "has no source"),
        ("label: x\nunit: day\nvalues: [{from: soon, value: 1, source: y}]\n" + REVIEW, "is no date"),
        (
            "label: x\nunit: day\nvalues: [{from: 2021-01-01, value: 1, source: ''}]\n" + REVIEW,
            "empty source",
        ),
        ("unit: day\nvalues: [{from: 2021-01-01, value: 1, source: y}]\n" + REVIEW, "has no 'label'"),
        (
            "label: x\nunit: day\nvalues: [{from: 2021-01-01, value: 1, source: y}]\nreview: {on: 1}\n",
            "'review' needs",
        ),
        ("- a list\n", "no table of keys"),
        ("label: [\n", "cannot be read as YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path, text, says):
    write(tmp_path, "law/example", text)
    with pytest.raises(ParameterProblem, match=says) as caught:
        load("law/example", tmp_path)
    assert "example.yaml" in str(caught.value)


def test_two_values_may_not_start_on_one_day(tmp_path):
    write(tmp_path, "law/example", TWO_VALUES.replace("2024-05-01", "2021-07-15"))
    with pytest.raises(ParameterProblem, match="start on the same day"):
        load("law/example", tmp_path)


def test_a_local_value_counts_in_our_unit(tmp_path):
    write(
        tmp_path,
        "supervision/publication_working_days",
        "unit: calendar day\nvalues: [{from: 2027-01-01, value: 30, source: 《示例》}]\n",
    )
    with pytest.raises(ParameterProblem, match="calendar day"):
        load("supervision/publication_working_days", tmp_path)


def test_an_unknown_parameter_and_a_missing_folder_are_named(tmp_path):
    with pytest.raises(ParameterProblem, match="no parameter 'law/nothing'"):
        load("law/nothing")
    with pytest.raises(ParameterProblem, match="not a folder"):
        load("supervision/publication_working_days", tmp_path / "missing")


def test_a_rule_keeps_its_articles():
    @citation.rule(cites=["《行政处罚法》第三十六条", "国办发〔2018〕118号"])
    def example(day: date) -> date:
        """Return the day."""
        return day

    assert example(date(2026, 1, 1)) == date(2026, 1, 1)
    assert citation.citations(example) == ("《行政处罚法》第三十六条", "国办发〔2018〕118号")
    (found,) = [rule for rule in citation.registered() if rule.name.endswith("example")]
    assert found.summary == "Return the day."
    assert citation.citations(print) == ()


@pytest.mark.parametrize("cites", ["", "the law", [], ["《行政处罚法》第三十六条", "somewhere"]])
def test_a_citation_names_a_text(cites):
    with pytest.raises(ValueError, match="is no citation"):
        citation.rule(cites=cites)


def test_a_rule_says_what_it_finds():
    with pytest.raises(ValueError, match="no docstring"):
        citation.rule(cites="GB 32100-2015")(lambda: None)


def test_a_source_names_law_and_a_note_says_that_it_was_written_from_memory():
    names = sorted(
        path.relative_to(parameters.FOLDER).with_suffix("").as_posix()
        for path in parameters.FOLDER.rglob("*.yaml")
    )
    values = [(name, entry) for name in names for entry in parameters.load(name).values]
    assert not [name for name, entry in values if "记忆" in entry.source]
    assert not [name for name, entry in values if "记忆" in entry.note and entry.is_verified]
    assert next(entry for name, entry in values if name == "consumer/reward_claim").note.startswith(
        "条文凭记忆写成"
    )
