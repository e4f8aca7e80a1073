"""What happens to the entities in five years: facts of fourteen kinds, drawn from hazard and activity.

Events of a kind are a Poisson process: a rate while the entity is active, times a factor in its later state. What
follows from something (removal from listing, repair from penalty, case from inspection) is drawn from what it follows.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhijian.datazone.standard.events import FACT_TYPES
from zhijian.datazone.synthesis import columns
from zhijian.datazone.synthesis.draws import Floats, Integers, bits, normal, poisson, uniform
from zhijian.datazone.synthesis.places import places
from zhijian.datazone.synthesis.register import SOURCE, code_bytes
from zhijian.datazone.synthesis.trades import FIELDS, INDIVIDUAL, trades
from zhijian.datazone.synthesis.traits import (
    ACTIVE,
    ACTIVITY_HAZARD,
    DORMANT,
    EPOCH,
    YEAR,
    Plan,
    Traits,
    hazard_of,
    hazard_on,
)

KINDS = (
    "annual_report.published", "abnormal_list.listed", "abnormal_list.removed", "serious_list.listed",
    "serious_list.removed", "penalty.decided", "penalty.repaired", "complaint.upheld", "inspection.result",
    "sampling.result", "licence.granted", "registration.changed", "equipment.inspected", "product.failed",
)  # fmt: skip
(REPORT, LISTED, REMOVED, SERIOUS, SERIOUS_REMOVED, PENALTY, REPAIRED, COMPLAINT, INSPECTION, SAMPLING, LICENCE,
 CHANGE, EQUIPMENT, FAILED) = range(14)  # fmt: skip
SCHEMA = pa.schema({"uscc": pa.string(), **FACT_TYPES})
CODES = ("1", "2", "5", "6", "8", "9", "pass", "fail", None)
CLEAN, UNREPORTED, UNREACHABLE, CORRECTED, NOT_FOUND, PENDING, PASS, FAIL, NO_CODE = range(9)
GROUNDS = ("annual_report", "unreachable", "food", "product", "fraud", None)
NO_GROUND = len(GROUNDS) - 1
NO_FIELD = len(FIELDS)
INSPECTORS = 24  # in each county

# ASSUMPTION, all of them: the parameters of the model, told in docs/explanation/synthetic-province.md.
ALWAYS = (1.0, 1.0, 1.0, 1.0)  # by activity state: what happens to an entity whatever it does
OWN_ACTS = (1.0, 0.3, 0.02, 0.0)  # what it does itself
MISSES_REPORT = (0.035, 0.12, 0.65, 0.97)
MISSES_MORE_IF_INDIVIDUAL = 1.6
REPORT_LISTING_SHARE = 0.85
REMOVAL_SHARE = (0.80, 0.55, 0.08, 0.01)
UNREACHABLE_A_YEAR = 0.004
UNREACHABLE_FACTOR = (1.0, 4.0, 25.0, 90.0)
PENALTY_PER_VIOLATION = 0.28
FINE_MEDIAN_YUAN, FINE_SIGMA = (12_000.0, 3_000.0, 3_000.0), 1.1
REPAIR_SHARE = 0.35
SERIOUS_SHARE = 0.012
COMPLAINT_PER_VIOLATION, COMPLAINT_BASE = 0.45, 0.006
LOTTERY_A_YEAR, RISK_INSPECTIONS_PER_VIOLATION = 0.035, 0.35
STRICTNESS_SIGMA = 0.5
FINDING_SCALE = 2.2
CASE_SHARE = 0.6
LICENCES_A_YEAR = 0.12
CHANGES_A_YEAR = (0.13, 0.05, 0.05)
FAILURE_SCALE = 1.4


@dataclass
class Events:
    """Facts as columns of numbers, not yet in order. `row` points into the traits."""

    row: Integers
    kind: Integers
    day: Integers
    serial: Integers  # with kind and entity number it makes the source's key
    delay: Integers  # days until it was recorded
    yuan: Integers  # below 0: none
    codes: Integers
    ground: Integers
    field_of: Integers  # index into FIELDS; their number: none
    head: Integers  # index into the heads of references; below 0: no reference
    tail: npt.NDArray[np.uint64]  # 0: the reference is the head alone

    def __len__(self) -> int:
        return len(self.row)


@dataclass
class _Story:
    """The facts of a chunk of entities as they are collected."""

    plan: Plan
    traits: Traits
    told: list[Events] = field(default_factory=list)

    def tell(
        self,
        kind: int,
        row: Integers,
        day: Integers,
        serial: Integers,
        *,
        yuan: Integers | int = -1,
        codes: Integers | int = NO_CODE,
        ground: Integers | int = NO_GROUND,
        field_of: Integers | int = NO_FIELD,
        head: Integers | int = -1,
        tail: npt.NDArray[np.uint64] | int = 0,
        delay: int = 7,
    ) -> None:
        """Take in facts; those after the register's end, or the province's, are left out."""
        kept = np.flatnonzero((day <= self.traits.end[row]) & (day >= self.plan.start_day))

        def column(value: npt.NDArray | int, kind_of: type = np.int64) -> npt.NDArray:
            return value[kept] if isinstance(value, np.ndarray) else np.full(len(kept), value, kind_of)

        row, day, serial = row[kept], day[kept], serial[kept]
        number = self.traits.number[row]
        late = 1 + (uniform(self.plan.seed, f"recorded {kind}", number, serial) * delay).astype(np.int64)
        self.told.append(
            Events(row, column(kind), day, serial, late, column(yuan), column(codes), column(ground),
                   column(field_of), column(head), column(tail, np.uint64))
        )  # fmt: skip

    def draw(self, purpose: str, row: Integers, serial: Integers | int = 0) -> Floats:
        """Uniform draws for these rows, told apart by `serial`."""
        return uniform(self.plan.seed, purpose, self.traits.number[row], serial)

    def tail(self, purpose: str, row: Integers, serial: Integers | int = 0) -> npt.NDArray[np.uint64]:
        """Numbers for the end of a reference, never 0."""
        return bits(self.plan.seed, purpose, self.traits.number[row], serial) | np.uint64(1)

    def days_after(
        self, purpose: str, row: Integers, serial: Integers, mean: float, least: int = 5
    ) -> Integers:
        """Waiting times in days, exponential."""
        wait: Integers = least + (-mean * np.log1p(-self.draw(purpose, row, serial))).astype(np.int64)
        return wait

    def state_on(self, row: Integers, day: Integers) -> Integers:
        """Activity state on a day: active before the present state began."""
        state: Integers = np.where(day >= self.traits.since[row], self.traits.activity[row], ACTIVE)
        return state

    def happen(
        self, purpose: str, rate: Floats, factors: tuple[float, ...]
    ) -> tuple[Integers, Integers, Integers]:
        """Poisson events at `rate` a year while active, times the factor of the later state: rows, days, serials."""
        traits, factor = self.traits, np.array(factors)[self.traits.activity]
        start = np.maximum(traits.founded, self.plan.start_day)
        end = np.maximum(traits.end, start)
        turn = np.clip(traits.since, start, end)
        turn = np.where(traits.activity == ACTIVE, end, turn)
        before, after = (turn - start) / YEAR, (end - turn) / YEAR * factor
        counts = poisson(self.plan.seed, purpose, traits.number, rate * (before + after))
        row = np.repeat(np.arange(len(traits)), counts)
        serial = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        at = uniform(self.plan.seed, purpose + " when", traits.number[row], serial) * (before + after)[row]
        late = at - before[row]
        with np.errstate(divide="ignore", invalid="ignore"):
            day = np.where(late < 0, start[row] + at * YEAR, turn[row] + late / factor[row] * YEAR)
        return row, np.minimum(day, end[row]).astype(np.int64), serial


def facts_batch(plan: Plan, traits: Traits) -> pa.RecordBatch:
    """Return the facts of these entities, by credit code and day."""
    story = _Story(plan, traits)
    _annual_reports(story)
    _unreachable(story)
    _penalties(story)
    _complaints(story)
    _inspections(story)
    _samplings(story)
    _licences(story)
    _changes(story)
    _equipment(story)
    return in_words(plan, traits, _in_order(story.told))


def _in_order(told: list[Events]) -> Events:
    whole = Events(
        *(np.concatenate([getattr(part, name) for part in told]) for name in Events.__dataclass_fields__)
    )
    order = np.argsort((whole.row << 32) | (whole.day << 8) | (whole.kind << 4), kind="stable")
    return Events(*(getattr(whole, name)[order] for name in Events.__dataclass_fields__))


def _annual_reports(story: _Story) -> None:
    """Each year's report is due on 30 June; who misses it is listed in July, and most file and leave again."""
    traits = story.traits
    misses = np.array(MISSES_REPORT)
    for year in range(story.plan.until.year - 6, story.plan.until.year):
        due = _day(year + 1, 6, 30)
        if due < story.plan.start_day or due > story.plan.end_day:
            continue
        row = np.flatnonzero((traits.founded < _day(year + 1, 1, 1)) & (traits.end >= due))
        serial = np.full(len(row), year)
        state = story.state_on(row, np.full(len(row), due))
        chance = misses[state] * np.where(traits.kind[row] == INDIVIDUAL, MISSES_MORE_IF_INDIVIDUAL, 1.0)
        missed = story.draw("misses report", row, serial) < chance
        head = np.full(len(row), year - 1900)
        filed = due - (181 * (1 - np.sqrt(story.draw("filed", row, serial)))).astype(np.int64)
        story.tell(REPORT, row[~missed], filed[~missed], serial[~missed], head=head[~missed], delay=1)
        _listed_for_report(story, row[missed], serial[missed], state[missed], due)


