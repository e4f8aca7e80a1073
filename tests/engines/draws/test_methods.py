"""Protocol zhijian-draw/2: systematic draws and draws by weight, with exact chances, in the engine and both verifiers."""

import base64
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.draws import ceremony
from tests.engines.draws.cheats import event, of_kind, rechained, records_of, sealed, where
from zhijian.engines.draws import core, design, methods, roster, services, verifier, why
from zhijian.engines.draws.disclosure import Stratum
from zhijian.engines.draws.errors import PlanInvalid, WrongOrder
from zhijian.engines.draws.plan import Design, Plan, Rate
from zhijian.engines.draws.queries import public_chance_of

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
BY_CAPITAL = Design((Rate("R1", 2500, "pps"),), follows_class=False, weight_by="capital")
WALKED = Design(
    (Rate("R1", 2500, "systematic", "declared"),), follows_class=False, sort_by="county", at_least_per_area=6
)
IN_JS = """async ([cases]) => {
    const answers = [];
    for (const { seed, layer, objects } of cases) {
        const raw = Uint8Array.from(seed.match(/../g), (pair) => parseInt(pair, 16));
        const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
        const unhex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
        const hex = (bytes) => Array.from(new Uint8Array(bytes), (one) => one.toString(16).padStart(2, "0")).join("");
        const keyed = async (leaf) => hex(await crypto.subtle.sign("HMAC", key, unhex(leaf)));
        const ranked = await Promise.all(objects.map(async (one) => ({ ...one, rank: await keyed(one.leaf) })));
        const order = await pick(keyed, layer, ranked), weights = objects.map((one) => one.weight);
        const found = layer.method === "pps" ? settle(weights, layer.drawn) : { least: null, sure: 0, rest: BigInt(objects.length) };
        answers.push({ drawn: order.slice(0, layer.drawn), reserved: order.slice(layer.drawn, layer.drawn + layer.reserve),
            chances: weights.map((weight) => chanceOf(weight, layer.drawn, found)), certain: found.sure, weight: String(found.rest) });
    }
    return answers;
}"""


def _drawn_by_the_engine(case):
    objects, layer, seed = case["objects"], case["layer"], bytes.fromhex(case["seed"])
    leaves = core.leaf_array([one["leaf"] for one in objects])
    stratum = Stratum(
        layer["label"], "440000", "", "R1", len(objects), layer["drawn"], layer["reserve"],
        layer["method"], layer["order"], layer["certain"], layer["weight"],
    )  # fmt: skip
    weights, sorts = (np.array([one[key] for one in objects], np.int64) for key in ("weight", "sort"))
    heads = core.rank(seed, leaves)
    sample = methods.draw_stratum(seed, leaves, heads, np.arange(len(objects)), weights, sorts, stratum)
    chances = [methods.fraction(methods.chance_of(one["weight"], stratum)) for one in objects]
    return [objects[i]["leaf"] for i in sample.drawn], [objects[i]["leaf"] for i in sample.reserve], chances


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["name"])
def test_engine_and_python_verifier_draw_the_shared_vectors(case):
    assert _drawn_by_the_engine(case) == (case["drawn"], case["reserved"], case["chances"])
    seed, layer, n = bytes.fromhex(case["seed"]), case["layer"], case["layer"]["drawn"]
    rank = {one["leaf"]: verifier.keyed(seed, one["leaf"]) for one in case["objects"]}
    order = verifier.picked(seed, layer, case["objects"], rank)
    assert (order[:n], order[n : n + layer["reserve"]]) == (case["drawn"], case["reserved"])


@pytest.mark.browser
def test_the_browser_draws_the_shared_vectors_bit_by_bit(verifier_page):
    for case, answer in zip(VECTORS, verifier_page.evaluate(IN_JS, [VECTORS]), strict=True):
        wanted = {key: case[key] for key in ("drawn", "reserved", "chances")}
        layer = {"certain": case["layer"]["certain"], "weight": str(case["layer"]["weight"])}
        assert answer == wanted | layer, case["name"]


