"""A printed extract lists all that is public, and its code is checked under the day's root when the list has changed, too."""

# ruff: noqa: F811 (fixtures of another folder)

from datetime import timedelta

import pytest

from tests.engines.publicity.conftest import DAY, FIRM, NONE, OTHER, ask, build, morning, penalty  # noqa: F401
from zhijian.engines.facts import services as facts
from zhijian.engines.publicity.building import open_map
from zhijian.engines.publicity.extract import extract_of, is_right
from zhijian.infrastructure.pdf_text import read_pages
from zhijian.portal.views import extracts

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_noon(monkeypatch):
    noon = morning(DAY) + timedelta(hours=12)
    monkeypatch.setattr(extracts, "now", lambda: noon)
    monkeypatch.setattr(extracts, "today", lambda: DAY)
    monkeypatch.setattr(extracts, "is_code", lambda code: True)
    return noon


def extract(ask, home, uscc):
    with open_map(home) as store:
        return extract_of(ask(uscc), store, store.day(DAY))


def test_the_extract_lists_everything_and_leads_to_its_check(client, penalty, build, ask, home, at_noon):
    penalty("1")
    penalty("2")
    build()
    printed = client.get(f"/entities/{FIRM}/extract.pdf")
    told = extract(ask, home, FIRM)
    text = "".join("".join(read_pages(printed.content)).split())
    assert printed.headers["Content-Type"] == "application/pdf" and b"pdfaid" in printed.content
    assert all(word in text for word in ("共2条", told.code, "虚假宣传", told.root[:20]))
    page = client.get(f"/verify/extract/{FIRM}/{DAY}/{told.code}/")
    assert "相符" in page.content.decode() and page.content.decode().count("虚假宣传") == 2


def test_a_forged_extract_is_found_and_one_that_was_right_stays_right_without_its_list(
    client,
    penalty,
    build,
    ask,
    home,
    at_noon,
):
    fact = penalty("1")
    penalty("2", subject=OTHER)
    build()
    told, other = (extract(ask, home, code) for code in (FIRM, OTHER))
    for forged in (f"{OTHER}/{DAY}/{told.code}", f"{FIRM}/{DAY}/{other.code}", f"{FIRM}/{DAY}/AAAA"):
        assert client.get(f"/verify/extract/{forged}/").status_code == 422
    facts.withdraw(fact, reason="处罚决定被撤销", by="demo", at=at_noon - timedelta(hours=2))
    page = client.get(f"/verify/extract/{FIRM}/{DAY}/{told.code}/").content.decode()
    assert "相符" in page and "不再提供" in page and "虚假宣传" not in page
    assert client.get(f"/entities/{FIRM}/extract.pdf").status_code == 409
    assert client.get(f"/verify/extract/{FIRM}/2026-11-04/{told.code}/").status_code == 404


def test_that_nothing_is_public_is_printed_and_checked_too(client, penalty, build, ask, home, at_noon):
    penalty("1")
    build()
    assert client.get(f"/entities/{NONE}/extract.pdf").status_code == 200
    told = extract(ask, home, NONE)
    with open_map(home) as store:
        assert told.value == "" and is_right(store, NONE, store.day(DAY), told.code.lower())
    assert "没有公示信息" in client.get(f"/verify/extract/{NONE}/{DAY}/{told.code}/").content.decode()
