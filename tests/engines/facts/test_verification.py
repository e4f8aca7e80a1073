"""Whoever changes what was sealed is found, by name, even with every right on the database."""

import contextlib
import json
import os
import sqlite3
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.core.management import CommandError, call_command
from django.db import DatabaseError, DataError, connection, transaction

from tests.engines.facts.conftest import FIRM, MORNING
from zhijian.engines.facts import append_only, seals, services
from zhijian.engines.facts.errors import SealRefused
from zhijian.engines.facts.models import GUARDED_TABLES, Fact, Seal
from zhijian.engines.facts.verification import Verification

pytestmark = [pytest.mark.database, pytest.mark.django_db]

DAY, NEXT = date(2026, 11, 2), date(2026, 11, 3)
NIGHT, NEXT_NIGHT = datetime(2026, 11, 2, 16, 10, tzinfo=UTC), datetime(2026, 11, 3, 16, 10, tzinfo=UTC)


@pytest.fixture
def facts(record, home):
    """Three facts sealed on one day, two on the next, and one that no seal has yet."""
    made = [record(str(n), at=MORNING + timedelta(minutes=n)) for n in range(3)]
    seals.seal_day(DAY, at=NIGHT)
    made += [record(str(n), at=MORNING + timedelta(days=1, minutes=n)) for n in (3, 4)]
    seals.seal_day(NEXT, at=NEXT_NIGHT)
    return [*made, record("5", at=NEXT_NIGHT + timedelta(hours=9))]


def found(home, **how):
    return [finding for finding in Verification(home=home, **how).findings() if finding.code != "guard"]


def key(fact):
    return fact.pk if connection.vendor == "postgresql" else fact.pk.hex


def test_of_an_honest_log_nothing_is_said(facts, home):
    checked = Verification(home=home)
    assert list(checked.findings()) == []
    assert (checked.facts, checked.sealed, checked.seals) == (6, 5, 2)


def test_before_the_first_fact_and_the_first_seal_nothing_is_said(db, home):
    assert list(Verification(home=home).findings()) == []


EDITS = {
    "payload": 'UPDATE facts_fact SET payload = \'{"codes": ["4"], "authority": "示例市市场监督管理局"}\' WHERE fact_id = %s',
    "occurred_on": "UPDATE facts_fact SET occurred_on = '2026-10-01' WHERE fact_id = %s",
    "subject": "UPDATE facts_fact SET subject = 'another' WHERE fact_id = %s",
    "kind": "UPDATE facts_fact SET kind = 'complaint.upheld' WHERE fact_id = %s",
    "public_until": "UPDATE facts_fact SET public_until = '2026-11-02' WHERE fact_id = %s",
    "recorder": "UPDATE facts_fact SET recorded_by = 'somebody else' WHERE fact_id = %s",
    "recorded_at": "UPDATE facts_fact SET recorded_at = '2026-11-01 00:00:00+00:00' WHERE fact_id = %s",
    "source_key": "UPDATE facts_fact SET source_key = 'another' WHERE fact_id = %s",
    "legal_basis": "UPDATE facts_fact SET legal_basis = '' WHERE fact_id = %s",
    "is_synthetic": "UPDATE facts_fact SET is_synthetic = NOT is_synthetic WHERE fact_id = %s",
    "is_withdrawal": "UPDATE facts_fact SET is_withdrawal = NOT is_withdrawal WHERE fact_id = %s",
    "salt": "UPDATE facts_fact SET salt = '' WHERE fact_id = %s",
    "marks": "UPDATE facts_fact SET marks = '' WHERE fact_id = %s",
    "leaf_hash": "UPDATE facts_fact SET leaf_hash = '' WHERE fact_id = %s",
}


@pytest.mark.parametrize("field", EDITS)
@pytest.mark.parametrize("place", [0, 4])
def test_a_sealed_fact_edited_in_sql_is_named_with_the_field_that_differs(
    facts, home, administrator, field, place
):
    administrator(EDITS[field], key(facts[place]))
    [finding] = found(home)
    assert (finding.code, finding.where) == ("altered", str(facts[place].pk))
    assert field in finding.message_en and field in finding.message_zh