def _listed_for_report(story: _Story, row: Integers, year: Integers, state: Integers, due: int) -> None:
    is_listed = story.draw("listed", row, year) < REPORT_LISTING_SHARE
    row, year, state = row[is_listed], year[is_listed], state[is_listed]
    listed = due + 1 + (story.draw("listed on", row, year) * 14).astype(np.int64)
    tail = story.tail("listing", row, year)
    story.tell(
        LISTED, row, listed, year, ground=0, codes=UNREPORTED, head=_heads("listing", listed), tail=tail
    )
    left = story.draw("leaves", row, year) < np.array(REMOVAL_SHARE)[state]
    row, year, tail = row[left], year[left], tail[left]
    removed = listed[left] + story.days_after("leaves after", row, year, 160.0)
    story.tell(REPORT, row, removed - 2, year, head=year - 1900, delay=1)
    story.tell(REMOVED, row, removed, year, ground=0, head=_heads("listing", listed[left]), tail=tail)


def _unreachable(story: _Story) -> None:
    """Letters come back: listed once, and some are found again."""
    rate = np.full(len(story.traits), UNREACHABLE_A_YEAR)
    row, day, serial = story.happen("unreachable", rate, UNREACHABLE_FACTOR)
    first = serial == 0
    row, day, serial = row[first], day[first], serial[first]
    tail = story.tail("unreachable listing", row)
    head = _heads("listing", day)
    story.tell(LISTED, row, day, serial, ground=1, codes=UNREACHABLE, head=head, tail=tail)
    found = story.draw("found again", row) < np.array(REMOVAL_SHARE)[story.state_on(row, day)]
    row, day, serial = row[found], day[found], serial[found]
    removed = day + story.days_after("found after", row, serial, 120.0)
    story.tell(REMOVED, row, removed, serial, ground=1, head=head[found], tail=tail[found])


