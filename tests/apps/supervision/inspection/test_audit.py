"""The audit of draws: for auditors and leaders of the area; a draw is recomputed, what rings is answered."""

import json
import os
from dataclasses import asdict, replace
from datetime import date, timedelta
from time import perf_counter
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests.engines.draws import ceremony
from zhijian.apps.supervision.inspection import audit, kept_audit, kept_figures, targeting
from zhijian.apps.supervision.inspection.models import InspectionTask
from zhijian.datazone.lake import Lake
from zhijian.engines.draws import ledger, store, strictness
from zhijian.engines.draws.estimation import Estimate
from zhijian.engines.draws.models import Selection
from zhijian.engines.facts.models import Fact
from zhijian.security.models import AccessRecord
from zhijian.security.permissions import Forbidden

pytestmark = pytest.mark.django_db
COUNTS = dict.fromkeys(ceremony.DIVISIONS, 15)
ADDRESS = "/work/audit/draws/"


@pytest.fixture
def drawn(home):
    """A published draw of sixty firms, and who may look at it."""
    plan = ceremony.a_plan(rehearsal=False)
    draw, path = ceremony.published(plan, ceremony.objects(), register_counts=COUNTS)
    draw.organisation = ceremony.officer("province-auditor", "auditor").organisation
    draw.save()
    ledger.write()
    return SimpleNamespace(
        draw=draw,
        path=path,
        auditor=ceremony.officer("province-auditor", "auditor"),
        leader=ceremony.officer("province-leader", "leader"),
        inspector=ceremony.officer("province-inspector", "inspector"),
        lake=Lake(home.lake),
    )


def test_an_auditor_sees_a_draw_recomputed_and_the_look_is_recorded(client, drawn):
    client.force_login(drawn.auditor)
    assert "还没有计算" in client.get(ADDRESS).content.decode()
    page = client.post(f"{ADDRESS}compute/", follow=True).content.decode()
    assert "已重新计算并封存" in page and "与现在的数据相符" in page
    assert "复算相符" in page
    assert "登记簿60户，名单60户，说不清的0户" in page
    assert "没有发现不像公平抽签的情形" in page
    assert AccessRecord.objects.filter(part="draws_audit", officer=drawn.auditor).exists()


def test_a_draw_is_recomputed_when_asked_for(client, drawn):
    client.force_login(drawn.auditor)
    page = client.get(ADDRESS).content.decode()
    assert "未复算" in page and "复算相符" not in page
    assert 'href="?recompute=2026-0312/1"' in page
    assert "复算相符" in client.get(f"{ADDRESS}?recompute=2026-0312/1").content.decode()


def test_a_kept_result_is_old_once_a_byte_of_a_file_changes_and_then_says_what_does_not_agree(client, drawn):
    client.force_login(drawn.leader)
    client.post(f"{ADDRESS}compute/")
    data = drawn.path.read_bytes()
    drawn.path.chmod(0o644)
    drawn.path.write_bytes(data.replace(b'"order":1', b'"order":2', 1))
    old = client.get(ADDRESS).content.decode()
    assert "旧结果" in old and "复算相符" in old
    page = client.post(f"{ADDRESS}compute/", follow=True).content.decode()
    assert "复算不符" in page
    assert "文件与公布的指纹不符" in page
    assert "1份抽签文件复算不符" in client.get("/draws/audit/").content.decode()
    drawn.path.write_bytes(data)
    assert "与现在的数据相符" in client.get(ADDRESS).content.decode()  # the first result fits again


