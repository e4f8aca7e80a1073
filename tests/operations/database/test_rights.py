"""The site's account in PostgreSQL: it works, and it can neither rewrite what was recorded nor change the tables."""

import csv
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.db import connection, transaction
from psycopg import errors, sql

import zhijian
from tests.engines.registers.declared import desk
from zhijian.engines.data_protection import retention
from zhijian.engines.facts import append_only, seals, services
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.verification import Verification
from zhijian.engines.recusal import services as recusal
from zhijian.engines.recusal.models import Interest
from zhijian.operations import database_rights as rights
from zhijian.operations import interrupted, jobs
from zhijian.security import rotation
from zhijian.security.audit import record_look
from zhijian.security.models import AccessRecord, Level, Officer, OfficerSession, Organisation, Role
from zhijian.security.sealed_text import generation_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
on_postgresql = pytest.mark.skipif(
    os.environ.get("ZHIJIAN_TEST_DATABASE") != "postgresql", reason="SQLite has no accounts"
)


@pytest.fixture(scope="session")
def account(django_db_setup, django_db_blocker):
    """An account of the site, with the rights that `zhijian migrate` gives it, in the suite's own database."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name = f"site_of_{cursor.fetchone()[0]}"
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        rights.apply(name)
    yield name
    with django_db_blocker.unblock():
        connection.close()  # the tests between have opened and closed their own
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def as_site(account, db):
    """Go on as the site's account until the test's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(account)))


@pytest.fixture
def signed_in(account, db):
    """A connection of its own that signed in as the site's account: no way leads back to the owner."""
    place = connection.settings_dict
    with psycopg.connect(
        host=place["HOST"], port=place["PORT"], dbname=place["NAME"], user=account, autocommit=True
    ) as own:
        yield own


@pytest.fixture
def administrator(db):
    unit = Organisation.objects.create(
        code="gd", name="示例省局", name_en="Province", level=Level.PROVINCE, division_code="440000"
    )
    return Officer.objects.create_user("province-steward", roles=[Role.STEWARD], organisation=unit)