def _violations(story: _Story, purpose: str, share: Floats | float) -> tuple[Integers, Integers, Integers]:
    """The true violations that come to light in one way, each on its day.

    They are drawn at the rate of the entity's youngest day in the time, and kept by the rate of their own day.
    """
    traits = story.traits
    most = hazard_on(traits, np.maximum(traits.founded, story.plan.start_day))
    row, day, serial = story.happen(purpose, most * share, ACTIVITY_HAZARD)
    kept = story.draw(purpose + " age", row, serial) * most[row] < _hazard(traits, row, day)
    return row[kept], day[kept], serial[kept]


def _hazard(traits: Traits, row: Integers, day: Integers) -> Floats:
    """The hazard of these rows on their days, without the effect of activity."""
    return hazard_of(traits.risk[row], day - traits.founded[row])


def _penalties(story: _Story) -> None:
    row, day, serial = _violations(story, "penalty", PENALTY_PER_VIOLATION)
    _decide(story, "penalty", row, day, serial)


def _decide(story: _Story, purpose: str, row: Integers, day: Integers, serial: Integers) -> None:
    """A penalty is decided; some are repaired after a time, a few lead to the list of serious violations."""
    kind, seed = story.traits.kind[row], story.plan.seed
    spread = FINE_SIGMA * normal(seed, purpose + " fine", story.traits.number[row], serial)
    yuan = np.array(FINE_MEDIAN_YUAN)[kind] * np.exp(spread)
    fine = np.maximum(np.rint(yuan / 100), 1).astype(np.int64) * 100
    field_of = trades().field[story.traits.trade[row]]
    head, tail = _heads("penalty", day), story.tail(purpose + " decision", row, serial)
    key = serial + _SERIALS[purpose]
    story.tell(PENALTY, row, day, key, yuan=fine, field_of=field_of, head=head, tail=tail)
    repaired = story.draw(purpose + " repaired", row, serial) < REPAIR_SHARE
    later = day + story.days_after(purpose + " repaired after", row, serial, 240.0, least=92)
    those = np.flatnonzero(repaired)
    story.tell(REPAIRED, row[those], later[those], key[those], yuan=fine[those], field_of=field_of[those],
               head=head[those], tail=tail[those])  # fmt: skip
    grave = np.flatnonzero(story.draw(purpose + " serious", row, serial) < SERIOUS_SHARE)
    _list_seriously(story, purpose, row[grave], day[grave], serial[grave], key[grave])