weighted = st.lists(st.integers(1, 60), min_size=1, max_size=25).flatmap(
    lambda weights: st.tuples(st.just(weights), st.integers(0, len(weights)))
)


@given(weighted)
def test_chances_are_proportional_to_weight_and_add_up_to_the_sample(found):
    weights, count = found
    least = methods.certain_from(weights, count)
    sure = [weight for weight in weights if least is not None and weight >= least]
    stratum = Stratum("S001", "", "", "R1", len(weights), count, 0, "pps", "random", len(sure),
                      sum(weights) - sum(sure))  # fmt: skip
    chances = [methods.chance_of(weight, stratum) for weight in weights]
    assert sum(chances) == count
    if count:
        assert chances == design.inclusion(weights, count)
    settled = verifier.settled(weights, count)
    assert [verifier.chance(w, count, *settled) for w in weights] == [methods.fraction(c) for c in chances]


@given(weighted)
@settings(max_examples=40, deadline=None)
def test_over_all_starts_every_object_is_hit_exactly_in_proportion_to_its_weight(found):
    """Not by simulation: every start that the seed could give is tried once."""
    weights, count = found
    if count == 0 or any(count * weight > sum(weights) for weight in weights):
        return
    hits, order, whole = [0] * len(weights), np.arange(len(weights)), sum(weights)
    with pytest.MonkeyPatch.context() as patch:
        for point in range(whole):
            patch.setattr(methods, "start", lambda *_, point=point: point)
            for place in methods._walk(b"", "S001", order, np.array(weights, np.int64), count):
                hits[place] += 1
    assert [Fraction(hit, whole) for hit in hits] == [Fraction(count * w, whole) for w in weights]


def test_the_worked_example_hits_units_1_6_and_8(monkeypatch):
    weights = np.array([5, 1, 1, 3, 2, 8, 1, 4, 2, 3], np.int64)
    monkeypatch.setattr(methods, "start", lambda *_: 12)  # 4.2 in steps of a third
    assert methods._walk(b"", "S001", np.arange(10), weights, 3) == [0, 5, 7]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=6), st.integers(0, 50)
)
def test_an_area_gives_its_minimum_or_all_it_has(pairs, least):
    strata = [(f"S{n:03d}", "440100", max(pair)) for n, pair in enumerate(pairs)]
    drawn = {f"S{n:03d}": min(pair) for n, pair in enumerate(pairs)}
    found = methods.raised_to_area_minimum(strata, drawn, at_least=least)
    have = sum(objects for *_, objects in strata)
    assert sum(found.values()) == max(sum(drawn.values()), min(least, have))
    assert all(drawn[label] <= found[label] <= objects for label, _, objects in strata)


@pytest.mark.parametrize(("weights", "count"), [([0, 1], 1), ([-1, 3], 1), ([1, 2], 3)], ids=str)
def test_weights_below_one_and_more_than_there_are_cannot_be_drawn(weights, count):
    with pytest.raises(ValueError, match="cannot be drawn"):
        methods.certain_from(weights, count)


def test_one_heavier_than_all_others_together_is_certain_and_an_empty_stratum_draws_nothing():
    assert methods.certain_from([90, 1, 1, 1], 1) is None  # 90/93 of a chance, not yet certain
    assert methods.certain_from([90, 1, 1, 1], 2) == 90
    empty = Stratum("S001", "440100", "", "R1", 0, 0, 0, "pps", "random", 0, 0)
    nobody = np.array([], np.int64)
    leaves = core.leaf_array([])
    sample = methods.draw_stratum(
        bytes(32), leaves, core.rank(bytes(32), leaves), nobody, nobody, nobody, empty
    )
    assert sample == core.Sample((), ())


def _plan(design_: Design, **changes) -> Plan:
    return ceremony.open_plan(design=design_, **changes)


def _frame(count=40, **fixed):
    frame = ceremony.objects(count, rates=("R1",))
    return [replace(one, **{key: value(n) for key, value in fixed.items()}) for n, one in enumerate(frame)]