def recorded(key="1", *, at=AT):
    return services.record(
        "inspection.result", subject="91440101MA59示例0001", occurred_on=date(2026, 11, 23),
        payload={"codes": ["1"], "authority": "示例市市场监督管理局"}, source="test", source_key=key, by="demo", at=at,
        is_synthetic=True,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ what is declared


def test_every_table_that_triggers_keep_is_one_that_its_model_says_is_written_once():
    kept = set(append_only.guarded_tables(connection))
    assert kept and kept <= rights.append_only_tables()
    assert {
        "facts_fact",
        "facts_seal",
        "security_accessrecord",
        "security_businessact",
    } <= rights.append_only_tables()


def test_of_what_is_written_once_only_sealed_texts_may_be_written_again():
    tables = rights.append_only_tables()
    sealed = {(apps.get_model(one.model)._meta.db_table, one.field) for one in rotation.columns()}
    rewritten = {(table, column) for table, columns in rights.exceptions().items() for column in columns}
    assert {(table, column) for table, column in rewritten if column != "id"} == {
        (table, column) for table, column in sealed if table in tables
    }


def test_each_row_written_once_that_is_held_in_a_transaction_has_its_line_and_no_line_is_idle():
    """PostgreSQL lets nobody hold a row who may change no column of it."""
    names = {
        model.__name__: model._meta.db_table
        for model in apps.get_models()
        if model._meta.db_table in rights.append_only_tables()
    }
    holds = re.compile(r"(\w+)\.objects\s*\.select_for_update\(")
    held = set()
    for path in Path(zhijian.__file__).parent.rglob("*.py"):
        for name in set(holds.findall(path.read_text("utf-8"))) & names.keys():
            same = [m for m in apps.get_models() if m.__name__ == name and _is_imported(m, path)]
            held |= {m._meta.db_table for m in same} & rights.append_only_tables()
    assert held == set(rights.exceptions()) - {"visit_codes_uncodedvisit"}


def _is_imported(model, path):
    """Two systems may have a model of one name: the right one is that whose module the file reads from."""
    text = path.read_text("utf-8")
    return (
        re.search(rf"from {re.escape(model.__module__)} import [^)]*?\b{model.__name__}\b", text) is not None
    )


def test_each_exception_says_why_and_names_a_column_that_is_there():
    with (Path(rights.__file__).parent / "append_only_exceptions.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    tables = {model._meta.db_table: model for model in apps.get_models()}
    for row in rows:
        assert len(row["why"]) > 20 and row["table"] in rights.append_only_tables()
        assert row["column"] in {field.column for field in tables[row["table"]]._meta.concrete_fields}


# ------------------------------------------------------------------------------------------------ the work goes on


@on_postgresql
def test_the_site_records_corrects_seals_and_verifies_facts_without_the_right_to_change_one(home, as_site):
    first = recorded()
    services.correct(
        first, payload={"codes": ["2"], "authority": "示例市市场监督管理局"}, reason="录入有误", by="demo",
        at=AT + timedelta(minutes=1),
    )  # fmt: skip
    seal = seals.seal_day(date(2026, 11, 24), at=AT + timedelta(days=1))
    assert seal.count == 2
    assert [one.code for one in Verification(home=home).findings()] == []


@on_postgresql
def test_no_fact_comes_in_while_the_site_seals(account, signed_in, as_site):
    seals._lock()
    signed_in.execute("SET lock_timeout = '200ms'")
    with pytest.raises(errors.LockNotAvailable):
        signed_in.execute("INSERT INTO facts_fact SELECT * FROM facts_fact")


@on_postgresql
def test_the_site_records_who_looked_and_takes_jobs_from_the_queue(administrator, as_site):
    record_look(administrator, "91440101MA59示例0001", "check", reason="核查", at=AT)
    assert AccessRecord.objects.count() == 1
    jobs.enqueue_notices(AT)
    assert interrupted.put_back("site:8000/", alive="site:8000/ab", at=AT).again == 0


@on_postgresql
def test_the_site_deletes_by_schedule_what_is_no_record_and_records_that_it_did(administrator, as_site):
    OfficerSession.objects.create(
        officer=administrator, key_hash="k", method="password",
        opened_at=AT - timedelta(days=4000), seen_at=AT - timedelta(days=4000),
    )  # fmt: skip
    assert retention.run([], at=AT)["sign_ins"] == 1
    assert Fact.objects.get(kind="data.deleted").payload["count"] == 1


@on_postgresql
def test_the_site_changes_the_key_of_a_text_that_is_written_once_and_nothing_else_of_its_row(
    home, administrator, as_site
):
    inspector = desk.officer("inspector", administrator.organisation, Role.INSPECTOR)
    recusal.declare("shares", "91441900MAYYHQFT6P", "持股", starts_on=date(2026, 1, 1), by=inspector, at=AT)
    of = rotation.holders("interests")
    rotation.begin("interests", of, by=administrator, at=AT)
    assert rotation.seal_anew(of, batch=10, told=lambda step: None) == []
    assert generation_of(Interest.objects.get().sealed) == 2
    with pytest.raises(Exception, match="permission denied for table recusal_interest"), transaction.atomic():
        connection.cursor().execute("UPDATE recusal_interest SET kind = 'work'")


# ------------------------------------------------------------------------------------------------ and no further


@on_postgresql
def test_the_database_refuses_the_site_every_change_of_a_record_even_without_its_trigger(signed_in):
    for table in sorted(rights.append_only_tables() & rights.wanted().keys()):
        name = sql.Identifier(table)
        for statement in ("DELETE FROM {}", "TRUNCATE {}", "LOCK TABLE {} IN EXCLUSIVE MODE"):
            with pytest.raises(errors.InsufficientPrivilege), signed_in.transaction():
                signed_in.execute(sql.SQL(statement).format(name))
    for change in (
        "UPDATE facts_fact SET payload = '{}'",
        "UPDATE facts_seal SET root = ''",
        "UPDATE facts_sealedleaf SET leaf_hash = ''",
        "UPDATE security_accessrecord SET reason = ''",
        "UPDATE security_businessact SET actor = ''",
        "UPDATE django_migrations SET name = ''",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            signed_in.execute(change)


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE facts_fact",
        "ALTER TABLE facts_fact ADD COLUMN other text",
        "ALTER TABLE facts_fact DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only_facts_fact_update ON facts_fact",
        "CREATE TRIGGER quiet BEFORE INSERT ON facts_fact FOR EACH ROW EXECUTE FUNCTION append_only_refuse()",
        "CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE RULE quiet AS ON INSERT TO facts_fact DO INSTEAD NOTHING",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE facts_seal (sealed_through timestamptz)",
        "CREATE SCHEMA mine",
        "SET session_replication_role = replica",
        "SELECT setval('security_accessrecord_id_seq', 1)",
        "CREATE ROLE mine",
        "COPY facts_fact TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
def test_the_database_refuses_the_site_to_change_tables_to_hide_the_seals_or_to_read_the_machine(
    signed_in, statement
):
    with pytest.raises(errors.InsufficientPrivilege):
        signed_in.execute(statement)


@on_postgresql
def test_a_right_too_much_a_right_too_few_and_membership_of_the_owner_are_told(account):
    assert rights.differences(account) == []
    name = sql.Identifier(account)
    with connection.cursor() as cursor:  # undone with the test's transaction
        cursor.execute(sql.SQL("GRANT UPDATE ON facts_fact TO {}").format(name))
        cursor.execute(sql.SQL("REVOKE INSERT ON facts_seal FROM {}").format(name))
        cursor.execute(sql.SQL("GRANT UPDATE (reason) ON security_accessrecord TO {}").format(name))
        cursor.execute(sql.SQL("GRANT pg_write_all_data TO {}").format(name))
        told = [english for _, english in rights.differences(account)]
    assert "belongs to pg_write_all_data" in told and "facts_seal: INSERT missing" not in told
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("REVOKE pg_write_all_data FROM {}").format(name))
    told = [english for _, english in rights.differences(account)]
    assert told == [
        "facts_fact: UPDATE too much",
        "facts_seal: INSERT missing",
        "security_accessrecord: other columns (reason)",
    ]
    rights.apply(account)
    assert rights.differences(account) == []


@on_postgresql
def test_an_account_that_is_missing_or_may_too_much_gets_nothing_and_the_reason(account):
    with pytest.raises(
        rights.RightsRefused, match=r"no account nobody_here\. First run.*createuser --pwprompt"
    ):
        rights.apply("nobody_here")
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(account)))
    with pytest.raises(rights.RightsRefused, match="may make accounts"):
        rights.apply(account)


