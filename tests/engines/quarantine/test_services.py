"""A refused row is put right, let pass or sent back: by a steward, once, with both values kept."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from tests.datazone.ingest.samples import AT, TABLE, code, csv_text, line, quarantined, take_in
from tests.portal.pages import town
from zhijian.datazone import quality, quarantine
from zhijian.datazone.lake import Lake
from zhijian.engines.quarantine import queries, services
from zhijian.engines.quarantine.models import Outcome, Resolution
from zhijian.engines.quarantine.policies import Conflict, Refusal

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LATER = AT + timedelta(hours=1)
WRONG = code(2)[:17] + ("0" if code(2)[17] != "0" else "1")


@pytest.fixture
def lake(tmp_path):
    lake = Lake(tmp_path / "lake")
    file = tmp_path / "rows.csv"
    file.write_text(
        csv_text(line(1), line(2, uscc=WRONG), line(3, registered_on="2019-13-40", uscc=WRONG)), "utf-8"
    )
    take_in(lake, file, is_synthetic=True)
    return lake


@pytest.fixture
def steward():
    return town.officer("steward", "steward")


def row(lake, source_line=3):
    (sha,) = {one["delivery_sha256"] for one in quarantined(lake)}
    return quarantine.find(lake, ("registration__enterprises", sha, source_line))


def test_a_row_that_breaks_several_rules_is_one_row_to_work_on(lake):
    total, rows = quarantine.page(lake, {}, [], offset=0, limit=50)
    assert total == 2
    assert [(one.source_line, one.rule_ids) for one in rows] == [(3, ["C-102"]), (4, ["C-102", "C-122"])]
    assert {one["rule_id"]: one["count"] for one in quarantine.open_by_rule(lake, [])} == {
        "C-102": 2,
        "C-122": 1,
    }


def test_a_fixed_row_passes_the_same_contract_and_reaches_the_standard_table_with_its_history(lake, steward):
    done = services.fix(
        lake, row(lake), {"uscc": code(2), "name": "示例2有限公司"}, seen=0, by=steward, at=LATER
    )
    assert done.outcome == Outcome.ACCEPTED
    assert done.changes == [{"field": "uscc", "before": WRONG, "after": code(2)}]
    added = [one for one in lake.read(TABLE).to_pylist() if one["uscc"] == code(2)]
    assert (
        len(added) == 1 and added[0]["is_synthetic"] and added[0]["delivery_sha256"] == done.correction_sha256
    )
    original = (lake.deliveries / done.correction_sha256 / "original").read_text("utf-8")
    assert f'"_correction_of": "{row(lake).delivery_sha256}#3"' in original
    assert [one["state"] for one in quarantined(lake)] == ["open"] * 3
    total, _ = quarantine.page(lake, {}, queries.settled_keys(), offset=0, limit=50)
    assert total == 1


def test_a_row_fixed_wrongly_is_refused_again_and_can_be_fixed_after(lake, steward):
    again = services.fix(lake, row(lake), {"uscc": WRONG[:16] + "00"}, seen=0, by=steward, at=LATER)
    assert again.state == "refused" and again.findings[0]["rule_id"] == "C-102"
    assert len(quality.reports(lake)) == 1 and len(quarantined(lake)) == 3
    assert services.fix(lake, row(lake), {"uscc": code(2)}, seen=1, by=steward, at=LATER).step == 2


def test_a_waived_row_passes_as_it_was_with_a_reason(lake, steward):
    with pytest.raises(Refusal, match="请写明理由"):
        services.waive(lake, row(lake), " ", seen=0, by=steward, at=LATER)
    done = services.waive(lake, row(lake), "登记机关证实为早期代码", seen=0, by=steward, at=LATER)
    assert done.state == "waived" and done.reason == "登记机关证实为早期代码"
    assert WRONG in lake.read(TABLE)["uscc"].to_pylist()
    report = quality.reports(lake, "registration__enterprises")[0]
    assert [
        (one["rule_id"], one["severity"], one["count"])
        for one in report["rules"]
        if one["rule_id"] == "C-102"
    ] == [("C-102", "warning", 1)]


def test_a_date_that_is_none_cannot_be_waived(lake, steward):
    with pytest.raises(Refusal, match="规则C-122不能放行"):
        services.waive(lake, row(lake, 4), "来源坚持如此", seen=0, by=steward, at=LATER)


def test_a_returned_row_leaves_the_list_and_writes_nothing_to_the_lake(lake, steward):
    before = lake.version(TABLE)
    done = services.send_back(row(lake), "请登记机关核对代码", seen=0, by=steward, at=LATER)
    assert done.state == "returned" and lake.version(TABLE) == before
    assert queries.counts() == {"fixed": 0, "waived": 0, "returned": 1}


def test_the_second_of_two_officers_at_once_is_told_who_was_quicker(lake, steward):
    other = town.officer("wang", "steward")
    services.send_back(row(lake), "请登记机关核对代码", seen=0, by=other, at=LATER)
    with pytest.raises(Conflict, match="示例wang已先处理第3行（退回来源）"):
        services.fix(lake, row(lake), {"uscc": code(2)}, seen=0, by=steward, at=LATER)
    assert Resolution.objects.count() == 1 and code(2) not in lake.read(TABLE)["uscc"].to_pylist()


def test_one_row_that_cannot_be_waived_does_not_stop_the_others(lake, steward):
    rows = [(row(lake, 3), 0), (row(lake, 4), 0)]
    done = services.each(
        rows, lambda one, seen: services.waive(lake, one, "已向登记机关核实", seen=seen, by=steward, at=LATER)
    )
    assert done.count(Outcome.ACCEPTED) == 1 and [one.source_line for one, _ in done.refusals] == [4]


def test_an_act_is_never_changed_even_by_the_database(lake, steward):
    services.send_back(row(lake), "请登记机关核对代码", seen=0, by=steward, at=LATER)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        QuerySet(Resolution).update(reason="另一个理由")


def test_a_lake_that_cannot_write_leaves_no_record(lake, steward, monkeypatch):
    from zhijian.datazone.ingest import resubmission

    def full(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(resubmission, "resubmit", full)
    with pytest.raises(OSError, match="No space"):
        services.fix(lake, row(lake), {"uscc": code(2)}, seen=0, by=steward, at=LATER)
    assert not Resolution.objects.exists()