@pytest.mark.parametrize("weight", [0, -3, 2.5, True, 2**53], ids=str)
def test_a_weight_that_is_no_whole_number_from_one_is_refused_at_the_freeze(weight):
    frame = _frame(weight=lambda n: weight if n == 3 else 1)
    with pytest.raises(PlanInvalid, match="91440101MA00000003"):
        roster.build(_plan(BY_CAPITAL), frame, [], salt=ceremony.counting_salt())


def test_weights_and_sorts_stand_only_where_the_method_uses_them():
    with pytest.raises(PlanInvalid, match="only a draw by weight"):
        roster.build(_plan(WALKED), _frame(weight=lambda n: 2), [], salt=ceremony.counting_salt())
    with pytest.raises(PlanInvalid, match="only a draw in declared order"):
        roster.build(_plan(BY_CAPITAL), _frame(sort=lambda n: 2), [], salt=ceremony.counting_salt())


def test_weights_that_add_up_beyond_what_files_hold_are_refused():
    with pytest.raises(PlanInvalid, match="larger unit"):
        roster.build(_plan(BY_CAPITAL), _frame(weight=lambda n: 2**50 + n), [], salt=ceremony.counting_salt())


def test_a_salted_draw_shows_no_weight_and_methods_say_what_they_go_by():
    with pytest.raises(PlanInvalid, match="could tell who it is"):
        ceremony.a_plan(design=replace(BY_CAPITAL, follows_class=True))
    with pytest.raises(PlanInvalid, match="say what the weights are"):
        _plan(replace(BY_CAPITAL, weight_by=""))
    with pytest.raises(PlanInvalid, match="no declared order"):
        _plan(replace(WALKED, rates=(Rate("R1", 100, "simple", "declared"),)))
    with pytest.raises(PlanInvalid, match="least number per area"):
        _plan(replace(WALKED, at_least_per_area=-1))


def test_plans_of_old_are_announced_word_for_word_as_before():
    announced = ceremony.open_plan().as_announcement()
    assert announced["protocol"] == "zhijian-draw/1"
    assert "at_least_per_area" not in announced["design"]
    assert set(announced["design"]["rates"][0]) == {"key", "per_10000"}
    extended = _plan(WALKED)
    assert extended.as_announcement()["protocol"] == "zhijian-draw/2"
    assert Plan.from_announcement(extended.as_announcement()) == extended


@pytest.fixture
def _own_home(home):
    return home


