"""The ledger of draws and the sealed facts say the same, or the step is named."""

import pytest
from django.db import connection

from tests.engines.draws import ceremony
from zhijian.engines.draws import agreement
from zhijian.engines.draws.models import Draw
from zhijian.engines.facts import append_only

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _own_home(home):
    return home


def altered(sql, *parameters):
    """Act as an administrator, who takes the triggers away first."""
    for table in append_only.guarded_tables(connection):
        append_only.drop_guards(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount > 0


def said():
    return [finding.message_en for finding in agreement.findings()]


def test_of_an_honest_ledger_nothing_is_said():
    draw, _ = ceremony.published()
    ceremony.with_outcomes(draw)
    assert said() == []


def test_an_event_in_anothers_name_is_named():
    ceremony.published()
    altered("UPDATE draws_ceremonyevent SET actor = 'somebody' WHERE n = 2")
    assert any("event 2 differs from its fact: actor" in words for words in said())


def test_the_last_event_cut_off_leaves_its_fact_alone():
    draw, _ = ceremony.published()
    last = draw.events.last()
    altered("DELETE FROM draws_ceremonyevent WHERE n = %s", last.n)
    assert any(f"event/{last.n}/" in words and "has no event" in words for words in said())


def test_a_fact_taken_away_and_a_draw_renamed_are_named():
    draw, _ = ceremony.published()
    Draw.objects.filter(pk=draw.pk).update(title="another")
    altered("DELETE FROM facts_fact WHERE kind = 'draw.drawn'")
    words = said()
    assert any("has no fact" in one for one in words) and any("title" in one for one in words)
