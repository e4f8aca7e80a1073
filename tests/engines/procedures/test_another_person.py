"""Four eyes: a step that the drawing wants another person for is not done by who did the one before."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.engines.procedures import drawn
from tests.engines.procedures.drawn import node, straight
from zhijian.engines.procedures import services
from zhijian.engines.procedures.errors import NotYours
from zhijian.engines.procedures.models import Case

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def case(tmp_path, station, handler):
    code = f"test/{tmp_path.name}"
    text = straight(
        node("user", "write", label="起草"),
        node("user", "check", label="审核", others_than="start, write"),
    )
    drawn.declare(tmp_path, text, code=code)
    return services.start_case(
        code, number="FE-1", title="t", organisation=station, division_code="440106001", data={},
        by=handler, at=AT,
    )  # fmt: skip


def step(case, task):
    return case.work_items.get(task=task, state="open")


@pytest.mark.django_db
def test_who_wrote_or_opened_neither_checks_nor_takes_nor_is_given_the_check(
    case, officer, station, handler, leader
):
    writer, third = officer("writer", station, "handler"), officer("third", station, "handler")
    services.complete(step(case, "write"), data={}, by=writer, at=AT)
    check = step(case, "check")
    with pytest.raises(NotYours, match="不同的人") as refused:
        services.complete(check, data={}, by=writer, at=AT)
    assert "起草" in refused.value.message_zh and refused.value.message_en
    with pytest.raises(NotYours):
        services.claim(check, by=handler, at=AT)
    with pytest.raises(NotYours):
        services.assign(check, to=writer, by=leader, at=AT)
    services.complete(check, data={}, by=third, at=AT)
    assert Case.objects.get(pk=case.pk).status == "closed"


@pytest.mark.django_db
def test_a_substitute_does_not_lend_hands_to_who_wrote(case, officer, station):
    writer = officer("writer", station, "handler")
    services.complete(step(case, "write"), data={}, by=writer, at=AT)
    check = step(case, "check")
    day = AT.date()
    third = officer("third", station, "handler")
    services.claim(check, by=third, at=AT)
    services.delegate_leave(
        third, substitute=writer, starts_on=day, ends_on=day + timedelta(days=3), note="出差学习", by=third, at=AT
    )  # fmt: skip
    with pytest.raises(NotYours):
        services.complete(check, data={}, by=writer, at=AT)


@pytest.mark.django_db
def test_a_second_account_of_who_wrote_does_not_check(case, officer, station):
    writer, twin = officer("writer", station, "handler"), officer("twin", station, "handler")
    services.complete(step(case, "write"), data={}, by=writer, at=AT)
    for one in (writer, twin):
        one.staff_number = "粤-0012"
        one.save(update_fields=["staff_number"])
    with pytest.raises(NotYours, match="不同的人"):
        services.complete(step(case, "check"), data={}, by=twin, at=AT)