def _list_seriously(
    story: _Story, purpose: str, row: Integers, day: Integers, serial: Integers, key: Integers
) -> None:
    """On the list a month or two after the decision; off it after one year (repaired) to three."""
    listed = day + 20 + (story.draw(purpose + " listed", row, serial) * 40).astype(np.int64)
    field_of = trades().field[story.traits.trade[row]]
    ground = np.array([2, 4, 3, 3, 4, 4, 4])[field_of]  # food, product or fraud, by the field's number
    head, tail = _heads("serious", listed), story.tail(purpose + " serious decision", row, serial)
    story.tell(SERIOUS, row, listed, key, ground=ground, field_of=field_of, head=head, tail=tail)
    years = np.where(story.draw(purpose + " early", row, serial) < 0.4, 1.2, 3.0)
    removed = listed + (years * YEAR).astype(np.int64)
    story.tell(SERIOUS_REMOVED, row, removed, key, ground=ground, field_of=field_of, head=head, tail=tail)


def _complaints(story: _Story) -> None:
    """Customers find violations, more of them in some trades, and are sometimes right without one."""
    traits = story.traits
    consumer = trades().consumer[traits.trade]
    size = np.minimum(traits.employees, 50) ** 0.3
    row, day, serial = _violations(story, "complaint", COMPLAINT_PER_VIOLATION * consumer)
    base = story.happen("complaint without", COMPLAINT_BASE * consumer * size, OWN_ACTS)
    for key, (who, when, which) in ((0, (row, day, serial)), (128, base)):
        field_of = trades().field[traits.trade[who]]
        tail = story.tail(f"complaint {key}", who, which)
        story.tell(
            COMPLAINT, who, when, which + key, field_of=field_of, head=_heads("complaint", when), tail=tail
        )


def _inspections(story: _Story) -> None:
    """By lottery, all alike; and by risk, where officers expect something (they see the trade and half the rest)."""
    traits = story.traits
    lottery = story.happen("lottery", np.full(len(traits), LOTTERY_A_YEAR), ALWAYS)
    seen = trades().risk[traits.trade] * 0.07 * 0.5 + 0.5 * np.minimum(traits.risk, 1.0)
    by_risk = story.happen("inspection by risk", RISK_INSPECTIONS_PER_VIOLATION * seen, (1.0, 0.7, 0.3, 0.2))
    for purpose, (row, day, serial) in (("lottery", lottery), ("inspection by risk", by_risk)):
        _inspect(story, purpose, row, day, serial)


