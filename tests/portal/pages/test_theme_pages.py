"""Thematic libraries in the portal: the picture, its table and its file tell the same; what is internal stays so."""

import csv
import io

import pyarrow.parquet as pq
import pytest

from tests.datazone.refresh.province import AS_OF, AT, first_delivery
from tests.portal.pages.town import officer
from zhijian.datazone.lake import Lake
from zhijian.datazone.refresh import refresh
from zhijian.datazone.theme.questions import QUESTIONS, Filters, answer, find
from zhijian.security.models import AccessRecord, Role

pytestmark = pytest.mark.django_db
INTERNAL = {"facts-by-kind", "checks-by-year", "lists-by-year", "penalties-by-field"}


@pytest.fixture
def lake(home):
    made = Lake(home.lake)
    first_delivery(made, seed=5, entities=120)
    refresh(made, as_of=AS_OF, at=AT)
    return made


def read(client, path, status=200):
    got = client.get(path)
    assert got.status_code == status, path
    return got.content.decode()


def test_before_the_first_refresh_the_pages_say_what_to_do(home, client):
    for path in ("/themes/", "/themes/access/", "/themes/access/survival/"):
        assert "zhijian refresh" in read(client, path)


def test_every_question_has_a_page_in_both_languages_and_internal_ones_are_for_officers(lake, client):
    for question in QUESTIONS:
        path = f"/themes/{question.library}/{question.id}/"
        read(client, path, 403 if question.id in INTERNAL else 200)
    client.force_login(officer("auditor", Role.AUDITOR))
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for question in QUESTIONS:
            page = read(client, f"/themes/{question.library}/{question.id}/")
            assert "<svg" in page
            assert (question.en if language == "en" else question.zh) in page.replace("&#x27;", "'")
    assert AccessRecord.objects.filter(subject="theme/lists-by-year").count() == 2


def test_the_file_holds_the_rows_of_the_picture(lake, client):
    question = find("access", "stock-by-industry")
    text = client.get("/themes/access/stock-by-industry.csv?prefecture=440100").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    made = answer(lake, question, Filters(prefecture="440100"))
    assert rows[0][-3:] == ["截至 as_of", "来源 source", "合成数据 is_synthetic"]
    assert [(row[0], int(row[2])) for row in rows[1:]] == [(row.group, row.value) for row in made.rows]
    assert {tuple(row[-3::2]) for row in rows[1:]} == {(AS_OF.isoformat(), "true")}


def test_a_wrong_filter_is_told_on_the_page_and_instead_of_the_file(lake, client):
    assert "440100" in read(client, "/themes/access/survival/?prefecture=99", 400)
    assert "440100" in read(client, "/themes/access/survival.csv?prefecture=99", 400)


def test_whole_tables_come_as_files_with_their_day(lake, client):
    got = client.get("/themes/access/tables/theme_access__stock.parquet")
    table = pq.read_table(io.BytesIO(got.content))
    assert table.num_rows == lake.count("theme_access__stock")
    assert table.schema.metadata[b"as_of"].decode() == AS_OF.isoformat()
    assert "licence" in read(client, "/themes/access/tables/theme_access__stock.csv").splitlines()[0]
    read(client, "/themes/access/tables/entity_market_entities.csv", 404)
    read(client, "/themes/enforcement/tables/theme_enforcement__penalties.csv", 403)


def test_what_there_is_not_is_not_found(home, client):
    read(client, "/themes/weather/", 404)
    read(client, "/themes/access/no-such/", 404)