def test_an_edit_of_a_fact_that_no_seal_has_yet_is_named_too(facts, home, administrator):
    administrator(EDITS["payload"], key(facts[5]))
    [finding] = found(home)
    assert (finding.where, "payload" in finding.message_en) == (str(facts[5].pk), True)


def test_an_edit_that_mends_every_checksum_of_the_row_is_still_found(facts, home, administrator):
    from zhijian.engines.facts.leaves import hash_of, leaf_members, marks_of, texts_of

    forged = Fact.objects.get(pk=facts[1].pk)
    forged.subject = "another"
    texts = texts_of(leaf_members(forged))
    administrator(
        "UPDATE facts_fact SET subject = %s, leaf_hash = %s, marks = %s WHERE fact_id = %s",
        "another", hash_of(texts).hex(), marks_of(texts), key(forged),
    )  # fmt: skip
    [finding] = found(home)
    assert finding.where == str(forged.pk)
    assert "altered after the seal of 2026-11-02" in finding.message_en


def test_an_edit_that_mends_the_log_as_well_breaks_the_root_and_the_published_file(
    facts, home, administrator
):
    from zhijian.engines.facts.leaves import hash_of, leaf_members, marks_of, texts_of

    forged = Fact.objects.get(pk=facts[1].pk)
    forged.subject = "another"
    texts = texts_of(leaf_members(forged))
    leaf = hash_of(texts).hex()
    administrator(
        "UPDATE facts_fact SET subject = %s, leaf_hash = %s, marks = %s WHERE fact_id = %s",
        "another", leaf, marks_of(texts), key(forged),
    )  # fmt: skip
    administrator("UPDATE facts_sealedleaf SET leaf_hash = %s WHERE fact_id = %s", leaf, key(forged))
    codes = [(finding.code, finding.where) for finding in found(home)]
    assert codes == [("published", "2026-11-02.leaves.txt"), ("root", "2026-11-02"), ("root", "2026-11-03")]


def remember(count, *, day, at):
    drafts = (
        services.Draft("inspection.result", FIRM, date(2026, 11, 1), {"codes": ["1"], "authority": "示例局"}, "many", f"{day}/{n}", is_synthetic=True)
        for n in range(count)
    )  # fmt: skip
    services.record_many(drafts, by="demo", at=at)
    seals.seal_day(day, at=at + timedelta(hours=15, minutes=10))


NODES = {
    "changed": ("UPDATE facts_treenode SET node_hash = %s WHERE position = 1", "0" * 64, ["8/1"]),
    "missing": ("DELETE FROM facts_treenode WHERE position = 0 AND node_hash <> %s", "", ["8/0"]),
    "moved": ("UPDATE facts_treenode SET position = 7 WHERE position = 1 AND node_hash <> %s", "", ["8/1", "8/7"]),
    "raised": ("UPDATE facts_treenode SET level = 9 WHERE position = 1 AND node_hash <> %s", "", ["8/1", "9/1"]),
}  # fmt: skip


@pytest.mark.parametrize("how", NODES)
def test_a_kept_root_of_a_subtree_that_is_not_what_its_leaves_give_is_named(home, db, administrator, how):
    remember(300, day=DAY, at=MORNING)
    remember(300, day=NEXT, at=MORNING + timedelta(days=1))
    assert found(home) == []
    sql, value, named = NODES[how]
    administrator(sql, value)
    assert [(finding.code, finding.where) for finding in found(home)] == [("node", name) for name in named]


def test_a_history_rewritten_whole_is_found_with_a_copy_that_somebody_kept(facts, home, administrator):
    kept = json.loads((home.published / "seals" / "log.json").read_text())
    for path in (home.published / "seals").iterdir():
        path.unlink()
    administrator("DELETE FROM facts_fact WHERE fact_id = %s", key(facts[1]))
    for table in ("facts_sealedleaf", "facts_seal"):
        administrator(f"DELETE FROM {table}")
    seals.seal_day(DAY, at=NIGHT)
    seals.seal_day(NEXT, at=NEXT_NIGHT)
    assert found(home) == []  # nothing on this machine remembers
    assert [finding.where for finding in found(home, kept=kept)] == ["2026-11-02", "2026-11-03"]


def test_a_deleted_fact_is_named(facts, home, administrator):
    administrator("DELETE FROM facts_fact WHERE fact_id = %s", key(facts[2]))
    [finding] = found(home)
    assert (finding.code, finding.where) == ("deleted", str(facts[2].pk))


