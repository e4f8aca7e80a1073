"""What is measured of past cases, on the axis of working days."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from zhijian.engines.procedures import drawing, history

SKETCH = drawing.parse((Path(__file__).parent / "complaint_sketch.bpmn").read_text("utf-8"))
ZONE = ZoneInfo("Asia/Shanghai")


def moment(day, hour):
    return datetime(2026, 9, day, hour, tzinfo=ZONE)


def test_nights_and_rest_days_are_nothing_and_a_day_goes_from_nine_to_five():
    time = history.WorkingTime(date(2026, 9, 7), date(2026, 9, 30))  # a Monday
    assert time.at(moment(7, 9)) == 0
    assert time.at(moment(7, 13)) == 0.5
    assert time.at(moment(7, 23)) == 1
    assert time.at(moment(8, 6)) == 1
    assert time.at(moment(12, 12)) == time.at(moment(13, 12)) == 5  # Saturday, Sunday


def test_a_make_up_working_sunday_counts():
    time = history.WorkingTime(date(2026, 9, 18), date(2026, 9, 21))  # Sunday the 20th is worked
    assert time.at(moment(21, 9)) - time.at(moment(18, 17)) == 1


def test_a_drawing_is_a_graph_of_steps_waits_and_choices():
    flow = history.flow_of(SKETCH)
    kinds = {node.id: node.kind for node in flow.nodes.values()}
    assert flow.start == "start"
    assert flow.roles == ["handler", "intake", "leader"]
    assert (kinds["screen"], kinds["decide"], kinds["wait"], kinds["finish"]) == (
        "person",
        "choice",
        "wait",
        "pass",
    )
    assert flow.nodes["screen"].clock == "consumer/complaint_acceptance"


def test_limits_come_from_the_dated_parameters():
    limits = history.limits_of(SKETCH, date(2026, 11, 1))
    assert limits["consumer/complaint_acceptance"] == 7
