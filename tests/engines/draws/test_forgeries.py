"""What a file may not say, however well it agrees with itself: both verifiers refuse it and name the line."""

import hashlib

import pytest

from tests.engines.draws import ceremony
from tests.engines.draws.cheats import Honest, event, rechained, records_of, sealed, where
from tests.engines.draws.forgeries import FORGERIES
from tests.engines.draws.test_cheats import _agree, _assert_caught, _check, _in_browser
from zhijian.engines.draws import ledger, publication, verifier
from zhijian.engines.draws.plan import Redraw

pytestmark = [pytest.mark.django_db]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_file_is_refused_in_python_and_its_line_named(honest: Honest, forge):
    for forgery in forge(honest):
        _assert_caught(verifier.verify(forgery.file), forgery)


@pytest.mark.browser
@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forged_file_is_refused_in_the_browser_and_its_line_named(honest: Honest, verifier_page, forge):
    for forgery in forge(honest):
        found = _in_browser(verifier_page, forgery.file)
        _assert_caught(found, forgery)
        _agree(found, verifier.verify(forgery.file))


def _ledger_of(records):
    for n, record in enumerate(records, start=1):
        record["event"]["n"] = n
    records[0]["event"]["previous"] = "0" * 64
    return b"".join(publication.seal(rechained(records), publication.LEDGER_HEADER))


def _ledger_records(file):
    import json

    return [record for _, record in json.loads(file)["ledger"]]


@pytest.fixture
def redrawn(home):
    """The file of a second attempt and its ledger; the first was revealed, then voided."""
    first = ceremony.revealed(ceremony.frozen())
    ceremony.voided(first, "名单有误重抽", ceremony.DRAWN_AT)
    _, path = ceremony.published(ceremony.a_plan(attempt=2, redraw_of=Redraw(1, "名单有误重抽", "d")))
    ledger.write()
    return path.read_bytes(), path.with_name("ledger.json").read_bytes()


@pytest.fixture
def hidden_run(redrawn):
    """The same, but the first attempt was simply dropped once its result could be known: nobody voided it."""
    file, kept = redrawn
    everything = [one for one in _ledger_records(kept) if one["event"]["kind"] != "voided"]
    _ledger_of(everything)
    own = [one for one in everything if one["event"]["attempt"] == 2 and one["event"]["kind"] != "published"]
    forged = sealed(own + [record for record in records_of(file) if record["kind"] != "event"])
    everything[-1]["body"]["sha256"] = hashlib.sha256(forged).hexdigest()
    return forged, _ledger_of(everything)


def _both(page, file, kept):
    found = verifier.verify(file, kept)
    _agree(_in_browser(page, file, kept), found)
    return found


@pytest.mark.browser
def test_a_run_that_was_dropped_without_voiding_is_found_in_the_kept_ledger(hidden_run, verifier_page):
    file, kept = hidden_run
    assert verifier.verify(file)["ok"]
    found = _both(verifier_page, file, kept)
    assert not found["ok"]
    assert "没有先作废" in _check(found, "ledger")["message_zh"]


@pytest.mark.browser
def test_a_voided_run_is_told_in_the_verdict(redrawn, verifier_page):
    found = _both(verifier_page, *redrawn)
    assert found["ok"], found["checks"]
    in_browser = _in_browser(verifier_page, *redrawn)
    for said in (found, in_browser):
        assert "第1次在揭示或抽取之后作废" in _check(said, "ledger")["message_zh"]
    assert "这是第2次" in _check(verifier.verify(redrawn[0]), "ledger")["message_zh"]


@pytest.mark.browser
def test_a_later_attempt_in_the_ledger_speaks_against_the_earlier_file(honest: Honest, verifier_page):
    records = _ledger_records(honest.salted_ledger)
    later = {"kind": "event", "event": dict(records[0]["event"], attempt=2, n=0), "body": records[0]["body"]}
    later["event"]["at"] = records[-1]["event"]["at"]
    found = _both(verifier_page, honest.salted, _ledger_of([*records, later]))
    drawn = where(records_of(honest.salted), event("drawn"))
    assert _check(found, "ledger")["line"] == drawn + 2


@pytest.mark.browser
def test_a_ledger_kept_before_the_draw_went_on_does_not_contradict_it(honest: Honest, redrawn, verifier_page):
    early = _ledger_of(_ledger_records(honest.salted_ledger)[:3])
    assert _both(verifier_page, honest.salted, early)["ok"]
    before_voiding = _ledger_of(_ledger_records(redrawn[1])[:5])
    assert _both(verifier_page, redrawn[0], before_voiding)["ok"]


@pytest.mark.browser
def test_without_a_register_count_the_file_is_not_said_to_agree_with_the_register(home, verifier_page):
    _, path = ceremony.published()
    found = _both(verifier_page, path.read_bytes(), None)
    assert found["ok"] and _check(found, "register")["ok"] is None


@pytest.mark.browser
def test_with_a_newer_ledger_an_old_file_says_that_results_are_out(home, verifier_page):
    draw, path = ceremony.published()
    old = path.read_bytes()
    ceremony.with_outcomes(draw)
    ledger.write()
    found = _both(verifier_page, old, path.with_name("ledger.json").read_bytes())
    assert found["ok"]
    assert _check(found, "results")["ok"] is None and "较旧" in _check(found, "results")["message_zh"]


def test_a_result_file_that_takes_results_back_is_refused(home):
    draw, _ = ceremony.published(ceremony.open_plan())
    ceremony.with_outcomes(draw, pending=2)
    records = records_of(ceremony.with_outcomes(draw, pending=1).read_bytes())
    first = where(records, event("outcomes"))
    records[first]["body"]["published"] += 5
    found = verifier.verify(sealed(rechained(records)))
    assert not _check(found, "results")["ok"]
