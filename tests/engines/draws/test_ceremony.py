"""The ceremony: every step in its order, at its time, by its person. 国办发〔2015〕58号 二（三）."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.engines.draws import ceremony
from zhijian.engines.draws import core, ledger, queries, services, store
from zhijian.engines.draws.errors import (
    PlanInvalid,
    Tampered,
    TooEarly,
    TooLate,
    WrongOrder,
    WrongPerson,
    WrongValue,
)
from zhijian.engines.draws.models import CeremonyEvent, Draw, Selection
from zhijian.engines.draws.plan import Plan, Redraw
from zhijian.engines.draws.verifier import verify
from zhijian.engines.facts.models import Fact
from zhijian.security.models import Officer, Organisation
from zhijian.security.permissions import Forbidden

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HOUR, SECOND = ceremony.HOUR, timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _own_home(home):
    return home


@pytest.mark.parametrize("plan", [ceremony.a_plan, ceremony.open_plan])
def test_an_honest_draw_verifies_with_and_without_a_kept_ledger(home, plan):
    draw, path = ceremony.published(plan())
    ledger.write()
    kept = (home.published / "draws" / "ledger.json").read_bytes()
    for copy in (None, kept):
        found = verify(path.read_bytes(), copy)
        assert found["ok"], found["checks"]
    results = ceremony.with_outcomes(draw)
    assert verify(results.read_bytes())["ok"], verify(results.read_bytes())["checks"]
    assert {one["published"] for one in found["objects"]} == {"drawn", "reserve", None}


@pytest.mark.parametrize("count", [9, 33, 64, 150])
def test_honest_draws_of_any_size_verify(count):
    weighted = [
        o if n % 3 else ceremony.replace(o, weight=n % 7 + 1)
        for n, o in enumerate(ceremony.objects(count, ("R1",)))
    ]
    for plan, frame in (
        (ceremony.a_plan(plan_id=f"P{count}"), ceremony.objects(count * 2)),
        (ceremony.open_plan(plan_id=f"O{count}"), weighted),
    ):
        draw, path = ceremony.published(plan, frame)
        found = verify(path.read_bytes())
        assert found["ok"], found["checks"]
        assert sum(one["recomputed"] == "drawn" for one in found["objects"]) == len(
            services.result_of(draw).drawn
        )


def test_a_plan_reads_back_from_its_announcement():
    plan = ceremony.a_plan(attempt=2, redraw_of=Redraw(1, "名单有误", "auditor"))
    assert Plan.from_announcement(json.loads(core.canonical(plan.as_announcement()))) == plan


def test_every_step_is_a_fact_about_the_plan_and_none_tells_a_class():
    ceremony.published()
    kinds = list(Fact.objects.filter(subject="2026-0312").values_list("kind", flat=True))
    assert sorted(set(kinds)) == [
        "draw.announced",
        "draw.committed",
        "draw.drawn",
        "draw.frozen",
        "draw.public_value",
        "draw.published",
        "draw.revealed",
    ]
    assert len(kinds) == 9
    assert all(fact.is_synthetic for fact in Fact.objects.filter(subject="2026-0312"))


def test_the_roster_freezes_at_its_hour_and_not_a_second_before():
    draw = ceremony.announced()
    with pytest.raises(TooEarly, match="2026年11月16日09:00"):
        services.freeze(
            draw,
            ceremony.objects(),
            ceremony.inspectors(),
            by=ceremony.officer("drawer"),
            at=ceremony.FREEZE_AT - SECOND,
        )
    services.freeze(
        draw, ceremony.objects(), ceremony.inspectors(), by=ceremony.officer("drawer"), at=ceremony.FREEZE_AT
    )


def test_a_draw_before_the_freeze_says_when_to_come_back():
    draw = ceremony.announced()
    with pytest.raises(TooEarly, match="16 November 2026 09:00"):
        services.run(draw, by=ceremony.officer("drawer"), at=ceremony.FREEZE_AT - HOUR)


def test_a_commitment_after_its_last_second_is_too_late():
    draw = ceremony.frozen()
    promise, last = core.commitment("2026-0312", 1, "discipline", "11" * 32), draw.plan.commit_until
    with pytest.raises(TooLate, match="作废"):
        services.commit(draw, "discipline", promise, by=ceremony.officer("d", "auditor"), at=last + SECOND)
    services.commit(draw, "discipline", promise, by=ceremony.officer("d"), at=last)
    with pytest.raises(WrongOrder, match="不能重复"):
        services.commit(draw, "discipline", promise, by=ceremony.officer("d"), at=last)


def test_only_the_party_commits_and_only_drawers_run():
    draw = ceremony.frozen()
    with pytest.raises(WrongPerson, match="驻局纪检监察组"):
        services.commit(
            draw, "discipline", "0" * 64, by=ceremony.officer("c", "auditor"), at=ceremony.COMMITTED_AT
        )
    with pytest.raises(Forbidden):
        services.run(draw, by=ceremony.officer("d", "auditor"), at=ceremony.COMMITTED_AT)


def test_the_public_value_needs_all_commitments_its_moment_and_its_shape():
    draw = ceremony.frozen()
    drawer, after = ceremony.officer("drawer"), ceremony.EXISTS_AT
    with pytest.raises(WrongOrder, match="还没有承诺"):
        services.record_public_value(draw, ceremony.VALUE, by=drawer, at=after)
    ceremony.committed(draw)
    with pytest.raises(TooEarly):
        services.record_public_value(draw, ceremony.VALUE, by=drawer, at=after - SECOND)
    for wrong in ("3 8 14 19 22 31+7", "03 08 14 19 22 31-07", ceremony.VALUE + " ", "٠3 08 14 19 22 31+07"):
        with pytest.raises(WrongValue):
            services.record_public_value(draw, wrong, by=drawer, at=after)
    services.record_public_value(draw, ceremony.VALUE, by=drawer, at=after)


def test_a_nonce_must_open_its_commitment_and_a_missing_one_stops_the_draw():
    draw = ceremony.committed(ceremony.frozen())
    at = ceremony.EXISTS_AT + HOUR
    services.record_public_value(draw, ceremony.VALUE, by=ceremony.officer("drawer"), at=at)
    with pytest.raises(WrongValue, match="承诺不符"):
        services.reveal(draw, "discipline", "99" * 32, by=ceremony.officer("d"), at=at)
    services.reveal(draw, "discipline", "11" * 32, by=ceremony.officer("d"), at=at)
    with pytest.raises(WrongOrder, match="示例商会还没有揭示"):
        services.run(draw, by=ceremony.officer("drawer"), at=at)


def test_a_step_cannot_lie_before_the_one_before_it():
    draw = ceremony.committed(ceremony.frozen())
    with pytest.raises(WrongOrder, match="时钟"):
        services.request_void(draw, "名单有误重抽", by=ceremony.officer("drawer"), at=ceremony.ANNOUNCED_AT)


def test_one_person_is_not_both_parties_by_two_accounts():
    draw = ceremony.frozen()
    for account in ("d", "c"):
        ceremony.officer(account, "auditor")
    Officer.objects.filter(username__in=("d", "c")).update(staff_number="S7")
    with pytest.raises(WrongPerson, match="同一个人"):
        ceremony.committed(draw)
    with pytest.raises(WrongPerson, match="同一个人"):
        ceremony.announced(ceremony.a_plan(plan_id="2026-0999"))
    Officer.objects.filter(username="c").update(staff_number="S8")
    assert len(queries.state_of(ceremony.committed(draw)).commitments) == 2


def test_a_redraw_needs_the_old_one_voided_by_a_second_person_and_stays_visible():
    draw = ceremony.revealed(ceremony.frozen())
    drawer, auditor = ceremony.officer("drawer"), ceremony.officer("d")
    again = ceremony.a_plan(attempt=2, redraw_of=Redraw(1, "名单有误重抽", "d"))
    with pytest.raises(WrongOrder, match="还有效"):
        services.announce(again, by=drawer, at=ceremony.ANNOUNCED_AT)
    with pytest.raises(WrongOrder, match="没有这样的作废申请"):
        services.approve_void(draw, "名单有误重抽", by=auditor, at=ceremony.DRAWN_AT)
    services.request_void(draw, "名单有误重抽", by=drawer, at=ceremony.DRAWN_AT)
    assert not queries.state_of(draw).voided
    with pytest.raises(Forbidden):
        services.approve_void(draw, "名单有误重抽", by=drawer_without_right(), at=ceremony.DRAWN_AT)
    type(drawer).objects.filter(pk=drawer.pk).update(staff_number="S1")
    account = ceremony.officer("drawer-2", "auditor")
    account.staff_number = "S1"
    for same in (drawer, account):  # a second account is no second person
        with pytest.raises(WrongPerson):
            services.approve_void(draw, "名单有误重抽", by=same, at=ceremony.DRAWN_AT)
    with pytest.raises(WrongOrder, match="理由已改"):
        services.approve_void(draw, "另一个理由", by=auditor, at=ceremony.DRAWN_AT)
    event = services.approve_void(draw, "名单有误重抽", by=auditor, at=ceremony.DRAWN_AT)
    assert event.actor == "d"
    with pytest.raises(WrongOrder, match="已作废"):
        services.run(draw, by=drawer, at=ceremony.DRAWN_AT)
    second, path = ceremony.published(again)
    ledger.write()
    kept = path.with_name("ledger.json").read_bytes()
    found = verify(path.read_bytes(), kept)
    assert found["ok"], found["checks"]
    assert "第1次在揭示或抽取之后作废" in found["checks"][1]["message_zh"]
    body = {"reason": "名单有误重抽", "requester": "drawer", "approver": "d"}
    assert queries.state_of(draw).voided == body
    assert second.attempt == 2


def drawer_without_right():
    return ceremony.officer("inspector", "inspector")


def test_the_file_of_a_draw_that_was_voided_later_is_refused_by_the_kept_ledger():
    draw, path = ceremony.published()
    ceremony.voided(draw, "程序有瑕疵重抽", ceremony.DRAWN_AT)
    ledger.write()
    assert verify(path.read_bytes())["ok"]
    assert not verify(path.read_bytes(), path.with_name("ledger.json").read_bytes())["ok"]


def test_openings_are_private_and_a_changed_roster_stops_the_draw():
    draw = ceremony.revealed(ceremony.frozen())
    path = store.private_folder(draw) / "objects.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join(lines[1:]) + "\n", "utf-8")
    with pytest.raises(Tampered, match="指纹不符"):
        services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    path.write_text("{", "utf-8")
    with pytest.raises(Tampered, match="备份"):
        services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    assert not Selection.objects.filter(draw=draw).exists()


def test_results_need_every_drawn_object_and_no_stranger():
    draw, _ = ceremony.published(ceremony.open_plan())
    publisher, at = ceremony.officer("publisher", "publisher"), ceremony.DRAWN_AT + 240 * HOUR
    drawn = services.result_of(draw).drawn
    some = [services.Outcome(one.object_id, None) for one in drawn]
    with pytest.raises(WrongValue, match="不能略去"):
        services.publish_outcomes(draw, some[1:], by=publisher, at=at)
    with pytest.raises(WrongValue, match="没有被抽中"):
        services.publish_outcomes(draw, [*some, services.Outcome("X", None)], by=publisher, at=at)
    first = ceremony.with_outcomes(draw, pending=3)
    second = ceremony.with_outcomes(draw, pending=0)
    assert first.exists() and first != second
    assert verify(second.read_bytes())["ok"], verify(second.read_bytes())["checks"]
    with pytest.raises(WrongValue, match="没有新的"):
        ceremony.with_outcomes(draw, pending=0)


def test_a_published_result_never_becomes_pending_again():
    draw, _ = ceremony.published(ceremony.open_plan())
    ceremony.with_outcomes(draw, pending=1)
    with pytest.raises(WrongValue, match="已经公布"):
        ceremony.with_outcomes(draw, pending=2)


def test_a_salted_draw_publishes_its_results_once_and_whole():
    """Two files compared would link the slot that was filled to the result that was added."""
    draw, _ = ceremony.published()
    with pytest.raises(WrongOrder, match="还有1户没有结果"):
        ceremony.with_outcomes(draw, pending=1)
    assert verify(ceremony.with_outcomes(draw).read_bytes())["ok"]
    with pytest.raises(WrongOrder, match="只公布一次"):
        ceremony.with_outcomes(draw)


def county_officer(username, *roles):
    """Somebody of a county, with the right role and the wrong area."""
    unit, _ = Organisation.objects.get_or_create(
        code="GD-440106",
        defaults={
            "name": "示例县局",
            "name_en": "County",
            "level": "county",
            "division_code": "440106",
        },
    )
    return Officer.objects.create(username=username, roles=list(roles), organisation=unit)


def test_only_the_organising_units_people_manage_publish_and_void():
    draw = ceremony.announced()
    stranger, at = county_officer("county", "drawer", "auditor", "publisher"), ceremony.FREEZE_AT
    with pytest.raises(Forbidden, match="广东省"):
        services.freeze(draw, ceremony.objects(), ceremony.inspectors(), by=stranger, at=at)
    with pytest.raises(Forbidden, match="广东省"):
        services.request_void(draw, "名单有误重抽", by=stranger, at=at)
    services.request_void(draw, "名单有误重抽", by=ceremony.officer("drawer"), at=at)
    with pytest.raises(Forbidden, match="广东省"):
        services.approve_void(draw, "名单有误重抽", by=stranger, at=at)
    services.approve_void(draw, "名单有误重抽", by=ceremony.officer("d", "auditor"), at=at)
    with pytest.raises(Forbidden, match="广东省"):
        services.announce(
            ceremony.a_plan(attempt=2, redraw_of=Redraw(1, "名单有误重抽", "d")), by=stranger, at=at
        )
    done, _ = ceremony.published(ceremony.a_plan(plan_id="2026-0313"))
    for act in (
        lambda: services.record_public_value(done, ceremony.VALUE, by=stranger, at=ceremony.DRAWN_AT),
        lambda: services.run(done, by=stranger, at=ceremony.DRAWN_AT),
        lambda: services.publish(done, by=stranger, at=ceremony.DRAWN_AT),
        lambda: services.mark_dispatched(done, by=stranger, at=ceremony.DRAWN_AT),
        lambda: services.publish_outcomes(done, [], by=stranger, at=ceremony.DRAWN_AT),
    ):
        with pytest.raises(Forbidden, match="广东省"):
            act()


def test_a_draw_whose_checks_went_out_is_voided_no_more_not_even_on_an_earlier_request():
    draw, _ = ceremony.published()
    drawer, auditor, at = ceremony.officer("drawer"), ceremony.officer("d"), ceremony.DRAWN_AT
    services.request_void(draw, "程序有瑕疵重抽", by=drawer, at=at)
    services.mark_dispatched(draw, by=drawer, at=at)
    services.mark_dispatched(draw, by=drawer, at=at + HOUR)
    with pytest.raises(TooLate, match="派发"):
        services.approve_void(draw, "程序有瑕疵重抽", by=auditor, at=at)
    with pytest.raises(TooLate, match="派发"):
        services.request_void(draw, "程序有瑕疵重抽", by=drawer, at=at)


def test_a_voided_draw_is_not_dispatched_and_a_request_is_not_anothers_to_change():
    draw, _ = ceremony.published()
    drawer, at = ceremony.officer("drawer"), ceremony.DRAWN_AT
    services.request_void(draw, "程序有瑕疵重抽", by=drawer, at=at)
    with pytest.raises(WrongOrder, match="正等待批准"):
        services.request_void(draw, "另一个理由重抽", by=ceremony.officer("drawer2", "drawer"), at=at)
    services.approve_void(draw, "程序有瑕疵重抽", by=ceremony.officer("d"), at=at)
    with pytest.raises(WrongOrder, match="已作废"):
        services.mark_dispatched(draw, by=drawer, at=at)


@pytest.mark.parametrize(
    "edit",
    [
        {"inspectors": ["E10", "E11"]},
        {"object_id": "91440101MA0000999X", "name": "另一家"},
        {"is_reserve": True},
        {"is_synthetic": False},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_a_firm_or_an_inspector_swapped_in_the_database_is_neither_dispatched_nor_published(edit):
    draw, _ = ceremony.published()
    Selection.objects.filter(pk=services.result_of(draw).drawn[0].pk).update(**edit)
    with pytest.raises(Tampered, match="抽中名单"):
        services.mark_dispatched(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    with pytest.raises(Tampered, match="抽中名单"):
        ceremony.with_outcomes(draw)
    draw.refresh_from_db()
    assert draw.dispatched_at is None and not queries.state_of(draw).outcomes


def test_an_object_removed_from_the_kept_sample_is_missed():
    draw, _ = ceremony.published()
    services.result_of(draw).drawn[0].delete()
    with pytest.raises(Tampered, match="抽中名单"):
        services.mark_dispatched(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)


def test_no_plan_takes_the_file_name_of_anothers_results():
    with pytest.raises(PlanInvalid, match="results"):
        ceremony.a_plan(plan_id="2026-0312-1-results")
    assert ceremony.a_plan(plan_id="2026-results").plan_id == "2026-results"


@pytest.mark.parametrize("plan", [ceremony.a_plan, ceremony.open_plan])
def test_what_no_register_of_firms_has_is_drawn_by_its_number_in_the_library(plan):
    draw, _ = ceremony.published(plan(), ceremony.library_objects(plan()))
    results = ceremony.with_outcomes(draw)
    assert verify(results.read_bytes())["ok"], verify(results.read_bytes())["checks"]


def test_only_credit_codes_and_numbers_of_libraries_are_frozen():
    draw = ceremony.announced(ceremony.open_plan())
    frame = ceremony.objects(rates=("R1",))
    frame[3] = ceremony.replace(frame[3], object_id=frame[2].object_id + "\u200b")
    with pytest.raises(PlanInvalid, match="neither a credit code nor a number"):
        services.freeze(
            draw, frame, ceremony.inspectors(), by=ceremony.officer("drawer"), at=ceremony.FREEZE_AT
        )


def test_synthetic_files_say_so_in_their_names():
    draw, path = ceremony.published()
    assert path.name == "draw-2026-0312-1_SYNTHETIC.json"
    assert json.loads(path.read_bytes())["lines"][0][1]["body"]["is_synthetic"] is True
    assert (
        (path.parent / "draw-2026-0312-1-roster_SYNTHETIC.csv")
        .read_text("utf-8-sig")
        .startswith("protocol,leaf,")
    )
    drawn = (path.parent / "draw-2026-0312-1-drawn_SYNTHETIC.csv").read_text("utf-8-sig").splitlines()
    assert drawn[1].startswith("zhijian-draw/1,drawn,") and draw.rehearsal


def test_the_ledger_refuses_changes_and_finds_them_if_the_guards_are_gone():
    from zhijian.engines.facts.append_only import lifted

    ceremony.published()
    assert ledger.check() == 9
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update draws_ceremonyevent set actor = 'x' where n = 3")
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute("update draws_ceremonyevent set actor = 'x' where n = 3")
    with pytest.raises(Tampered, match="第3条"):
        ledger.check()


def test_one_step_is_taken_once_even_if_asked_twice():
    draw = ceremony.revealed(ceremony.frozen())
    first = services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    with pytest.raises(WrongOrder, match="不能重复"):
        services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    assert [one.leaf for one in services.result_of(draw).drawn] == [one.leaf for one in first.drawn]
    assert CeremonyEvent.objects.filter(kind="drawn").count() == 1


_KILLED = """
import os, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.engines.draws import ceremony
from zhijian.engines.draws import services, matching
from zhijian.engines.draws.models import Draw
draw = Draw.objects.first() or ceremony.revealed(ceremony.frozen())
if os.environ["STOP"] == "1":
    honest = services.ledger.append
    def stall(*arguments, **options):  # rows are written, the event is not: the worst moment
        print("STALLED", flush=True)
        import time
        time.sleep(60)
    services.ledger.append = stall