def _held(kind):
    if kind == "by weight":
        return ceremony.published(_plan(BY_CAPITAL), _frame(weight=lambda n: 200 if n == 5 else n % 7 + 1))
    if kind == "in declared order":
        return ceremony.published(_plan(WALKED), _frame(sort=lambda n: n // 10))
    rates = tuple(Rate(f"R{n}", share, "systematic") for n, share in enumerate((1000, 2000, 4000), start=1))
    salted = replace(ceremony.a_plan().design, rates=rates, at_least_per_area=8)
    return ceremony.published(ceremony.a_plan(design=salted), ceremony.objects())


KINDS = ("by weight", "in declared order", "salted")


@pytest.mark.django_db
@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_a_draw_by_method_verifies_in_both_languages_and_tells_each_object_its_chance(
    kind, _own_home, verifier_page
):
    draw, path = _held(kind)
    file = path.read_bytes()
    found = verifier.verify(file)
    assert found["ok"], found["checks"]
    theirs = verifier_page.evaluate("(text) => verifyDraw(text)", file.decode())
    assert theirs["ok"], theirs["checks"]
    assert theirs["objects"] == found["objects"]
    assert sum(Fraction(one["chance"]) for one in found["objects"]) == sum(
        one["recomputed"] == "drawn" for one in found["objects"]
    )
    opening = services.opening_of(draw, found["objects"][3].get("object", "91440101MA00000005"))
    ours = why.explain(file, opening)
    again = verifier_page.evaluate("([text, opening]) => explain(text, opening)", [file.decode(), opening])
    assert ours.ok
    assert opening["chance"] == ours.chance == again["chance"]
    assert ours.chance in ours.message_zh
    assert (again["message_zh"], again["message_en"]) == (ours.message_zh, ours.message_en)


@pytest.mark.django_db
def test_a_salted_draw_by_method_shows_one_chance_in_a_stratum_and_no_weight(_own_home):
    """The chance is drawn/objects of the opaque stratum, which the file of old told as well."""
    draw, path = _held("salted")
    drawn = services.result_of(draw).drawn[0]
    assert services.chances_of(draw)[drawn.object_id] > 0
    assert public_chance_of(draw.plan_id, draw.attempt, drawn.object_id) == ""
    lines = [one for one in records_of(path.read_bytes()) if one["kind"] == "object"]
    assert {(one["weight"], one["sort"]) for one in lines} == {(1, 0)}
    assert all(
        len({one["chance"] for one in lines if one["stratum"] == s}) == 1
        for s in {o["stratum"] for o in lines}
    )
    assert not any("object" in one for one in lines)


@pytest.mark.django_db
def test_every_area_gives_its_minimum_and_the_register_of_chances_is_published(_own_home):
    draw, _ = _held("in declared order")
    frozen = records_of(services.store.public_path(draw, "", ".json").read_bytes())[1]["body"]
    assert [stratum["drawn"] for stratum in frozen["strata"]] == [6, 6, 6]
    table = services.store.public_path(draw, "roster", ".csv").read_text("utf-8-sig").splitlines()
    assert table[0] == "protocol,leaf,stratum,weight,sort,probability,object,name"
    assert table[1].startswith("zhijian-draw/2,")


def _forged(file, edit, at):
    records = records_of(file)
    edit(records)
    frozen = records[where(records, event("frozen"))]["body"]
    objects = [one for one in records if one["kind"] == "object"]
    frozen["roster_root"] = core.merkle_root(map(core.canonical, objects))
    return sealed(rechained(records)), where(records, at) + 2


def _first(kind):
    return lambda records: records[where(records, of_kind(kind))]


FORGERIES = {
    "a chance that flatters": (lambda r: _first("object")(r).update(chance="1/999"), of_kind("object")),
    "a chance not in lowest terms": (
        lambda r: _first("object")(r).update(chance="{}0/{}0".format(*_first("object")(r)["chance"].split("/"))),
        of_kind("object"),
    ),
    "a certain one that is none": (
        lambda r: r[where(r, event("frozen"))]["body"]["strata"][0].update(certain=3), event("frozen"),
    ),
    "another method than announced": (
        lambda r: r[where(r, event("frozen"))]["body"]["strata"][0].update(method="simple"), event("frozen"),
    ),
    "a method that nobody knows": (lambda r: r[0]["body"]["design"]["rates"][0].update(method="handpicked"), event("announced")),
    "a minimum that was not kept": (lambda r: r[0]["body"]["design"].update(at_least_per_area=30), event("frozen")),
    "weights without a name": (lambda r: r[0]["body"]["design"].update(weight_by=""), event("announced")),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.browser
def test_a_forged_method_or_chance_is_caught_by_both_verifiers_and_its_line_named(_own_home, verifier_page):
    file = _held("by weight")[1].read_bytes()
    for name, (edit, at) in FORGERIES.items():
        forged, line = _forged(file, edit, at)
        there = verifier_page.evaluate(
            "(text) => verifyDraw(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)))",
            base64.b64encode(forged).decode(),
        )
        for found in (verifier.verify(forged), there):
            check = next(one for one in found["checks"] if one["id"] == "weights")
            assert (check["ok"], check["line"]) == (False, line), (name, found["checks"])


@pytest.mark.django_db
def test_two_drawers_draw_by_weight_once(_own_home):
    draw = ceremony.revealed(ceremony.frozen(_plan(BY_CAPITAL), _frame(weight=lambda n: n + 1)))
    services.run(draw, by=ceremony.officer("drawer"), at=ceremony.DRAWN_AT)
    with pytest.raises(WrongOrder):
        services.run(draw, by=ceremony.officer("second", "drawer"), at=ceremony.DRAWN_AT)
