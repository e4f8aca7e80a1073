"""`facts verify` names every table that a migration made append-only and that has lost a trigger, not only those of facts."""

import pytest
from django.db import connection

from zhijian.engines.facts import append_only
from zhijian.engines.facts.models import GUARDED_TABLES
from zhijian.engines.facts.verification import Verification

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def found(home):
    return [(one.code, one.where) for one in Verification(home=home).findings()]


def test_every_table_that_was_made_append_only_has_its_triggers(home):
    declared = append_only.declared_tables(connection)
    assert {"documents_document", "evidence_custodyevent", "draws_ceremonyevent"} | set(
        GUARDED_TABLES
    ) <= set(declared)
    assert found(home) == []


def test_a_trigger_taken_from_another_append_only_table_is_named(home):
    append_only.drop_guards(connection, "documents_document")
    try:
        assert found(home) == [("guard", "documents_document")]
    finally:
        append_only.add_guards(connection, "documents_document")
