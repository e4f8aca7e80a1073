"""``zhijian procedures``: what a person or a timetable calls."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from tests.engines.procedures import drawn
from zhijian.engines.procedures import declaration, services
from zhijian.engines.procedures.models import ProcedureVersion
from zhijian.operations import jobs
from zhijian.operations.commands.procedures import command
from zhijian.security.models import Organisation

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CODE = "test/command"
RECEIVED = datetime(2026, 9, 21, 2, tzinfo=UTC)


@pytest.fixture
def declared(tmp_path, monkeypatch):
    monkeypatch.setattr(declaration, "_DECLARED", {})
    step = drawn.node("user", "accept", deadline="consumer/complaint_acceptance from opened_on")
    return drawn.declare(tmp_path, drawn.straight(step), code=CODE)


@pytest.fixture
def case(declared):
    unit = Organisation.objects.create(code="u", name="示例所", level="station", division_code="440106001")
    return services.start_case(
        CODE,
        number="1",
        title="测试",
        organisation=unit,
        division_code="440106",
        data={},
        by=None,
        at=RECEIVED,
    )


def run(*arguments):
    return CliRunner().invoke(command, list(arguments))


def test_what_shipped_is_checked_and_a_fault_of_an_own_drawing_is_named(declared, tmp_path):
    assert run("check").exit_code == 0
    bad = tmp_path / "bad.bpmn"
    bad.write_text(drawn.straight(drawn.node("user", "accept", role="")), "utf-8")
    result = run("check", CODE, "--drawing", str(bad), "--json")
    assert result.exit_code == 1
    assert [one["element"] for one in json.loads(result.output)[CODE]] == ["accept"]
    assert "没有流程" in run("check", "no/such").output


def test_what_shipped_is_published_once(declared):
    for _ in range(2):
        assert "v1" in run("publish").output
    assert ProcedureVersion.objects.get().published_by is None
    (row,) = json.loads(run("list", "--json").output)
    assert (row["code"], row["version"], row["open"]) == (CODE, 1, 0)


def test_a_tick_tells_what_it_did(case):
    assert json.loads(run("tick", "--at", "2026-10-08", "--json").output)["escalated"] == 0
    assert json.loads(run("tick", "--at", "2026-10-09", "--json").output)["escalated"] == 1


def test_the_site_puts_a_tick_in_the_queue_only_where_something_is_due(case):
    assert not jobs.enqueue_tick(RECEIVED)
    assert jobs.enqueue_tick(datetime(2026, 10, 9, 2, tzinfo=UTC))
