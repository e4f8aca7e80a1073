"""What a stranger finds out: a hidden record, a forged absence, two roots for a day, a chain that forgot a day."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest

from tests.engines.publicity.conftest import DAY, FIRM, NONE, OTHER, morning
from zhijian.engines.facts import seals
from zhijian.engines.facts import services as facts
from zhijian.engines.facts.canonical import canonical, canonical_bytes
from zhijian.engines.publicity import answers, mirror, statements
from zhijian.engines.publicity.building import open_map
from zhijian.engines.publicity.checking import Given, chain_checks, check, kept_checks, recomputed
from zhijian.engines.publicity.lists import value_of
from zhijian.engines.publicity.tree import Proof, key_of
from zhijian.security import signing

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


def outcome(checks):
    return {one.id: one.ok for one in checks}


def wrong(checks):
    return [one.id for one in checks if one.ok is False]


def resigned(signed, **changed):
    """What the holder of the key can sign at any time: another statement about a day."""
    statement = signed["statement"] | changed
    signature = signing.sign(canonical_bytes(statement), key="publicity").hex()
    return {"statement": statement, "key": signed["key"], "signature": signature}


@pytest.fixture
def two_days(penalty, build, home):
    """Two penalties on one code, one on another; a root on each of two days."""
    penalty("1")
    penalty("2")
    penalty("3", subject=OTHER)
    build()
    seals.seal_day(DAY, at=morning(NEXT))
    build(NEXT)
    return json.loads((home.published / "publicity" / "roots.json").read_text())["roots"]


def test_a_list_and_an_absence_are_proved_from_the_file_alone(two_days, ask):
    given = Given(roots=two_days, kept=two_days[:1])
    for code in (FIRM, OTHER, NONE):
        answer = json.loads(json.dumps(ask(code, NEXT)))
        assert wrong(check(answer, given)) == []
    told = [one.message_en for one in check(ask(FIRM, NEXT), given)]
    assert "The 2 items listed are all there are, no more and no less." in told
    assert any("nothing is public" in one.message_en for one in check(ask(NONE, NEXT), given))


def test_a_hidden_record_is_found(two_days, ask):
    answer = ask(FIRM, NEXT)
    answer["leaf"]["items"].pop()
    assert wrong(check(answer, Given())) == ["list"]


def test_an_item_that_was_changed_or_added_is_found(two_days, ask):
    answer = ask(FIRM, NEXT)
    softer = deepcopy(answer)
    softer["leaf"]["items"][0]["payload"]["fine_yuan"] = "20.00"
    added = deepcopy(answer)
    added["leaf"]["items"].append(ask(OTHER, NEXT)["leaf"]["items"][0])
    assert wrong(check(softer, Given())) == wrong(check(added, Given())) == ["list"]


def test_a_list_hidden_with_its_hash_mended_is_found(two_days, ask):
    answer = ask(FIRM, NEXT)
    answer["leaf"]["items"].pop()
    value = value_of(canonical(answer["leaf"]))
    answer["proof"]["end"] = [key_of(FIRM).hex(), value.hex()]
    assert wrong(check(answer, Given())) == ["proof"]


def test_a_forged_absence_is_found(two_days, ask):
    answer, honest = ask(FIRM, NEXT), ask(NONE, NEXT)
    emptied = answer | {"leaf": None, "proof": answer["proof"] | {"end": None}}
    borrowed = answer | {"leaf": None, "proof": honest["proof"]}
    shorter = answer | {"leaf": None, "proof": Proof((), None).members()}
    for forged in (emptied, borrowed, shorter):
        assert wrong(check(forged, Given())) == ["proof"]


def test_an_absence_that_still_lists_items_is_found(two_days, ask):
    assert wrong(check(ask(NONE, NEXT) | {"leaf": ask(FIRM, NEXT)["leaf"]}, Given())) == ["proof"]


def test_the_list_of_another_code_does_not_pass(two_days, ask):
    assert "list" in wrong(check(ask(FIRM, NEXT) | {"leaf": ask(OTHER, NEXT)["leaf"]}, Given()))


def test_an_unsigned_root_and_one_under_a_strangers_key_are_found(two_days, ask):
    answer = ask(FIRM, NEXT)
    root = answer["signed"] | {"statement": answer["signed"]["statement"] | {"items": 9}}
    assert wrong(check(answer | {"signed": root}, Given())) == ["signature"]
    assert wrong(check(answer, Given(key="00" * 32))) == ["signature"]


def test_two_roots_for_one_day_are_found_by_whoever_holds_both(two_days, ask):
    other = resigned(two_days[1], root="ab" * 32)
    answer = ask(FIRM, NEXT)
    assert statements.is_genuine(other)
    assert wrong(check(answer, Given(kept=[other]))) == ["split"]
    assert wrong(check(answer, Given(roots=[two_days[0], other]))) == ["published"]


def test_a_later_root_that_forgets_an_earlier_day_is_found(two_days, ask):
    first, second = two_days
    before = resigned(first, day="2026-11-01")
    forgetful = resigned(
        second, previous_day="2026-11-01", previous_hash=statements.hash_of(before["statement"])
    )
    answer = ask(FIRM, NEXT) | {"signed": forgetful}
    assert wrong(check(answer, Given(roots=[before, forgetful], kept=[first]))) == ["rollback"]
    anew = resigned(second, previous_day=None, previous_hash=statements.NO_ROOT_BEFORE)
    assert wrong(kept_checks([first], [anew])) == ["rollback"]


def test_a_chain_whose_first_root_names_another_yesterday_is_found(two_days):
    first, second = two_days
    other = resigned(first, items=7)
    assert wrong(kept_checks([other], [second])) == ["rollback"]
    assert wrong(kept_checks([first], [second])) == []


def test_a_chain_with_a_day_cut_out_is_broken(two_days, build):
    build(NEXT + timedelta(days=1))
    third = resigned(two_days[1], day="2026-11-05", previous_day="2026-11-04")
    assert wrong(chain_checks([two_days[0], third])) == ["chain"]
    assert wrong(chain_checks(two_days)) == []


def test_a_root_stands_in_the_sealed_log_once_its_day_is_sealed(two_days, ask, home):
    log = json.loads((home.published / "seals" / "log.json").read_text())
    sealed, waiting = answers.logged("2026-11-03"), answers.logged("2026-11-04")
    answer = ask(FIRM, NEXT)
    assert outcome(check(answer, Given(logged=sealed, seals=log)))["log"] is True
    assert outcome(check(answer, Given(logged=waiting)))["log"] is None
    other = deepcopy(sealed)
    other["fact"]["payload"]["statement"]["root"] = "ab" * 32
    assert wrong(check(answer, Given(logged=other))) == ["log"]
    elsewhere = {"seals": [log["seals"][0] | {"root": "ab" * 32}]}
    assert wrong(check(answer, Given(logged=sealed, seals=elsewhere))) == ["log"]


def test_an_item_past_its_last_day_is_found(two_days, ask):
    answer = ask(FIRM, NEXT)
    answer["leaf"]["items"][0]["public_until"] = "2026-11-03"
    assert "ends" in wrong(check(answer, Given()))


@pytest.mark.parametrize("broken", [{}, {"form": "x"}, {"form": "zhijian-publicity-answer/1", "signed": 5}])
def test_what_is_no_answer_is_said_to_be_none(broken):
    assert wrong(check(broken, Given())) == ["form"]


def test_a_mirror_works_out_the_root_from_its_own_copy(two_days, home):
    from zhijian.engines.publicity.building import open_map

    with open_map(home) as store:
        texts = list(store.texts())
    assert recomputed(texts) == two_days[1]["statement"]["root"]
    assert recomputed(texts[1:]) != two_days[1]["statement"]["root"]


def test_a_copy_with_its_changes_is_the_snapshot_of_the_day_and_who_left_is_told_as_gone(
    penalty, build, home
):
    penalty("1")
    annulled = penalty("2", subject=OTHER)
    build()
    with open_map(home) as store:
        copy = list(mirror.snapshot_lines(store.newest().signed_root(), store.texts()))
    assert any(OTHER in line for line in copy)
    facts.withdraw(annulled, reason="复议撤销", by="demo", at=morning(NEXT) - timedelta(hours=1))
    penalty("3", at=morning(NEXT) - timedelta(hours=1))
    build(NEXT)
    with open_map(home) as store:
        signed = store.newest().signed_root()
        changes = list(mirror.change_lines(DAY.isoformat(), signed, store.changed_since(DAY)))
        whole = list(mirror.snapshot_lines(signed, store.texts()))
    assert json.loads(next(line for line in changes if OTHER in line))["form"] == mirror.GONE_FORM
    assert list(mirror.applied(copy, changes)) == whole
    assert list(mirror.problems(whole)) == []
