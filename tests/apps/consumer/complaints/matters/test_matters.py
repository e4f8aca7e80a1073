from datetime import date

import pytest

from tests.apps.consumer.complaints.casework import CLUE, at
from zhijian.apps.consumer.complaints import policies
from zhijian.apps.consumer.complaints.matters import services
from zhijian.apps.consumer.complaints.matters.counting import counted
from zhijian.apps.consumer.complaints.matters.models import Suggestion, TopicCorrection
from zhijian.security.permissions import Forbidden

DAY = date(2026, 9, 21)


@pytest.fixture
def complaint(journey):
    return journey.receive().complaint


def look(matter):
    return services.understand(matter, model=None, by=None, at=at(DAY))


def test_a_look_fills_an_empty_topic_and_keeps_what_it_rests_on(complaint):
    told = look(complaint)
    assert told.topic_code == complaint.topic_code == "M0101"
    assert "过期" in told.words
    assert not complaint.is_urgent


def test_what_an_officer_set_is_never_set_again(complaint, office):
    look(complaint)
    services.correct_topic(complaint, "M0104", reason="是标签问题", by=office.handler, at=at(DAY))
    complaint.is_urgent = True
    complaint.save()
    look(complaint)
    complaint.refresh_from_db()
    assert complaint.topic_code == "M0104"
    assert complaint.is_urgent
    correction = TopicCorrection.objects.get()
    assert (correction.told_code, correction.right_code) == ("M0101", "M0104")
    assert Suggestion.objects.get().topic_code == "M0101"


@pytest.mark.parametrize("code", ["", "M01", "M9999"])
def test_a_correction_names_a_matter_of_the_second_level(complaint, office, code):
    with pytest.raises(policies.Incomplete):
        services.correct_topic(complaint, code, reason="", by=office.handler, at=at(DAY))


def test_an_officer_of_another_county_corrects_nothing(complaint, office):
    with pytest.raises(Forbidden):
        services.correct_topic(complaint, "M0104", reason="", by=office.other_handler, at=at(DAY))


def test_learning_takes_the_newest_correction_of_each_and_the_model_is_used_afterwards(
    complaint, office, tmp_path, monkeypatch
):
    monkeypatch.setattr(services, "STARTERS", 260)
    for code in ("M0102", "M0104"):
        services.correct_topic(complaint, code, reason="", by=office.handler, at=at(DAY))
    data = services.examples()
    assert data.labels[-services.CORRECTION_WEIGHT :] == ("M0104",) * services.CORRECTION_WEIGHT
    few = [i for i, label in enumerate(data.labels) if label in {"M0101", "M0104", "M1101"}]
    monkeypatch.setattr(services, "examples", lambda: data.part(few))
    assert services.learned_model(tmp_path) is None
    told = services.learn(tmp_path, seed=0)
    assert (told["corrections"], told["matters"]) == (1, 3)
    model = services.learned_model(tmp_path)
    again = services.understand(complaint, model=model, by=None, at=at(DAY))
    assert again.leaning_code == "M0104"
    assert again.made_by == told["digest"]


def test_complaints_and_reports_are_counted_without_a_name(journey):
    journey.receive(report=CLUE)
    journey.receive(complaint=None, report=CLUE)
    rows = list(counted(DAY, DAY))
    # of the envelope with both the complaint; its report counts among the reports alone
    assert sorted(row.kind for row in rows if not row.is_beside) == ["complaint", "report"]
    assert [row.kind for row in rows if row.is_beside] == ["report"]
    first = next(row for row in rows if row.kind == "complaint")
    assert (first.firm, first.product, first.due_on) == ("91440106MA9XH0T01X", "饼干", date(2026, 10, 8))
    assert first.person and "示例张三" not in str(first)
    assert first.is_open
    assert list(counted(date(2026, 9, 22), date(2026, 9, 30))) == []