def test_a_fact_deleted_with_its_place_in_the_log_leaves_a_gap(facts, home, administrator):
    administrator("DELETE FROM facts_fact WHERE fact_id = %s", key(facts[0]))
    administrator("DELETE FROM facts_sealedleaf WHERE fact_id = %s", key(facts[0]))
    codes = {finding.code for finding in found(home)}
    assert {"log", "root", "published"} <= codes


def test_a_fact_inserted_with_an_earlier_date_is_named(facts, home, administrator):
    from zhijian.engines.facts import services

    administrator("DELETE FROM facts_seal WHERE day >= '2026-11-01'")  # so that the services let it in
    seals_kept = json.loads((home.published / "seals" / "log.json").read_text())["seals"]
    inserted = services.record(
        "inspection.result", subject=FIRM, occurred_on=DAY, payload={"codes": ["1"], "authority": "示例"},
        source="x", source_key="x", by="demo", at=MORNING + timedelta(hours=1),
    )  # fmt: skip
    for kept in seals_kept:
        Seal.objects.create(**{name: value for name, value in kept.items() if name != "form"})
    [finding] = found(home)
    assert (finding.code, finding.where) == ("inserted", str(inserted.pk))


@pytest.mark.parametrize(
    "change",
    ["root = repeat_root", "tree_size = tree_size + 1", "count = count - 1", "previous_root = repeat_root",
     "sealed_at = '2026-11-04 00:00:00+00:00'", "sealed_through = '2026-11-04 00:00:00+00:00'"],
)  # fmt: skip
def test_an_edited_seal_is_named(facts, home, administrator, change):
    sql = change.replace("repeat_root", f"'{'ab' * 32}'").replace("count = count", '"count" = "count"')
    administrator(f"UPDATE facts_seal SET {sql} WHERE day = '2026-11-02'")
    assert "2026-11-02.json" in {finding.where for finding in found(home)}


def test_a_deleted_seal_is_found(facts, home, administrator):
    administrator("DELETE FROM facts_seal WHERE day = '2026-11-03'")
    findings = found(home)
    assert {"2026-11-03.json", "log.json"} <= {finding.where for finding in findings}
    assert sum("belongs to no seal" in finding.message_en for finding in findings) == 2


@pytest.mark.parametrize("name", ["2026-11-02.json", "log.json", "2026-11-03.leaves.txt"])
def test_an_edited_or_missing_published_file_is_named(facts, home, name):
    path = home.published / "seals" / name
    text = path.read_text()
    for changed in (text.replace("a", "b", 1), text[:-3], text + "x\n", ""):
        path.write_text(changed)
        assert [finding.where for finding in found(home)][:1] == [name], changed
    path.unlink()
    [finding] = found(home)
    assert (finding.where, "missing" in finding.message_en) == (name, True)


def test_a_published_file_says_what_differs(facts, home):
    path = home.published / "seals" / "2026-11-02.json"
    path.write_text(path.read_text().replace('"count":3', '"count":4'))
    [finding] = found(home)
    assert "count is 4, not 3" in finding.message_en


def test_a_fact_written_past_the_services_seldom_obeys_its_kind(facts, home, administrator):
    administrator("UPDATE facts_fact SET payload = '{\"codes\": []}' WHERE fact_id = %s", key(facts[5]))
    assert {"altered", "undeclared"} == {finding.code for finding in found(home)}


def test_a_payload_broken_beyond_reading_is_named_and_the_rest_is_still_checked(facts, home, administrator):
    if connection.vendor == "postgresql":
        administrator(
            "UPDATE facts_fact SET payload = '{\"codes\": [0.5]}' WHERE fact_id = %s", key(facts[0])
        )
    else:
        # A constraint of the table demands JSON; an administrator switches it off.
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 1")
        administrator("UPDATE facts_fact SET payload = '{\"codes\": [' WHERE fact_id = %s", key(facts[0]))
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 0")
    administrator(EDITS["subject"], key(facts[4]))
    assert [finding.where for finding in found(home)] == [str(facts[0].pk), str(facts[4].pk)]


def test_a_missing_trigger_is_reported(facts, home):
    append_only.drop_guards(connection, "facts_seal")
    [finding] = Verification(home=home).findings()
    assert (finding.code, finding.where) == ("guard", "facts_seal")


