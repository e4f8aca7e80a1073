"""The ceremony: every step in its order, at its time, by its person. 国办发〔2015〕58号 二（三）."""

import pytest

from tests.engines.draws import ceremony
from zhijian.engines.draws import ledger
from zhijian.engines.draws.verifier import verify

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("plan", [ceremony.a_plan, ceremony.open_plan])
def test_an_honest_draw_verifies_with_and_without_a_kept_ledger(home, plan):
    draw, path = ceremony.published(plan())
    ledger.write()
    kept = (home.published / "draws" / "ledger.json").read_bytes()
    for copy in (None, kept):
        found = verify(path.read_bytes(), copy)
        assert found["ok"], found["checks"]
    results = ceremony.with_outcomes(draw)
    assert verify(results.read_bytes())["ok"], verify(results.read_bytes())["checks"]
    assert {one["published"] for one in found["objects"]} == {"drawn", "reserve", None}