def test_a_look_reads_no_file_again_that_nobody_touched_and_the_night_reads_them_all(drawn, monkeypatch):
    kept_audit.compute("44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter)
    read, real = [], kept_audit._read_hash
    monkeypatch.setattr(kept_audit, "_read_hash", lambda path: read.append(path.name) or real(path))
    assert kept_audit.newest("44", drawn.lake, at=ceremony.DRAWN_AT).is_current
    assert read == []
    kept_audit.compute("44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter)
    assert sorted(read) == sorted([drawn.path.name, "ledger.json", "inspectors.jsonl", "objects.jsonl"])


def test_a_roster_exchanged_with_its_stamps_set_back_is_noticed_by_the_next_look(drawn):
    kept_audit.compute("44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter)
    roster = store.private_folder(drawn.draw) / "objects.jsonl"
    before, data = roster.stat(), roster.read_bytes()
    roster.chmod(0o644)
    roster.write_bytes(data[::-1])
    os.utime(roster, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not kept_audit.newest("44", drawn.lake, at=ceremony.DRAWN_AT).is_current


def test_selections_changed_behind_the_ledger_are_noticed_by_looks_within_ten_minutes(drawn):
    kept_audit.compute("44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter)
    assert kept_audit.newest("44", drawn.lake, at=ceremony.DRAWN_AT).is_current
    chosen = Selection.objects.filter(draw=drawn.draw, is_reserve=False)
    chosen.update(inspectors=chosen.first().inspectors)
    later = ceremony.DRAWN_AT + kept_audit.REMEMBERED
    assert not kept_audit.newest("44", drawn.lake, at=later).is_current


def test_selections_changed_behind_the_ledger_are_found_by_the_night_and_then_by_every_look(drawn):
    first, _ = kept_audit.compute("44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter)
    chosen = Selection.objects.filter(draw=drawn.draw, is_reserve=False)
    chosen.update(inspectors=chosen.first().inspectors)
    known = dict(kept_audit._read)
    later = ceremony.DRAWN_AT + timedelta(days=1)
    second, is_new = kept_audit.compute("44", drawn.lake, by="zhijian", at=later, clock=perf_counter)
    assert is_new and second.input_hash != first.input_hash
    kept_audit._read.update(known)  # another process, which read before
    assert kept_audit.newest("44", drawn.lake, at=ceremony.DRAWN_AT).input_hash == second.input_hash


def test_the_same_input_is_reckoned_once_and_everybody_sees_its_sums_alone(client, drawn):
    first, is_new = kept_audit.compute(
        "44", drawn.lake, by="zhijian", at=ceremony.DRAWN_AT, clock=perf_counter
    )
    assert is_new
    assert kept_audit.compute_kept_scopes(drawn.lake, at=ceremony.DRAWN_AT, clock=perf_counter) == 0
    page = client.get("/draws/audit/").content.decode()
    assert "没有发现不像公平抽签的情形" in page and "复算相符1次，不符0次" in page
    assert "60户次中0户次" in page and "没有一次抽签作废" in page
    assert not any(one.object_id in page for one in ceremony.objects())
    assert f"tests,{len(first.tests)}" in client.get("/draws/audit/?format=csv").content.decode()


def test_an_inspector_does_not_audit(client, drawn):
    client.force_login(drawn.inspector)
    assert client.get(ADDRESS).status_code == 403
    assert client.get(f"{ADDRESS}tests.csv").status_code == 403
    with pytest.raises(Forbidden):
        audit.answer(
            "order", "draws", "explained", "没有问题", by=drawn.inspector, at=ceremony.DRAWN_AT, told={}
        )


def test_pairs_that_always_go_together_ring_and_are_answered(client, drawn):
    Selection.objects.filter(draw=drawn.draw, is_reserve=False).update(
        inspectors=Selection.objects.filter(draw=drawn.draw, is_reserve=False).first().inspectors
    )
    one = audit.held(drawn.draw)
    ringing = [test for test in audit.findings([one], drawn.lake) if test.rings]
    assert [test.kind for test in ringing] == ["pairs"]
    client.force_login(drawn.leader)
    page = client.post(f"{ADDRESS}compute/", follow=True).content.decode()
    assert "1项检验不像公平抽签" in page
    assert "1项检验报警，还没有答复" in client.get("/draws/audit/").content.decode()
    pair = " + ".join(sorted(Selection.objects.filter(is_reserve=False).first().inspectors[:2]))
    key = f"pairs@44/{timezone.localdate().year}/{pair}"
    refused = client.post(f"{ADDRESS}answer/", {"finding": key, "verdict": "look_into"}, follow=True)
    assert "请写明理由或要查什么" in refused.content.decode()
    assert not Fact.objects.filter(kind=audit.KIND).exists()
    said = {"finding": key, "verdict": "look_into", "reason": "请纪检组核查两人的派发记录"}
    assert (
        "请纪检组核查两人的派发记录" in client.post(f"{ADDRESS}answer/", said, follow=True).content.decode()
    )
    explained = said | {"verdict": "explained", "reason": "系统迁移时误写，已更正"}
    refused = client.post(f"{ADDRESS}answer/", explained, follow=True).content.decode()
    assert (
        "不能由您认定" in refused and Fact.objects.filter(kind=audit.KIND).count() == 1
    )  # the own unit's draw
    client.force_login(drawn.auditor)
    client.post(f"{ADDRESS}answer/", explained)
    assert Fact.objects.filter(kind=audit.KIND).count() == 2
    assert "没有发现不像公平抽签的情形" in client.get("/draws/audit/").content.decode()
    assert audit.answers()[key].payload["verdict"] == "explained"
    assert client.post(f"{ADDRESS}answer/", said | {"finding": "no such"}).status_code == 404


def test_who_held_a_draw_does_not_explain_it_whatever_else_the_person_is(drawn):
    holder = ceremony.officer(drawn.draw.events.filter(kind="announced").get().actor)
    holder.roles = ["drawer", "auditor"]
    holder.save()
    with pytest.raises(Forbidden, match="已说明"):
        audit.check_explains("explained", [drawn.draw], by=holder)
    audit.check_explains("look_into", [drawn.draw], by=holder)
    audit.check_explains("explained", [drawn.draw], by=drawn.auditor)


@pytest.mark.parametrize(
    ("seen", "expected", "chance", "is_covered"),
    [
        (8, 2, 0.01, True),
        (8, 2, 0.0100001, True),  # another rounding
        (9, 2.5, 0.02, True),  # a longer history, and more likely by chance
        (9, 2, 0.004, False),
        (9, 2, 0.01, False),  # as unlikely as throws can tell, and further off
        (7, 2, 0.01, True),
    ],
)
def test_what_was_explained_is_open_again_once_it_is_worse_than_it_was(seen, expected, chance, is_covered):
    said = SimpleNamespace(payload={"verdict": "explained", **audit.figures(seen=8, expected=2, chance=0.01)})
    assert audit.holds(said, seen=seen, expected=expected, chance=chance) is is_covered


def test_a_clue_without_a_law_of_chance_is_open_again_when_more_is_seen():
    said = SimpleNamespace(
        payload={"verdict": "explained", **audit.figures(seen=3, expected=None, chance=None)}
    )
    assert audit.holds(said, seen=3, expected=None, chance=None)
    assert not audit.holds(said, seen=4, expected=None, chance=None)


def test_an_explained_pair_that_went_out_oftener_since_rings_again_for_everybody(client, drawn):
    chosen = Selection.objects.filter(draw=drawn.draw, is_reserve=False)
    chosen.update(inspectors=chosen.first().inspectors)
    client.force_login(drawn.auditor)
    client.post(f"{ADDRESS}compute/")
    kept = kept_audit.newest_told()
    (test,) = (one for one in kept.tests if one.rings)
    told = audit.figures(seen=test.seen - 1, expected=test.expected, chance=test.chance * 10)
    audit.answer(
        kept.key_of(test),
        "draws",
        "explained",
        "两人同一小组",
        by=drawn.auditor,
        at=timezone.now(),
        told=told,
    )
    assert "1项检验报警，还没有答复" in client.get("/draws/audit/").content.decode()
    assert "答复之后更重了" in client.get(ADDRESS).content.decode()


def test_named_firms_that_are_never_drawn_are_asked_about_together(client, drawn):
    chosen = set(Selection.objects.filter(is_reserve=False).values_list("object_id", flat=True))
    never = [one.object_id for one in ceremony.objects() if one.object_id not in chosen]
    found = audit.spared([audit.held(drawn.draw)], set(never))
    assert found.seen == 0
    assert found.chance < 0.01
    client.force_login(drawn.auditor)
    page = client.post(ADDRESS, {"codes": "\n".join(never)}).content.decode()
    assert "这样少或更少的机会" in page
    assert "不在可检验的名单里" in client.post(ADDRESS, {"codes": "91440101MA99999999"}).content.decode()


def test_in_english_a_draw_is_called_as_its_checks_are(client, drawn):
    InspectionTask.objects.create(
        plan_id=drawn.draw.plan_id, attempt=drawn.draw.attempt, title=drawn.draw.title, title_en="Sample: a draw",
        organisation=drawn.draw.organisation, drawn_on=date(2026, 11, 22), due_on=date(2026, 12, 31),
        dispatched_by=drawn.leader, dispatched_at=timezone.now(),
    )  # fmt: skip
    client.force_login(drawn.auditor)
    client.cookies["django_language"] = "en"
    page = client.get(ADDRESS).content.decode()
    assert "Sample: a draw" in page and drawn.draw.title not in page
    client.cookies["django_language"] = "zh-hans"
    assert drawn.draw.title in client.get(ADDRESS).content.decode()


def test_a_damaged_roster_is_named_and_does_not_stop_the_page(client, drawn, home):
    (home.root / "private" / "draws" / "2026-0312-1" / "objects.jsonl").unlink()
    client.force_login(drawn.auditor)
    page = client.post(f"{ADDRESS}compute/", follow=True).content.decode()
    assert "抽签2026-0312/1的内部名单缺失或损坏" in page


def test_an_area_with_more_exclusions_by_hand_than_its_size_explains_rings():
    one = SimpleNamespace(
        name="P/1",
        state=SimpleNamespace(
            frozen={
                "areas": [
                    {"code": "440100", "objects": 500, "excluded": [{"reason": "局里要求", "count": 1}]},
                    {"code": "440300", "objects": 500, "excluded": [{"reason": "局里要求", "count": 20}]},
                    {"code": "440600", "objects": 500, "excluded": [{"reason": "已注销", "count": 90}]},
                ]
            }
        ),
    )
    (found,) = audit._excluded(one)
    assert found.parts[0][0] == "440300"
    assert found.chance < 1e-6


def test_a_firm_is_as_old_as_it_was_on_the_day_of_the_announcement():
    day = ceremony.ANNOUNCED_AT.date()
    assert audit.age_group(None, day) == "?"
    assert audit.age_group(day - timedelta(days=300), day) == "under_1"
    assert audit.age_group(day - timedelta(days=4000), day) == "over_10"


def test_who_is_answered_for_is_kept_in_the_finding_key():
    test = audit.Finding("order", "P/1", 1, 1, 0.5)
    assert (test.key, replace(test, draw="").key) == ("order@P/1", "order")


def test_a_whole_account_of_steering_is_written_and_read_back(drawn):
    share = Estimate(0.1, 0.05, 0.2, 100, 20, 3)
    told = targeting.Year(
        2026, (targeting.DrawHits(drawn.draw, 100, 20, 4, 1, share),), ((drawn.draw, 2),), (targeting.Group("A", 9, 3, 1, share),),
        (targeting.Group("1", 9, 0, 0, None),), targeting.Effect(20, 80, 3, 9, -0.1, -0.2, 0.01),
    )  # fmt: skip
    assert kept_figures._read_targeting(json.loads(json.dumps(kept_figures._written_targeting(told)))) == told
    office = strictness.office(
        [strictness.Visit("c", (f"p{n % 4}", f"q{n % 5}"), n % 3 == 0) for n in range(60)], fewest=5
    )
    kept = json.loads(json.dumps({"visits": 60, "told": asdict(office)}))
    assert kept_figures._read_office(kept) == kept_figures.Office(60, office)