def idle(table, verb):
    """Statements that make a trigger under the right name which never does anything."""
    name = f"{append_only.PREFIX}_{table}_{verb}"
    if connection.vendor == "postgresql":
        return [
            f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW WHEN (false) '
            "EXECUTE FUNCTION append_only_refuse()"
        ]
    return [
        f'DROP TRIGGER "{name}"',
        f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" WHEN 0 BEGIN SELECT 1; END',
    ]


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize("table", GUARDED_TABLES)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_trigger_made_anew_under_its_name_so_that_it_never_fires_is_reported(facts, home, table, verb):
    run(*idle(table, verb))
    [finding] = Verification(home=home).findings()
    assert (finding.code, finding.where) == ("guard", table)
    assert f"append_only_{table}_{verb}" in finding.message_en
    assert table not in append_only.guarded_tables(connection)


def test_the_trigger_that_keeps_the_sealed_past_is_reported_when_it_is_gone_or_idle(facts, home):
    append_only.drop_sealed_past_guard(connection)
    [finding] = Verification(home=home).findings()
    assert (finding.where, "sealed_past_facts_fact" in finding.message_en) == ("facts_fact", True)
    if connection.vendor == "postgresql":
        run("CREATE TRIGGER sealed_past_facts_fact BEFORE INSERT ON facts_fact FOR EACH ROW WHEN (false) "
            "EXECUTE FUNCTION sealed_past_refuse()")  # fmt: skip
    else:
        run("CREATE TRIGGER sealed_past_facts_fact BEFORE INSERT ON facts_fact WHEN 0 BEGIN SELECT 1; END")
    assert [one.where for one in Verification(home=home).findings()] == ["facts_fact"]


def test_a_trigger_that_is_none_of_ours_is_reported(facts, home):
    if connection.vendor == "postgresql":
        run(
            "CREATE TRIGGER helpful BEFORE INSERT ON facts_seal FOR EACH ROW EXECUTE FUNCTION sealed_past_refuse()"
        )
    else:
        run("CREATE TRIGGER helpful BEFORE INSERT ON facts_seal BEGIN SELECT RAISE(IGNORE); END")
    [finding] = Verification(home=home).findings()
    assert (finding.where, "helpful" in finding.message_en) == ("facts_seal", True)


