"""Who is who: sound on held-out seeds, the same in any order, in bulk or alone."""

import numpy as np
import pyarrow as pa
import pytest

from zhijian.datazone.linkage import blocking, index, linking, scoring
from zhijian.datazone.linkage.comparing import NAMES
from zhijian.datazone.linkage.rows import rows_of


def _all(records, register, weights, costs):
    found = [links for _, links in linking.link_table(records, register, weights, costs)]
    return {
        name: np.concatenate([getattr(one, name) for one in found]) for name in ("best", "decision", "bits")
    }


def test_links_on_a_held_out_province_are_right_and_nearly_all_are_found(records, register, weights, costs):
    found = _all(records, register, weights, costs)
    truth = np.array(records["true_uscc"].to_pylist(), "S18")
    right = (found["best"] >= 0) & (register.codes[found["best"]] == truth)
    linked = found["decision"] == 0
    assert right[linked].mean() >= 0.99
    assert (right & linked).mean() >= 0.95


def test_records_and_register_in_any_order_give_the_same_links(province, records, weights, costs):
    some = records.slice(0, 500)
    links = {}
    for seed in range(3):
        chance = np.random.default_rng(seed)
        shuffled = some.take(pa.array(chance.permutation(some.num_rows)))
        register = index.build(province.take(pa.array(chance.permutation(province.num_rows))), threads=1)
        table = linking.link_rows(rows_of(shuffled)[0], register, weights, costs).table(register)
        rows = table.append_column("record_id", shuffled["record_id"]).sort_by("record_id")
        links[seed] = rows
    assert links[0].equals(links[1])
    assert links[1].equals(links[2])


def test_one_record_alone_weighs_what_it_weighs_among_many(records, register, weights, costs):
    many = linking.link_rows(rows_of(records.slice(0, 200))[0], register, weights, costs)
    for place, record in enumerate(
        records.slice(0, 200).select(["name", "address", "representative_id", "phone_id"]).to_pylist()
    ):
        one = linking.link_one(record, register, weights, costs)
        assert one.best[0] == many.best[place]
        assert one.bits[0] == pytest.approx(many.bits[place], abs=1e-9)
        assert one.probability[0] == pytest.approx(many.probability[place], abs=1e-9)


def test_the_waterfall_adds_up_to_the_weight(records, register, weights, costs):
    rows = rows_of(records.slice(0, 50))[0]
    links = linking.link_rows(rows, register, weights, costs)
    for place in np.flatnonzero(links.best >= 0):
        entity = register.rows[links.best[place] : links.best[place] + 1]
        steps = scoring.explain(rows[place : place + 1], entity, len(register), weights)
        assert sum(step.bits for step in steps) == pytest.approx(links.bits[place], abs=1e-9)
        assert {step.name for step in steps} >= set(NAMES)


def test_nobody_is_compared_with_more_than_the_cap_on_each_ladder(records, register):
    record, _ = register.candidates(rows_of(records)[0], cap=8)
    assert np.bincount(record).max() <= 8 * len(blocking.LADDERS)


def test_two_equal_namesakes_are_never_linked_blindly(weights, costs):
    twins = pa.table({"uscc": ["91440300MAYY00001A", "91440300MAYY00002B"], "name": ["深圳市禾满食品有限公司"] * 2,
                      "address": ["深圳市南山区粤海街道科苑路1号", "深圳市罗湖区南湖街道人民南路2号"]})  # fmt: skip
    register = index.build(twins)
    links = linking.link_one({"name": "深圳市禾满食品有限公司"}, register, weights, costs)
    assert links.probability[0] <= 0.5
    assert linking.DECISIONS[links.decision[0]] != linking.LINKED
    with_address = linking.link_one(
        {"name": "禾满食品", "address": "粤海街道科苑路1号"}, register, weights, costs
    )
    assert register.code(int(with_address.best[0])) == "91440300MAYY00001A"


def test_an_entity_that_is_not_on_the_register_is_not_found(register, weights, costs):
    links = linking.link_one({"name": "火星市奥林帕斯观星俱乐部"}, register, weights, costs)
    assert linking.DECISIONS[links.decision[0]] != linking.LINKED


def test_costs_decide_whether_to_link_to_ask_or_to_leave():
    costs = linking.Costs(false_link=20, missed_link=1, review=0.3, share_not_on_register=0.05)
    decided = costs.decide(np.array([0.999, 0.985 + 1e-9, 0.98, 0.5, 0.31, 0.29, 0.0]))
    assert linking.DECISIONS[decided].tolist() == [
        "linked",
        "linked",
        "doubtful",
        "doubtful",
        "doubtful",
        "not_found",
        "not_found",
    ]


def test_an_index_on_disk_finds_what_the_one_in_memory_finds(
    tmp_path, province, records, register, weights, costs
):
    stored = index.build_from(
        [province.slice(0, 9000), province.slice(9000)], tmp_path / "register", province.num_rows
    )
    rows = rows_of(records.slice(0, 300))[0]
    one, other = (linking.link_rows(rows, r, weights, costs) for r in (register, stored))
    assert np.array_equal(one.best, other.best)
    assert np.allclose(one.bits, other.bits)


def test_a_folder_without_an_index_says_what_to_run(tmp_path):
    with pytest.raises(index.NoIndex, match="zhijian link prepare"):
        index.open_index(tmp_path)