def _inspect(story: _Story, purpose: str, row: Integers, day: Integers, serial: Integers) -> None:
    """What is found depends on the hazard and on who looks; a pending finding becomes a case more often than not."""
    traits = story.traits
    inspector = (story.draw(purpose + " inspector", row, serial) * INSPECTORS).astype(np.int64)
    who = traits.county[row] * INSPECTORS + inspector
    state = story.state_on(row, day)
    hazard = _hazard(traits, row, day) * np.array(ACTIVITY_HAZARD)[state]
    found = story.draw(purpose + " found", row, serial) < finding_chance(
        hazard, strictness(story.plan.seed, who)
    )
    gone = story.draw(purpose + " gone", row, serial) < np.array((0.003, 0.02, 0.35, 0.85))[state]
    kind_of = story.draw(purpose + " finding", row, serial)
    bad = np.select([kind_of < 0.62, kind_of < 0.90], [CORRECTED, PENDING], UNREPORTED)
    clean = np.where(kind_of < 0.04, NOT_FOUND, CLEAN)
    codes = np.where(gone, UNREACHABLE, np.where(found, bad, clean))
    key = serial + _SERIALS[purpose]
    tail = story.tail(purpose + " sheet", row, serial)
    field_of = trades().field[traits.trade[row]]
    story.tell(
        INSPECTION, row, day, key, codes=codes, field_of=field_of, head=who + _FIRST_INSPECTOR, tail=tail
    )
    case = np.flatnonzero((codes == PENDING) & (story.draw(purpose + " case", row, serial) < CASE_SHARE))
    row, serial = row[case], serial[case]
    decided = day[case] + story.days_after(purpose + " case decided", row, serial, 45.0, least=20)
    _decide(story, purpose, row, decided, serial)


def strictness(seed: int, inspector: Integers) -> Floats:
    """How much an inspector finds, log-normal with median 1; `inspector` counts over all counties."""
    return np.exp(STRICTNESS_SIGMA * normal(seed, "strictness", inspector))


def finding_chance(hazard: Floats, strict: Floats) -> Floats:
    """Chance that an inspection finds something: 1 − exp(−2.2 · strictness · hazard)."""
    return -np.expm1(-FINDING_SCALE * strict * hazard)


def _samplings(story: _Story) -> None:
    """Batches are sampled in some trades; what fails of products is a product failure too."""
    traits = story.traits
    row, day, serial = story.happen("sampling", trades().sampled[traits.trade], (1.0, 0.6, 0.0, 0.0))
    chance = -np.expm1(-FAILURE_SCALE * 0.5 * _hazard(traits, row, day))
    failed = story.draw("sample failed", row, serial) < chance
    field_of = trades().field[traits.trade[row]]
    tail = story.tail("sample", row, serial)
    story.tell(SAMPLING, row, day, serial, codes=np.where(failed, FAIL, PASS), field_of=field_of,
               head=_heads("sample", day), tail=tail)  # fmt: skip
    product = np.flatnonzero(failed & (field_of == FIELDS.index("product")))
    row, day, serial, tail = row[product], day[product], serial[product], tail[product]
    story.tell(FAILED, row, day + 14, serial, codes=FAIL, field_of=FIELDS.index("product"),
               head=_heads("sample", day), tail=tail)  # fmt: skip


def _licences(story: _Story) -> None:
    """Trades that need a licence get one at the start, and new or renewed ones later."""
    traits = story.traits
    needed = uniform(story.plan.seed, "needs licence", traits.number) < trades().licensed[traits.trade]
    first = np.flatnonzero(needed)
    day = traits.founded[first] + (story.draw("first licence", first) * 60).astype(np.int64)
    later = story.happen("licence", np.where(needed, LICENCES_A_YEAR, 0.0), OWN_ACTS)
    for key, (row, when, serial) in ((0, (first, day, np.zeros(len(first), np.int64))), (1, later)):
        field_of = trades().field[traits.trade[row]]
        tail = story.tail(f"licence {key}", row, serial)
        story.tell(
            LICENCE, row, when, serial + key, field_of=field_of, head=_heads("licence", when), tail=tail
        )


def _changes(story: _Story) -> None:
    row, day, serial = story.happen("change", np.array(CHANGES_A_YEAR)[story.traits.kind], OWN_ACTS)
    story.tell(CHANGE, row, day, serial, field_of=FIELDS.index("registration"))


