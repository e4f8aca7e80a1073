"""Pulls from a department's own database, on PostgreSQL and on MariaDB."""

import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.datazone.sources.conftest import shops
from zhijian.datazone.lake import Lake
from zhijian.datazone.sources import STATE, pull, state_of
from zhijian.datazone.sources import state as states
from zhijian.datazone.sources.errors import CannotReach, NoSuchColumns, PullRunning, SchemaChanged
from zhijian.datazone.sources.pulling import _alone

TABLE = "raw_registry__shops"
AT = datetime(2026, 11, 2, tzinfo=UTC)


def take(lake, declaration, office, **more):
    return pull(lake, declaration, more.pop("url", office.url), by="测试", at=AT, **more)


def rows(lake):
    return sorted(lake.read(TABLE).to_pylist(), key=lambda row: (row["id"], row["delivery"]))


def test_a_pull_brings_every_row_with_its_delivery_and_the_second_brings_nothing(lake, declare, office):
    assert take(lake, declare(), office).rows_new == 3
    again = take(lake, declare(), office)
    assert (again.rows_read, again.rows_new, again.slices) == (3, 0, 0)
    first = rows(lake)[0]
    assert (first["name"], first["capital"]) == ("广州第1商店", Decimal("12345678901234567890.11"))
    assert (first["delivery"], first["pulled_at"]) == ("registry-shops-000001", AT)
    assert first["is_synthetic"] is True


def test_a_changed_row_comes_as_a_new_version_and_the_old_one_stays(lake, declare, office):
    take(lake, declare(), office)
    office.run("update shops set name = '新名', changed_at = '2026-11-01 09:00:00' where id = 2")
    assert take(lake, declare(), office).rows_new == 1
    assert [row["name"] for row in rows(lake) if row["id"] == 2] == ["广州第2商店", "新名"]


def test_a_row_committed_late_below_the_watermark_is_found_by_the_overlap(lake, declare, office):
    take(lake, declare(), office)
    office.run("insert into shops values (9, '迟到', 1, 1, '2026-11-01 08:01:30')")
    assert take(lake, declare(), office).rows_new == 1
    assert rows(lake)[-1]["name"] == "迟到"


def test_slices_bring_the_same_rows_each_once(lake, declare, office):
    office.run(
        "update shops set changed_at = '2026-11-01 08:02:00' where id < 3"
    )  # equal watermarks stay together
    report = take(lake, declare(), office, slice_rows=1)
    assert (report.slices, report.rows_new) == (2, 3)
    assert [row["id"] for row in rows(lake)] == [1, 2, 3]


def test_numbers_and_queries_serve_as_well(lake, declare, office):
    declaration = declare(
        table=None, query="select id, name from shops where id < 3", watermark="id", overlap="1"
    )
    assert take(lake, declaration, office).rows_new == 2
    assert state_of(lake, TABLE).watermark == "int 2"


def test_a_new_column_and_a_wider_type_are_taken_in(lake, declare, office):
    take(lake, declare(), office)
    wider = "alter column employees type bigint" if office.kind == "postgresql" else "modify employees bigint"
    office.run(f"alter table shops add column phone varchar(20); alter table shops {wider}")
    office.run("insert into shops values (4, '新店', 1, 5000000000, '2026-11-01 09:00:00', '020')")
    take(lake, declare(overlap=0), office)
    newest = rows(lake)[-1]
    assert (newest["employees"], newest["phone"]) == (5_000_000_000, "020")


@pytest.mark.parametrize("change", ["drop column name", "rename column name to title", "text"])
def test_a_breaking_change_is_refused_by_name_and_writes_nothing(lake, declare, office, change):
    take(lake, declare(), office)
    if change == "text":
        verb = "alter column employees type text" if office.kind == "postgresql" else "modify employees text"
        office.run(f"alter table shops {verb}")
    else:
        office.run(f"alter table shops {change}")
    office.run("update shops set changed_at = '2026-11-01 10:00:00'")
    before = lake.version(TABLE), state_of(lake, TABLE)
    with pytest.raises(SchemaChanged, match="employees" if change == "text" else "name"):
        take(lake, declare(), office)
    assert (lake.version(TABLE), state_of(lake, TABLE)) == before


