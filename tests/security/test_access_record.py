"""Who looked at what cannot be changed quietly: the database refuses, and the chain tells."""

import json
from datetime import UTC, date, datetime, timedelta
from time import perf_counter

import pytest
from django.db import DatabaseError, connection, transaction

from zhijian.engines.facts import append_only, seals
from zhijian.engines.facts.models import Fact
from zhijian.engines.facts.verification import Verification
from zhijian.security.audit import record_look
from zhijian.security.chain import START, broken, linked
from zhijian.security.models import AccessRecord, Level, Officer, Organisation

pytestmark = [pytest.mark.database, pytest.mark.django_db]

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 2, 16, 10, tzinfo=UTC)


@pytest.fixture
def officer(db):
    unit = Organisation.objects.create(
        code="u", name="示例市局", name_en="Sample", level=Level.CITY, division_code="440100"
    )
    return Officer.objects.create_user("auditor", roles=["auditor"], organisation=unit)


@pytest.fixture
def looks(officer):
    return [record_look(officer, f"firm-{n}", "credit_class", at=AT + timedelta(minutes=n)) for n in range(4)]


def without_guards(sql, *parameters):
    """Act as an administrator who takes the triggers away first and puts them back afterwards."""
    append_only.drop_guards(connection, "security_accessrecord")
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount > 0
    append_only.add_guards(connection, "security_accessrecord")


def found(home):
    return [(one.code, one.where) for one in Verification(home=home).findings()]


def test_each_look_follows_the_one_before_it(looks, home):
    assert [one.sequence for one in looks] == [1, 2, 3, 4]
    assert [one.previous_hash for one in looks] == [START, *(one.row_hash for one in looks[:-1])]
    assert found(home) == []


@pytest.mark.parametrize(
    "sql", ["UPDATE security_accessrecord SET reason = 'x'", "DELETE FROM security_accessrecord"]
)
def test_the_database_refuses_to_change_or_delete_a_look(looks, sql):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AccessRecord.objects.count() == 4


def test_a_look_is_not_saved_twice(looks):
    with pytest.raises(TypeError, match="written once"):
        looks[0].save()


@pytest.mark.parametrize(
    "edit",
    ["subject = 'another'", "reason = 'x'", "part = 'check'", "looked_at = '2026-11-01 00:00:00+00:00'",
     "role = ''", "organisation_name = ''", "row_hash = ''", "previous_hash = ''"],
)  # fmt: skip
def test_an_edited_look_is_named(looks, home, edit):
    without_guards(f"UPDATE security_accessrecord SET {edit} WHERE sequence = 2")
    assert ("look", "2") in found(home)


def test_a_look_deleted_from_the_middle_is_named(looks, home):
    without_guards("DELETE FROM security_accessrecord WHERE sequence = 3")
    assert found(home) == [("look", "3")]


def test_looks_cut_off_the_end_are_named_once_a_seal_has_anchored_them(looks, home):
    seals.seal_day(date(2026, 11, 2), at=NIGHT)
    assert Fact.objects.get(kind="looks.kept").payload == {"count": 4, "head": looks[3].row_hash}
    without_guards("DELETE FROM security_accessrecord WHERE sequence > 2")
    assert found(home) == [("look", "4")]


def test_a_chain_made_anew_after_an_edit_contradicts_the_anchor(looks, home):
    seals.seal_day(date(2026, 11, 2), at=NIGHT)
    looks[1].subject = "another"
    append_only.drop_guards(connection, "security_accessrecord")
    for one in linked(looks):
        AccessRecord.objects.filter(pk=one.pk).update(
            subject=one.subject, row_hash=one.row_hash, previous_hash=one.previous_hash
        )
    append_only.add_guards(connection, "security_accessrecord")
    assert not list(broken(AccessRecord.objects.order_by("sequence")))
    assert found(home) == [("look", "4")]


def test_a_missing_guard_is_a_finding(looks, home):
    append_only.drop_guards(connection, "security_accessrecord")
    assert found(home) == [("guard", "security_accessrecord")]


def test_a_seal_without_new_looks_anchors_nothing_again(looks, home):
    seals.seal_day(date(2026, 11, 2), at=NIGHT)
    seals.seal_day(date(2026, 11, 3), at=NIGHT + timedelta(days=1))
    assert Fact.objects.filter(kind="looks.kept").count() == 1


def test_a_look_costs_a_few_milliseconds(officer):
    taken = []
    for number in range(50):
        start = perf_counter()
        record_look(officer, json.dumps(number), "check", at=AT)
        taken.append(perf_counter() - start)
    assert sorted(taken)[25] < 0.02  # seconds; about 1 ms on an idle machine