def _equipment(story: _Story) -> None:
    """Who has equipment has each unit inspected once a year, on about the same day."""
    traits, seed = story.traits, story.plan.seed
    has = np.flatnonzero(uniform(seed, "has equipment", traits.number) < trades().equipped[traits.trade])
    units = 1 + (story.draw("units", has) ** 3 * np.minimum(traits.employees[has], 12)).astype(np.int64)
    owner = np.repeat(has, units)
    unit = np.arange(len(owner)) - np.repeat(np.cumsum(units) - units, units)
    birthday = (story.draw("inspected on", owner, unit) * 365).astype(np.int64)
    for year in range(5):
        day = story.plan.start_day + 365 * year + birthday
        kept = np.flatnonzero((day > traits.founded[owner]) & (story.state_on(owner, day) < DORMANT))
        row, on, serial = owner[kept], day[kept], unit[kept] + 16 * year
        chance = 0.02 - np.expm1(-0.5 * _hazard(traits, row, on))
        failed = story.draw("equipment failed", row, serial) < chance
        story.tell(EQUIPMENT, row, on, serial, codes=np.where(failed, FAIL, PASS),
                   field_of=FIELDS.index("equipment"), head=_EQUIPMENT_HEAD, tail=story.tail("unit", row, unit[kept]))  # fmt: skip


# The heads of references: report years, then numbers of decisions by kind and year, then sheets by inspector.
_YEARS = range(1900, 2100)
_SIGNS = {
    "listing": "示例市监异入", "penalty": "示例市监处罚", "serious": "示例市监严列", "complaint": "示例投诉",
    "sample": "示例抽样", "licence": "示例许可",
}  # fmt: skip
_EQUIPMENT_HEAD = len(_YEARS) * (1 + len(_SIGNS))
_FIRST_INSPECTOR = _EQUIPMENT_HEAD + 1
_SERIALS = {"penalty": 0, "lottery": 64, "inspection by risk": 128}  # apart, so that source keys do not meet


@lru_cache(maxsize=1)
def _reference_heads() -> list[str]:
    heads = [str(year) for year in _YEARS]
    heads += [f"{sign}〔{year}〕" for sign in _SIGNS.values() for year in _YEARS]
    heads.append("示例设备")
    return heads + [f"示例检查{county}-E{n:02d}-" for county in places().county for n in range(INSPECTORS)]


def _heads(sign: str, day: Integers) -> Integers:
    """Index of the head of a decision's number, by sign and the day's year."""
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    first: Integers = (1 + list(_SIGNS).index(sign)) * len(_YEARS) + year - _YEARS[0]
    return first


def reference_head(sign: str, year: int) -> int:
    """Index of the head of a reference: of decisions by sign and year, or `inspector`, the first sheet's."""
    return (
        _FIRST_INSPECTOR
        if sign == "inspector"
        else (1 + list(_SIGNS).index(sign)) * len(_YEARS) + year - 1900
    )


def _day(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - EPOCH).days


def in_words(plan: Plan, traits: Traits, events: Events, *, delivery: str = "") -> pa.RecordBatch:
    """Return events as rows of the table of facts; `delivery` keeps the keys of a later delivery apart."""
    count = len(events)
    recorded = np.minimum(events.day + events.delay, plan.end_day)
    key = (traits.number[events.row].astype(np.uint64) << np.uint64(16)) | (
        (events.kind.astype(np.uint64) << np.uint64(12)) | (_key_serial(events) & np.uint64(0xFFF))
    )
    has_tail, has_head = events.tail != 0, events.head >= 0
    tails = columns.ascii_text(columns.hexadecimal(events.tail, 9), has_tail)
    heads = columns.words(
        [*_reference_heads(), None], np.where(has_head, events.head, len(_reference_heads()))
    )
    keys = columns.ascii_text(columns.hexadecimal(key, 11))
    arrays = [
        columns.ascii_text(code_bytes(traits)[events.row]),
        columns.words(KINDS, events.kind),
        columns.days(events.day),
        columns.days(recorded),
        columns.money(np.maximum(events.yuan, 0), 18, events.yuan >= 0),
        columns.words(CODES, events.codes),
        columns.words(GROUNDS, events.ground),
        columns.words([*FIELDS, None], events.field_of),
        columns.joined(heads, tails),
        columns.constant(SOURCE, pa.string(), count),
        columns.joined(delivery, keys) if delivery else keys,
        columns.constant(True, pa.bool_(), count),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _key_serial(events: Events) -> npt.NDArray[np.uint64]:
    """Serials of one kind and entity, apart: those of listings say their ground in the second highest bits."""
    report = np.isin(events.kind, (REPORT, LISTED, REMOVED)) & (events.serial > 1000)
    return np.where(report, events.serial - 1900, events.serial + 512).astype(np.uint64)