def test_what_is_not_there_is_named(lake, declare, office):
    with pytest.raises(NoSuchColumns, match="nosuch"):
        take(lake, declare(table="nosuch"), office)
    with pytest.raises(NoSuchColumns, match="nomark"):
        take(lake, declare(watermark="nomark"), office)
    with pytest.raises(NoSuchColumns, match="whole number"):
        take(lake, declare(watermark="name"), office)
    with pytest.raises(NoSuchColumns, match="nokey"):
        take(lake, declare(key="[nokey]"), office)
    assert lake.tables() == []


@pytest.mark.parametrize("office", ["postgresql"], indirect=True)
def test_an_empty_watermark_and_a_double_key_are_refused(lake, declare, office):
    office.run("update shops set employees = null where id = 2")
    with pytest.raises(NoSuchColumns, match="never null"):
        take(lake, declare(watermark="employees", overlap=0), office)
    office.run("update shops set employees = 7")
    with pytest.raises(NoSuchColumns, match="not unique"):
        take(lake, declare(key="[employees]"), office)


def test_a_wrong_password_host_or_database_is_told_at_once_without_the_password(lake, declare, servers):
    office, started = servers["mysql"], time.monotonic()
    with pytest.raises(CannotReach, match="user and password") as refused:
        take(lake, declare(), office, url=office.url.replace("secret-word", "wrong-word"))
    assert "wrong-word" not in str(refused.value)
    with pytest.raises(CannotReach, match="nosuch"):
        take(lake, declare(), office, url=servers["postgresql"].url.replace("/postgres", "/nosuch"))
    with pytest.raises(CannotReach, match=r"127\.0\.0\.1:1/"):
        take(lake, declare(), office, url="mysql://a:b@127.0.0.1:1/x")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("office", ["postgresql"], indirect=True)
def test_two_pulls_of_one_table_at_once_are_not_done(lake, declare, office):
    with _alone(lake, declare()), pytest.raises(PullRunning):
        take(lake, declare(), office)


def _die_at(moment, root, declaration, url):
    lake = Lake(root)
    if moment == "before the watermark":
        states.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    elif moment == "before publishing":
        lake._publish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    else:
        done = []
        pull(
            lake,
            declaration,
            url,
            by="测试",
            at=AT,
            slice_rows=1,
            progress=lambda _: done.append(1) or (len(done) == 2 and os.kill(os.getpid(), signal.SIGKILL)),
        )
    pull(lake, declaration, url, by="测试", at=AT, slice_rows=1)


@pytest.mark.parametrize(
    ("moment", "left"), [("before the watermark", 0), ("before publishing", 0), ("after two slices", 2)]
)
def test_a_pull_that_is_killed_leaves_whole_slices_and_goes_on(lake, declare, servers, moment, left):
    office = servers["mysql" if left else "postgresql"]
    shops(office)
    child = multiprocessing.get_context("spawn").Process(
        target=_die_at, args=(moment, lake.root, declare(), office.url)
    )
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert (lake.count(TABLE) if lake.exists(TABLE) else 0) == left
    assert (state_of(lake, TABLE).rows_total if lake.exists(STATE) else 0) == left
    take(lake, declare(), office)
    assert [row["id"] for row in rows(lake)] == [1, 2, 3]
    assert state_of(lake, TABLE).rows_total == 3


@pytest.mark.parametrize("office", ["postgresql"], indirect=True)
def test_rows_with_a_contract_are_judged_by_it_in_the_same_transaction(lake, declare, office):
    office.run("alter table shops add column uscc varchar(18)")
    office.run("update shops set uscc = '91440101MA59ABCD1D' where id = 1")
    declaration = declare(
        table=None,
        query="select id, changed_at, name, uscc, '2020-01-01' as 注册日期, '广东省' as 所属省份 from shops s",
        contract="registration__enterprises",
    )
    take(lake, declaration, office)
    refused = lake.count("standard_quarantine")
    assert refused > 0
    assert lake.count(TABLE) == 3
    assert state_of(lake, TABLE).rows_total == 3
