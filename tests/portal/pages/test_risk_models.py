"""Model cards: the proof on public data for everybody, the rest for officers, every look written down."""

import json

import pytest

from tests.portal.pages.town import officer
from zhijian.datazone.risk.stored import CARDS
from zhijian.security.models import AccessRecord, Role

pytestmark = pytest.mark.django_db
CARD = json.loads((CARDS / "chicago_food_inspections.card.json").read_text("utf-8"))


@pytest.fixture
def internal(home):
    """A card of this home that is not public."""
    folder = home.root / "risk"
    folder.mkdir()
    card = CARD | {"name": "province_violations", "is_public": False, "title_zh": "内部模型"}
    (folder / "province_violations.card.json").write_text(json.dumps(card), encoding="utf-8")


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_proof_on_public_data_tells_both_with_and_without_the_inspector(home, client):
    page = read(client, "/data/models/chicago_food_inspections/")
    held_out = CARD["summary"]["held_out"]
    for name in ("with", "without", "adjusted"):
        assert f"{held_out[name]['days_earlier']['value']:.2f}" in page
    assert f"{100 * CARD['assignment']['held_out']['by_assignment_alone']:.1f}%" in page
    assert "Copyright 2014 City of Chicago" in page
    assert page.count("<svg") >= 4
    assert "漏掉" in page
    assert all(month["month"] in page for month in CARD["drift"]["months"])
    assert page.count("<table") >= page.count('class="line-chart"')


def test_every_window_is_shown_and_those_never_used_are_marked(home, client):
    page = read(client, "/data/models/chicago_food_inspections/")
    assert all(window["from"] in page for window in CARD["windows"])
    assert page.count('<br><span class="hint">未用于选择</span>') == 2


def test_the_figures_come_as_csv(home, client):
    rows = client.get("/data/models/chicago_food_inspections/?format=csv").content.decode().splitlines()
    assert rows[0].startswith("\ufeffwindow,from,to,is_held_out")
    assert len(rows) == 1 + 8 * len(CARD["orders"])
    curves = client.get("/data/models/chicago_food_inspections/?format=curves").content.decode().splitlines()
    assert len(curves) == 22
    for part, least in (("calibration", 40), ("slices", 12), ("drift", 16)):
        told = client.get(f"/data/models/chicago_food_inspections/?format={part}").content.decode()
        assert len(told.splitlines()) > least


def test_a_model_that_is_not_public_is_for_officers_and_the_look_is_written_down(home, internal, client):
    assert "内部模型" not in read(client, "/data/models/")
    assert client.get("/data/models/province_violations/").status_code == 403
    client.force_login(officer("auditor", Role.AUDITOR))
    assert "内部模型" in read(client, "/data/models/province_violations/")
    assert AccessRecord.objects.get(part="model_card").subject == "risk_model/province_violations"


def test_an_unknown_model_is_not_found(home, client):
    assert client.get("/data/models/none/").status_code == 404