def test_on_postgresql_a_disabled_trigger_or_an_emptied_function_is_reported(facts, home):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has neither")
    run("ALTER TABLE facts_seal ENABLE REPLICA TRIGGER append_only_facts_seal_update")
    assert [one.where for one in Verification(home=home).findings()] == ["facts_seal"]
    run("ALTER TABLE facts_seal ENABLE TRIGGER append_only_facts_seal_update")
    assert list(Verification(home=home).findings()) == []
    run(
        "CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    )
    found = [one.where for one in Verification(home=home).findings()]  # every table that calls it
    assert sorted(found) == sorted(append_only.declared_tables(connection)) and set(GUARDED_TABLES) < set(
        found
    )


STORED_OTHERWISE = [
    "subject", "kind", "source", "source_key", "legal_basis", "occurred_on", "payload", "fact_id", "recorded_at",
    "is_withdrawal", "revision", "leaf_hash",
]  # fmt: skip


@pytest.mark.parametrize("column", STORED_OTHERWISE)
@pytest.mark.parametrize("place", [0, 5])
def test_a_value_kept_in_another_storage_class_hides_its_row_and_is_named(
    facts, home, administrator, column, place
):
    sql = f"UPDATE facts_fact SET {column} = CAST(CAST({column} AS TEXT) AS BLOB) WHERE fact_id = %s"
    if connection.vendor == "postgresql":  # columns keep their types: refused, or another text
        with contextlib.suppress(DatabaseError), transaction.atomic():
            administrator(sql.replace("BLOB", "BYTEA"), key(facts[place]))
            assert {column in finding.message_en for finding in found(home)} == {True}
        return
    with connection.cursor() as cursor:  # JSON is demanded by a constraint; an administrator switches it off
        cursor.execute("PRAGMA ignore_check_constraints = 1")
    administrator(sql, key(facts[place]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 0")
    findings = found(home)
    assert findings
    assert {"altered"} == {one.code for one in findings} or column == "fact_id"
    assert any(f"{column}(blob)" in one.message_en for one in findings) or column == "fact_id"


@pytest.mark.parametrize(
    ("column", "table"),
    [
        ("day", "facts_seal"),
        ("root", "facts_seal"),
        ("leaf_hash", "facts_sealedleaf"),
        ("fact_id", "facts_sealedleaf"),
    ],
)
def test_a_seal_or_a_place_kept_in_another_storage_class_is_named(facts, home, administrator, column, table):
    if connection.vendor == "postgresql":
        pytest.skip("columns keep their types")
    administrator(f"UPDATE {table} SET {column} = CAST({column} AS BLOB)")
    assert {(one.code, column in one.message_en) for one in found(home)} == {("storage", True)}


def test_text_that_is_no_utf8_is_named_and_the_rest_is_still_checked(facts, home, administrator):
    if connection.vendor == "postgresql":
        pytest.skip("refuses such text")
    administrator("UPDATE facts_fact SET subject = CAST(x'ff' AS TEXT) WHERE fact_id = %s", key(facts[0]))
    administrator(EDITS["salt"], key(facts[4]))
    assert [finding.where for finding in found(home)] == [str(facts[0].pk), str(facts[4].pk)]


@pytest.mark.parametrize("form", ["{}+08:00", "{}Z", "{}.000000", " {}", "T"])
def test_a_time_of_recording_in_any_other_form_than_the_stored_one_is_named(facts, home, administrator, form):
    if connection.vendor == "postgresql":
        pytest.skip("a time is no text there")
    stored = str(facts[0].recorded_at.replace(tzinfo=None))
    written = stored.replace(" ", "T") + ".000000Z" if form == "T" else form.format(stored)
    administrator("UPDATE facts_fact SET recorded_at = %s WHERE fact_id = %s", written, key(facts[0]))
    [finding] = found(home)
    assert (finding.where, "recorded_at" in finding.message_en) == (str(facts[0].pk), True)


def test_a_row_kept_in_another_storage_class_is_not_sealed(facts, home, administrator):
    if connection.vendor == "postgresql":
        pytest.skip("columns keep their types")
    administrator("UPDATE facts_fact SET subject = CAST(subject AS BLOB) WHERE fact_id = %s", key(facts[5]))
    with pytest.raises(SealRefused, match="subject"):
        seals.seal_day(date(2026, 11, 4), at=datetime(2026, 11, 4, 16, 10, tzinfo=UTC))


def test_the_command_says_yes_and_no(facts, home, administrator):
    from zhijian.operations.commands.facts import command

    said = CliRunner().invoke(command, ["verify"])
    assert (said.exit_code, "✓ 未发现改动" in said.output) == (0, True)
    administrator(EDITS["payload"], key(facts[0]))
    said = CliRunner().invoke(command, ["verify", "--json"])
    told = json.loads(said.output)
    assert (said.exit_code, told["ok"], told["facts"]) == (1, False, 6)
    assert str(facts[0].pk) in {finding["where"] for finding in told["list"]}


def test_the_command_compares_the_serving_store_with_the_lake(facts, home):
    from tests.engines.registers.factory import AT, FACT, code, entity, write
    from zhijian.datazone.lake import Lake
    from zhijian.engines.registers import build
    from zhijian.operations.commands.facts import command

    assert "还没有服务库 / no serving store yet" in CliRunner().invoke(command, ["verify"]).output
    lake, delivered = Lake(home.lake), dict.fromkeys(FACT.names, "x")
    delivered |= {
        "uscc": code(1),
        "occurred_on": DAY,
        "recorded_at": NIGHT,
        "public_until": None,
        "is_synthetic": True,
    }
    write(lake, [entity(1, "示例甲店")])
    lake.write("standard_supervision__facts", pa.Table.from_pylist([delivered], schema=FACT))
    build(lake, home.serving, at=AT)
    said = CliRunner().invoke(command, ["verify"])
    assert (said.exit_code, "1 条交付事实与数据湖一致" in said.output) == (0, True)
    assert "classes are not compared" in said.output
    [path] = home.serving.glob("entities-*.sqlite")
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        store.execute("insert into facts select 'forged', uscc, 'penalty.decided', occurred_on, recorded_at, source, "
                      "source_key, payload, legal_basis, public_until, is_synthetic from facts")  # fmt: skip
    said = CliRunner().invoke(command, ["verify", "--json"])
    told = json.loads(said.output)
    assert (said.exit_code, told["ok"], told["findings"], told["store_facts"]) == (1, False, 1, 2)
    assert [(one["code"], one["where"]) for one in told["list"]] == [("store", "forged")]
    assert "✗ 发现 1 处改动" in CliRunner().invoke(command, ["verify"]).output


def test_the_command_takes_a_kept_log_and_refuses_what_is_none(facts, home, tmp_path):
    from zhijian.operations.commands.facts import command

    kept = str(home.published / "seals" / "log.json")
    assert CliRunner().invoke(command, ["verify", "--kept", kept]).exit_code == 0
    other = tmp_path / "other.json"
    other.write_text("[1]")
    said = CliRunner().invoke(command, ["verify", "--kept", str(other)])
    assert (said.exit_code, "holds no seals" in said.output) == (2, True)


def test_the_command_seals_a_day_and_prints_the_root(record, home):
    from zhijian.operations.commands.facts import command

    record()
    said = CliRunner().invoke(command, ["seal", "--day", "2026-11-02", "--json"])
    assert json.loads(said.output)["root"] == Seal.objects.get().root
    assert "is no day" in CliRunner().invoke(command, ["seal", "--day", "soon"]).output


def test_a_flag_that_reads_as_true_and_hashes_as_false_is_named(facts, home, administrator):
    sql = "UPDATE facts_fact SET is_withdrawal = 'perhaps' WHERE fact_id = %s"
    if connection.vendor == "postgresql":  # has a type for flags
        with pytest.raises(DataError), transaction.atomic():
            administrator(sql, key(facts[0]))
        return
    for word in ("perhaps", "false"):
        administrator(sql.replace("perhaps", word), key(facts[0]))
        [finding] = found(home)
        assert f"is_withdrawal is '{word}', neither true nor false" in finding.message_en


def _index_without(subject):
    """Build the index of subjects anew without one, and put its old definition back: SQLite believes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'facts_by_subject'")
        [usual] = cursor.fetchone()
        for definition in (f"{usual} WHERE subject <> '{subject}'", usual):
            cursor.execute("PRAGMA writable_schema = ON")
            cursor.execute("UPDATE sqlite_master SET sql = %s WHERE name = 'facts_by_subject'", [definition])
            cursor.execute("PRAGMA writable_schema = RESET")
            if definition != usual:
                cursor.execute("REINDEX facts_by_subject")


@pytest.mark.skipif(
    os.environ.get("ZHIJIAN_TEST_DATABASE") == "postgresql", reason="an index of PostgreSQL keeps its rows"
)
def test_a_sealed_fact_that_a_forged_index_hides_from_its_firms_page_is_reported(facts, home):
    _index_without(FIRM)
    assert not Fact.objects.filter(subject=FIRM).exists()
    [finding] = found(home)
    assert (finding.code, finding.where) == ("hidden", "facts_fact")
    assert "missing from index facts_by_subject" in finding.message_en


@pytest.mark.skipif(
    os.environ.get("ZHIJIAN_TEST_DATABASE") != "postgresql", reason="SQLite has no rules and no row security"
)
@pytest.mark.parametrize(
    "hide",
    [
        "CREATE RULE quiet AS ON INSERT TO facts_fact DO INSTEAD NOTHING",
        "ALTER TABLE facts_fact ENABLE ROW LEVEL SECURITY",
    ],
)
def test_a_rule_that_hides_facts_or_swallows_new_ones_is_reported(facts, home, hide):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(hide)
    [finding] = found(home)
    assert (finding.code, finding.where) == ("hidden", "facts_fact")


def test_emptying_a_database_is_possible_for_a_test_and_refused_for_a_real_one(facts, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", "/srv/zhijian/zhijian.sqlite3")
    with pytest.raises(CommandError, match="holds append-only facts and is not emptied"):
        call_command("flush", interactive=False)
    monkeypatch.undo()
    call_command("flush", interactive=False)
    assert not Fact.objects.exists()
    assert set(GUARDED_TABLES) <= set(append_only.guarded_tables(connection))
