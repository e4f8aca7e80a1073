"""A synthetic province: the same by seed, marked, lawful in its codes and days, and never half there."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from zhijian.datazone.lake import Lake
from zhijian.datazone.synthesis import codes, conduct, places, province, trades, traits
from zhijian.datazone.synthesis.increment import next_day, synthesize_increment
from zhijian.datazone.synthesis.province import FACTS, REGISTER, TRUTH, CannotSynthesize, synthesize
from zhijian.operations.seed.synthetic import CODE_MARK
from zhijian.standards import industries, uscc
from zhijian.standards.divisions import find

AT = datetime(2026, 1, 1, tzinfo=UTC)
N = 30_000


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake(tmp_path_factory.mktemp("province"))
    synthesize(made, N, seed=5, at=AT)
    return made


@pytest.fixture(scope="module")
def register(lake: Lake) -> pa.Table:
    return lake.read(REGISTER)


@pytest.fixture(scope="module")
def facts(lake: Lake) -> pa.Table:
    return lake.read(FACTS)


def test_the_same_seed_gives_the_same_rows_whatever_the_threads_chunks_and_files(tmp_path, monkeypatch):
    one, two = Lake(tmp_path / "one"), Lake(tmp_path / "two")
    synthesize(one, 5_000, seed=9, at=AT, workers=1)
    monkeypatch.setattr(province, "CHUNK", 700)
    synthesize(two, 5_000, seed=9, at=AT, workers=3)
    for table in (REGISTER, FACTS, TRUTH):
        keys = [
            (name, "ascending") for name in ("uscc", "source_key") if name in one.read(table).column_names
        ]
        assert one.read(table).sort_by(keys).equals(two.read(table).sort_by(keys))


def test_another_seed_gives_other_rows(tmp_path, register):
    other = Lake(tmp_path)
    synthesize(other, N, seed=6, at=AT)
    same = pc.sum(pc.equal(other.read(REGISTER)["name"], register["name"])).as_py()
    assert same < N / 100


def test_a_province_that_is_there_already_is_left_as_it_is(lake):
    before = lake.version(FACTS)
    assert synthesize(lake, N, seed=5, at=AT).is_unchanged
    assert lake.version(FACTS) == before


def test_every_row_is_marked_and_every_name_says_that_it_is_an_example(lake, register, facts):
    for table in (register, facts, lake.read(TRUTH)):
        assert pc.all(table["is_synthetic"]).as_py()
    assert pc.all(pc.match_substring(register["name"], "示例")).as_py()
    assert set(register["source"].to_pylist()) == {"合成数据"}


def test_codes_are_right_and_belong_to_nobody(register):
    found = register["uscc"].to_pylist()
    assert len(set(found)) == N
    assert all(not uscc.find_problems(code) for code in found[::7])
    assert all(code[8:11] == codes.MARK and not code[8:].startswith(CODE_MARK) for code in found)


def test_the_whole_number_space_has_its_own_codes_and_ends_before_that_of_the_demonstration():
    edge = np.array([0, 30, 31, 17_800_000, codes.CAPACITY - 1])
    prefixes = np.frombuffer(b"91440106" * len(edge), dtype=np.uint8).reshape(-1, 8)
    made = [row.tobytes().decode() for row in codes.credit_codes(edge, prefixes)]
    assert [code[8:16] for code in made] == ["MAY00000", "MAY0000Y", "MAY00010", made[3][8:16], "MAYXYYYY"]
    assert all(not uscc.find_problems(code) for code in made)
    with pytest.raises(codes.NumberSpaceExhausted):
        codes.credit_codes(edge + 1, prefixes)


def test_no_real_registration_of_the_sample_has_a_code_of_this_space():
    sample = Path(__file__).parents[3] / "data/samples/registration/gd_limited_companies.csv.gz"
    con = ibis.duckdb.connect()
    real = con.read_csv(sample, all_varchar=True)
    assert real.filter(real.uscc.upper().substr(8, 3) == codes.MARK).count().to_pyarrow().as_py() == 0


def test_more_entities_than_free_codes_are_refused(tmp_path):
    with pytest.raises(CannotSynthesize, match="belong to nobody"):
        synthesize(Lake(tmp_path), 30_000_000, seed=1, at=AT)
    assert Lake(tmp_path).tables() == []


def test_counties_kinds_and_fact_counts_are_near_the_documented_ones(register, facts):
    kinds = register["entity_kind_code"].to_pylist()
    for kind, share in zip(trades.KINDS, traits.KIND_SHARES, strict=True):
        assert kinds.count(kind) / N == pytest.approx(share, abs=0.001)
    leaf = pc.coalesce(register["county_code"], register["prefecture_code"]).to_pylist()
    for county, share in zip(places.places().county, places.places().share, strict=True):
        assert leaf.count(county) == pytest.approx(N * share, abs=3)
    assert 3.4 < len(facts) / N < 5.0
    assert set(facts["kind"].to_pylist()) == set(conduct.KINDS)


def test_places_and_industries_are_those_of_the_standards(register):
    for row in register.select(
        ["street_code", "county_code", "prefecture_code", "industry_code"]
    ).to_pylist()[::50]:
        street, industry = find(row["street_code"]), industries.find(row["industry_code"])
        assert street is not None and street.code6 == (row["county_code"] or row["prefecture_code"])
        assert (row["county_code"] is None) == (row["prefecture_code"] in places.WITHOUT_COUNTIES)
        assert industry is not None and industry.level == industries.CLASS


def test_nothing_happens_before_an_entity_is_founded_nor_after_it_has_left(register, facts):
    con = ibis.duckdb.connect()
    con.con.register("register", register)
    con.con.register("facts", facts)
    outside = con.con.execute(
        "select count(*) from facts join register using (uscc) where occurred_on < registered_on "
        "or occurred_on > coalesce(ended_on, date '2025-12-31') or occurred_on < date '2021-01-01' "
        "or recorded_on < occurred_on or recorded_on > date '2025-12-31'"
    ).fetchone()
    strangers = con.con.execute("select count(*) from facts anti join register using (uscc)").fetchone()
    assert (outside, strangers) == ((0,), (0,))


def test_keys_of_facts_are_their_own_and_what_closes_follows_what_it_closes(facts):
    assert len(set(facts["source_key"].to_pylist())) == len(facts)
    opened = {"penalty.repaired": "penalty.decided", "serious_list.removed": "serious_list.listed",
              "abnormal_list.removed": "abnormal_list.listed"}  # fmt: skip
    rows = facts.select(["uscc", "kind", "reference", "occurred_on"]).to_pylist()
    days = {
        (r["uscc"], r["kind"], r["reference"]): r["occurred_on"] for r in rows if r["kind"] in opened.values()
    }
    closings = [row for row in rows if row["kind"] in opened]
    assert len(closings) > 1000
    for row in closings:
        assert days[row["uscc"], opened[row["kind"]], row["reference"]] < row["occurred_on"]


def test_a_missing_report_is_followed_by_a_listing_for_it_in_july(facts):
    listed = facts.filter(pc.equal(facts["ground_code"], "annual_report"))
    listed = listed.filter(pc.equal(listed["kind"], "abnormal_list.listed"))
    assert set(pc.month(listed["occurred_on"]).to_pylist()) == {7}


def test_the_truth_lies_apart_and_facts_tell_of_it(lake, register, facts):
    assert not set(lake.read(TRUTH).column_names) - {
        "uscc", "hazard", "activity_state", "violations_next_12_months", "is_synthetic",
    }  # fmt: skip
    assert not {"hazard", "activity_state"} & {*register.column_names, *facts.column_names}
    truth = lake.read(TRUTH)
    hazard, following = truth["hazard"].to_numpy(), truth["violations_next_12_months"].to_numpy()
    assert following.sum() == pytest.approx(hazard.sum(), rel=0.08)
    penal = set(facts.filter(pc.equal(facts["kind"], "penalty.decided"))["uscc"].to_pylist())
    punished = np.array([code in penal for code in truth["uscc"].to_pylist()])
    assert hazard[punished].mean() > 2 * hazard[~punished].mean()
    gone = set(register.filter(pc.is_valid(register["ended_on"]))["uscc"].to_pylist())
    left = np.array([code in gone for code in truth["uscc"].to_pylist()])
    assert hazard[left].max() == 0.0


def test_an_inspection_finds_more_where_the_inspector_is_strict():
    strict = conduct.strictness(5, np.arange(1000))
    assert np.median(strict) == pytest.approx(1.0, abs=0.1)
    chance = conduct.finding_chance(np.full(2, 0.1), np.array([0.5, 2.0]))
    assert chance[1] > 3 * chance[0]


def test_names_are_nearly_all_different(register):
    assert len(set(register["name"].to_pylist())) > 0.99 * N


def test_a_next_day_touches_its_share_with_whole_new_rows_and_new_entities(tmp_path):
    lake = Lake(tmp_path)
    synthesize(lake, N, seed=5, at=AT)
    day = next_day(lake)
    report = synthesize_increment(lake, day, share=0.01, seed=1, at=AT)
    assert day == date(2026, 1, 1)
    assert report.entities == pytest.approx(0.01 * N, rel=0.2)
    new = lake.read_where(REGISTER, [("delivered_on", "=", day)])
    assert 0 < len(new) < report.entities
    known = set(lake.read(REGISTER, as_of=lake.versions(REGISTER)[-1].version)["uscc"].to_pylist())
    founded = [row for row in new.to_pylist() if row["uscc"] not in known]
    assert len(founded) == int(N * 0.0003)
    assert {row["registered_on"] for row in founded} == {day}
    keys = lake.read(FACTS)["source_key"].to_pylist()
    assert len(set(keys)) == len(keys)
    with pytest.raises(CannotSynthesize, match="holds all days"):
        synthesize_increment(lake, day, at=AT)


def test_a_later_plan_leaves_what_entities_were(tmp_path):
    plan = traits.make_plan(1000, 3, date(2025, 12, 31))
    alone = traits.draw_traits(plan, np.arange(500, 501))
    among = traits.draw_traits(plan, np.arange(1000))
    assert all(
        getattr(alone, name)[0] == getattr(among, name)[500] for name in traits.Traits.__dataclass_fields__
    )
    new = traits.draw_traits(replace(plan, until=date(2026, 3, 2)), np.arange(1000, 1010))
    assert set(new.founded) == {(date(2026, 3, 2) - traits.EPOCH).days}


_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from zhijian.datazone.lake import Lake
from zhijian.datazone.synthesis import province
from zhijian.datazone.synthesis.province import synthesize
province.CHUNK = 5_000
say = lambda stage, share: print(stage, share, flush=True)
synthesize(Lake(Path(sys.argv[1])), 2_000_000, seed=1, at=datetime(2026, 1, 1, tzinfo=UTC), workers=1, progress=say)
"""


def test_a_run_that_is_killed_leaves_nothing_to_be_seen_and_the_next_one_works(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline().startswith("draw")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    lake = Lake(tmp_path)
    assert lake.tables() == []
    assert list(tmp_path.glob("raw/*/.writing-*/*.parquet"))
    synthesize(lake, 2_000, seed=1, at=AT)
    assert lake.count(REGISTER) == 2_000
    assert not list(tmp_path.glob("raw/*/.writing-*"))
