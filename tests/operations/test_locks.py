"""Before an upgrade, `zhijian migrate --plan` says which steps hold a table."""

import pytest
from django.db import IntegrityError, connection, migrations, models
from django.db.migrations import state
from django.db.models.functions import Lower

from zhijian.operations.locks import held_in_sql, shipped, since_shipped, steps


def told(*operations):
    return [step.holds for step in steps("app.0002", operations)]


def test_what_only_adds_holds_nobody():
    optional = models.CharField(max_length=5, null=True)
    assert told(migrations.AddField("fact", "note", optional)) == [""]
    assert told(
        migrations.CreateModel("new", []), migrations.AddIndex("new", models.Index(Lower("a"), name="i"))
    ) == ["", ""]


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddIndex("fact", models.Index(Lower("a"), name="i")), "AddIndexConcurrently"),
        (migrations.AddField("fact", "n", models.IntegerField()), "without default"),
        (
            migrations.AddField("fact", "n", models.IntegerField(null=True, unique=True)),
            "index of the new column",
        ),
        (migrations.AlterField("fact", "n", models.TextField()), "rewritten"),
        (migrations.RemoveField("fact", "n"), "version before"),
        (migrations.RunPython(migrations.RunPython.noop), "try it on a copy"),
    ],
)
def test_what_holds_a_table_with_rows_is_told(operation, words):
    assert words in told(operation)[0]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ('CREATE INDEX "i" ON "facts_fact" ("n")', "no writes while the index"),
        ('CREATE UNIQUE INDEX "i" ON "facts_fact" ("n")', "no writes while the index"),
        ('ALTER TABLE "facts_fact" ADD CONSTRAINT "c" CHECK ("n" > 0)', "all rows are checked"),
        ('ALTER TABLE "facts_fact" ALTER COLUMN "n" TYPE bigint USING "n"::bigint', "rewritten"),
        ('ALTER TABLE "facts_fact" ALTER COLUMN "n" SET NOT NULL', "all rows are read"),
        ('ALTER TABLE "facts_fact" ADD COLUMN "n" integer NOT NULL', "without default"),
        ('ALTER TABLE "facts_fact" ALTER COLUMN "n" DROP DEFAULT', "db_default"),
        ('ALTER TABLE "facts_fact" DROP COLUMN "n" CASCADE', "version before"),
        ('ALTER TABLE "facts_fact" RENAME COLUMN "n" TO "m"', "version before"),
        ('DROP TABLE "facts_fact" CASCADE', "version before"),
    ],
)
def test_what_a_statement_does_to_a_table_with_rows_is_told_but_not_of_a_table_just_made(statement, words):
    (found,) = held_in_sql([statement])
    assert found.startswith("facts_fact: ") and words in found
    assert held_in_sql(['CREATE TABLE "facts_fact" ("id" bigint)', statement]) == []


@pytest.mark.parametrize(
    "statement",
    [
        'CREATE INDEX CONCURRENTLY "i" ON "facts_fact" ("n")',
        'ALTER TABLE "facts_fact" ADD CONSTRAINT "c" CHECK ("n" > 0) NOT VALID',
        'ALTER TABLE "facts_fact" ADD COLUMN "n" integer NULL',
        'ALTER TABLE "facts_fact" ADD COLUMN "n" integer DEFAULT 5 NOT NULL',
        "-- MIGRATION NOW PERFORMS OPERATION THAT CANNOT BE WRITTEN AS SQL:",
    ],
)
def test_a_statement_that_takes_a_moment_holds_nobody(statement):
    assert held_in_sql([statement]) == []


@pytest.fixture
def newer():
    """The migrations that an upgrade from the shipped version runs, but for those that say why they hold."""
    from django.db.migrations.loader import MigrationLoader

    found = since_shipped(MigrationLoader(None).disk_migrations.values())
    return [one for one in found if not getattr(one, "holds_because", "")]


def test_no_migration_since_the_shipped_version_holds_a_table_or_shuts_out_the_version_before(newer):
    told = [step for one in newer for step in steps(f"{one.app_label}.{one.name}", one.operations)]
    assert [f"{step.migration}: {step.what}: {step.holds}" for step in told if step.holds] == []


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite writes other statements, and stops for an upgrade"
)
def test_the_statements_that_postgresql_gets_hold_no_table_either(newer):
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection, replace_migrations=False)
    held = {one: held_in_sql(loader.collect_sql([(one, False)])) for one in newer}
    assert {str(one): found for one, found in held.items() if found} == {}


def test_every_shipped_migration_that_is_named_exists():
    from django.db.migrations.loader import MigrationLoader

    assert {*shipped().items()} <= {*MigrationLoader(None).disk_migrations}


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="only PostgreSQL has two versions at work at once"
)
@pytest.mark.parametrize(
    ("more", "goes_on"), [({"db_default": 0}, True), ({"null": True}, True), ({"default": 0}, False)]
)
def test_the_version_before_reads_and_writes_beside_the_new_one_where_the_new_column_has_a_default(
    more, goes_on
):
    before = state.ProjectState()
    made = migrations.CreateModel(
        "paper", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]
    )
    added = migrations.AddField("paper", "pages", models.IntegerField(**more))
    made.state_forwards("beside", before)
    after = before.clone()
    added.state_forwards("beside", after)
    with connection.schema_editor() as editor:
        made.database_forwards("beside", editor, state.ProjectState(), before)
        added.database_forwards("beside", editor, before, after)
    old, new = (one.apps.get_model("beside", "paper").objects for one in (before, after))
    new.create(name="new", pages=3)
    assert old.get(name="new").name == "new"
    if not goes_on:
        with pytest.raises(IntegrityError, match="pages"):
            old.create(name="old")
        return
    old.create(name="old")
    assert new.get(name="old").pages in (0, None)