result = services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
path = services.publish(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
print(result.seed, len(result.drawn), path, flush=True)
"""


@pytest.mark.skipif(
    os.environ.get("ZHIJIAN_TEST_DATABASE") == "postgresql", reason="has a SQLite home of its own"
)
def test_killed_in_the_middle_a_draw_leaves_nothing_and_runs_again_with_the_same_result(
    tmp_path, empty_tables
):
    empty_tables.rename(tmp_path / "zhijian.sqlite3")
    environment = {**os.environ, "ZHIJIAN_HOME": str(tmp_path), "STOP": "1", "PYTHONPATH": "."}
    command = [sys.executable, "-c", _KILLED]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None and running.stdout.readline() == "STALLED\n"
        running.send_signal(signal.SIGKILL)
        running.wait()
    time.sleep(0.1)
    assert list((tmp_path / "published" / "draws").glob("draw-*1_SYNTHETIC.json")) == []
    again = subprocess.run(command, env=environment | {"STOP": "0"}, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    seed, drawn, path = again.stdout.split()
    expected = ceremony.published()[0]
    assert seed == queries.state_of(expected).drawn["seed"]
    assert int(drawn) == len(services.result_of(Draw.objects.get(pk=expected.pk)).drawn)
    kept = (
        tmp_path / "published" / "draws" / "ledger.json"
    ).read_bytes()  # written as each step was committed
    assert verify(Path(path).read_bytes(), kept)["ok"]