@on_postgresql
def test_the_site_knows_whether_it_could_rewrite_its_records(as_site):
    assert rights.changeable_records() == []
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert "facts_fact" in rights.changeable_records()


# ------------------------------------------------------------------------------------------------ the verbs


def verb(home, *words, **environment):
    command = [sys.executable, "-c", "from zhijian.operations.cli import main; main()", *words]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ZHIJIAN_")}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**inherited, "ZHIJIAN_HOME": str(home.root), **environment},
    )


@pytest.fixture
def own_database(account):
    """A database of its own on the suite's server, with an owner and a site's account; nothing is in it."""
    place = connection.settings_dict
    server = f"host={place['HOST']} port={place['PORT']} user={place['USER']} dbname=postgres"
    name = f"two_accounts_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"CREATE ROLE {name}_owner LOGIN")
        own.execute(f"CREATE ROLE {name}_site LOGIN")
        own.execute(f"CREATE DATABASE {name} OWNER {name}_owner")
        yield {
            who: f"postgresql://{name}_{who}@{place['HOST']}:{place['PORT']}/{name}"
            for who in ("owner", "site")
        }
        own.execute(f"DROP DATABASE {name} WITH (FORCE)")
        own.execute(f"DROP ROLE {name}_owner")
        own.execute(f"DROP ROLE {name}_site")


@on_postgresql
def test_the_owner_migrates_the_site_gets_its_rights_and_neither_does_the_work_of_the_other(
    home, own_database, tmp_path
):
    words = tmp_path / "words"
    words.write_text("a passphrase of nine words that nobody else has\n", "utf-8")
    site = {"ZHIJIAN_DATABASE_URL": own_database["site"]}
    owner = {**site, "ZHIJIAN_DATABASE_OWNER_URL": own_database["owner"]}
    alone = verb(home, "migrate", **site)
    assert alone.returncode == 1 and "set ZHIJIAN_DATABASE_OWNER_URL in the environment" in alone.stderr
    made = verb(home, "migrate", **owner)
    assert made.returncode == 0 and "rights given: two_accounts" in made.stdout, made.stderr
    checked = verb(home, "database", "rights", "--check", **site)
    assert checked.returncode == 0 and "the rights are as they should be" in checked.stdout
    copy = verb(
        home, "backup", str(tmp_path / "copy.zjb"), "--passphrase-file", str(words), "--verify", **site
    )
    assert copy.returncode == 0, copy.stderr  # reading is enough for a backup
    printed = verb(home, "database", "rights", **site).stdout
    assert 'GRANT INSERT, SELECT ON "public"."facts_fact" TO "two_accounts' in printed
    refused = verb(home, "database", "rights", "--apply", **site)
    assert refused.returncode == 1 and "The owner of the tables gives the rights" in refused.stderr
    served = verb(home, "serve", "--bind", "127.0.0.1:1", **owner)
    assert served.returncode == 2 and "must not be able to sign in as the owner" in served.stderr


def test_a_database_in_a_file_has_no_accounts_and_the_verb_says_so(home, tmp_path):
    told = verb(home, "database", "rights", "--check")
    assert told.returncode == 2 and "SQLite has none, and its file is for the service alone" in told.stderr
