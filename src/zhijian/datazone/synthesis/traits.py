"""Who the entities are and how they behave, in numbers: everything that name, facts and truth are made from.

The numbers of an entity are drawn from (seed, purpose, entity number); only its kind and county follow from its place in
the province's `Plan`, which lays the entities out in the order of their credit codes.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from zhijian.datazone.synthesis.draws import Floats, Integers, gamma, normal, uniform
from zhijian.datazone.synthesis.places import places
from zhijian.datazone.synthesis.trades import COOPERATIVE, ENTERPRISE, INDIVIDUAL, trades

EPOCH = date(1970, 1, 1)
YEAR = 365.25  # days
EARLIEST = (date(1978, 12, 18) - EPOCH).days
WINDOW_YEARS = 5
ACTIVITY_STATES = ("active", "weak", "dormant", "lost")
ACTIVE, WEAK, DORMANT, LOST = range(4)
STATUSES = ("active", "suspended", "liquidating", "revoked", "deregistered")
LIVE, SUSPENDED, LIQUIDATING, REVOKED, DEREGISTERED = range(5)
LIMITED, JOINT_STOCK, BRANCH, SOLE, PARTNERSHIP, TRADER, MEMBERS = range(7)
TYPE_CODES = ("1100", "1200", "2100", "4540", "4530", "9999", "9100")

# ASSUMPTION, all of them: the parameters of the model, told in docs/explanation/synthetic-province.md.
KIND_SHARES = (0.40, 0.58, 0.02)
MEAN_AGE_YEARS = (6.5, 4.5, 7.0)
TYPE_SHARES = (0.88, 0.01, 0.07, 0.03, 0.01)  # of enterprises
STATUS_SHARES = (0.905, 0.006, 0.003, 0.026, 0.060)
ACTIVITY_SHARES = (0.71, 0.17, 0.08, 0.04)
STATE_YEARS = ((0.0, 0.0), (0.1, 3.0), (0.3, 4.0), (0.5, 5.0))  # since when an entity is in its state
CAPITAL_MEDIAN_YUAN = (1_000_000.0, 30_000.0, 1_000_000.0)
CAPITAL_SIGMA = (1.5, 1.0, 1.2)
EMPLOYEES_MEDIAN = (5.0, 1.5, 7.0)
EMPLOYEES_SIGMA = (1.1, 0.6, 0.7)
KIND_HAZARD = (0.075, 0.060, 0.025)  # true violations a year, before the factors
FRAILTY_SHAPE = 0.8
YOUNG_EXTRA, YOUNG_YEARS = 0.8, 2.0  # a new entity: (1 + 0.8), falling by e in two years
SIZE_POWER = 0.15  # of employees
DIVISION_SIGMA = 0.25  # of the log of a county's effect
ACTIVITY_HAZARD = (1.0, 0.7, 0.15, 0.05)
CHAIN_SHARE, CHAINS_PER_ENTITY, CHAIN_PHONE_SHARE = 0.12, 0.02, 0.6
AGENT_PHONE_SHARE, AGENTS_PER_ENTITY = 0.04, 0.0005
_MANTISSAS = np.array([1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 6.0, 8.0, 10.0])


@dataclass(frozen=True)
class Plan:
    """How many entities of each kind each county has, and so which numbers they have."""

    entities: int
    seed: int
    until: date
    block_ends: Integers = field(repr=False)  # of (kind, county) in order

    @property
    def end_day(self) -> int:
        """The last day, as days since 1970."""
        return (self.until - EPOCH).days

    @property
    def start_day(self) -> int:
        """The first day of the facts, as days since 1970."""
        return self.end_day - round(WINDOW_YEARS * YEAR) + 1


@dataclass(frozen=True)
class Traits:
    """Columns by entity. Days count from 1970; `hazard` is that at the end, in violations a year."""

    number: Integers
    kind: Integers
    county: Integers
    street: Integers
    trade: Integers
    type: Integers
    founded: Integers
    status: Integers
    end: Integers  # the last day it was on the register, or the end of the province's time
    capital_yuan: Integers
    employees: Integers
    risk: Floats  # the hazard of the entity while active, without the effect of its age
    activity: Integers
    since: Integers  # first day in that state
    person: Integers  # number of the entity whose representative it shares; its own, or beyond all numbers a chain's
    phone: Integers

    def __len__(self) -> int:
        return len(self.number)


def make_plan(entities: int, seed: int, until: date) -> Plan:
    """Share out `entities` by kind and county, by largest remainders."""
    shares = np.outer(np.array(KIND_SHARES), places().share).reshape(-1)
    exact = shares * entities
    counts = np.floor(exact).astype(np.int64)
    short = entities - int(counts.sum())
    counts[np.argsort(-(exact - counts), kind="stable")[:short]] += 1
    return Plan(entities, seed, until, np.cumsum(counts))


def draw_traits(plan: Plan, number: Integers) -> Traits:
    """Draw the traits of these entities. Numbers beyond the plan's are entities founded on the last day."""
    seed = plan.seed
    is_new = number >= plan.entities
    kind, county = _blocks(plan, number, is_new)
    founded = _founded(plan, number, kind, is_new)
    status, end = _status(plan, number, founded, is_new)
    activity, since = _activity(plan, number, founded, end, is_new)
    capital, employees = _size(seed, number, kind)
    trade = _trade(seed, number, kind)
    person, phone = _people(plan, number)
    return Traits(
        number=number, kind=kind, county=county, street=_street(seed, number, county), trade=trade,
        type=_type(seed, number, kind), founded=founded, status=status, end=end, capital_yuan=capital,
        employees=employees, risk=_risk(seed, number, kind, county, trade, employees), activity=activity,
        since=since, person=person, phone=phone,
    )  # fmt: skip


def hazard_on(traits: Traits, day: npt.NDArray | int) -> Floats:
    """True violations a year on a day, were the entity active: young ones have more."""
    return hazard_of(traits.risk, day - traits.founded)


def hazard_of(risk: Floats, age_days: Integers) -> Floats:
    """True violations a year, risk · (1 + 0.8 · exp(−age / 2 years))."""
    hazard: Floats = risk * (1.0 + YOUNG_EXTRA * np.exp(-np.maximum(age_days, 0) / (YOUNG_YEARS * YEAR)))
    return hazard


def true_hazard(plan: Plan, traits: Traits) -> Floats:
    """True violations a year at the end of the province's time, with the effect of activity; 0 once off the register."""
    factor = np.array(ACTIVITY_HAZARD)[traits.activity]
    on_register = traits.status < REVOKED
    hazard: Floats = hazard_on(traits, plan.end_day) * factor * on_register
    return hazard


def _blocks(plan: Plan, number: Integers, is_new: npt.NDArray[np.bool_]) -> tuple[Integers, Integers]:
    place = number
    if is_new.any():
        drawn = (uniform(plan.seed, "block", number) * plan.entities).astype(np.int64)
        place = np.where(is_new, drawn, number)
    block = np.searchsorted(plan.block_ends, place, "right")
    kind, county = np.divmod(block, len(places().county))
    return kind, county


def _street(seed: int, number: Integers, county: Integers) -> Integers:
    return np.searchsorted(places().street_mass, county + uniform(seed, "street", number), "right")


def _trade(seed: int, number: Integers, kind: Integers) -> Integers:
    drawn, found = uniform(seed, "trade", number), np.empty(len(number), dtype=np.int64)
    for each in (ENTERPRISE, INDIVIDUAL, COOPERATIVE):
        those = kind == each
        found[those] = trades().first[each] + np.searchsorted(trades().cumulated[each], drawn[those], "right")
    return found


def _type(seed: int, number: Integers, kind: Integers) -> Integers:
    drawn = np.searchsorted(np.cumsum(TYPE_SHARES)[:-1], uniform(seed, "type", number), "right")
    return np.where(kind == ENTERPRISE, drawn, np.where(kind == INDIVIDUAL, TRADER, MEMBERS))


def _founded(plan: Plan, number: Integers, kind: Integers, is_new: npt.NDArray[np.bool_]) -> Integers:
    """Registration days by exponential growth, cut off in December 1978, on working days of the week."""
    mean = np.array(MEAN_AGE_YEARS)[kind] * YEAR
    longest = plan.end_day - EARLIEST
    share = uniform(plan.seed, "founded", number) * (1.0 - np.exp(-longest / mean))
    day = plan.end_day - (-mean * np.log1p(-share)).astype(np.int64)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    day = np.maximum(day - np.maximum(weekday - 4, 0), EARLIEST)
    return np.where(is_new, plan.end_day, day)


def _status(
    plan: Plan, number: Integers, founded: Integers, is_new: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """Status now, and the last day on the register: between half a year after the start and now."""
    status = np.searchsorted(np.cumsum(STATUS_SHARES)[:-1], uniform(plan.seed, "status", number), "right")
    lived = plan.end_day - founded
    status = np.where(is_new | (lived < 365), LIVE, status)
    left_after = 180 + ((lived - 180) * np.sqrt(uniform(plan.seed, "left", number))).astype(np.int64)
    end = np.where(status >= REVOKED, founded + np.minimum(left_after, lived), plan.end_day)
    return status, end


def _activity(
    plan: Plan, number: Integers, founded: Integers, end: Integers, is_new: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers]:
    """Activity state at the end, and its first day; before it the entity was active."""
    state = np.searchsorted(np.cumsum(ACTIVITY_SHARES)[:-1], uniform(plan.seed, "activity", number), "right")
    least, most = (np.array(column)[state] * YEAR for column in zip(*STATE_YEARS, strict=True))
    ago = least + (most - least) * uniform(plan.seed, "since", number)
    since = end - ago.astype(np.int64)
    too_young = since < founded + 90
    state = np.where(too_young | is_new, ACTIVE, state)
    return state, np.where(state == ACTIVE, founded, since)


def _size(seed: int, number: Integers, kind: Integers) -> tuple[Integers, Integers]:
    """Capital and employees, log-normal and correlated (0.5); capital is rounded as people round."""
    wealth = normal(seed, "capital", number)
    exact = np.array(CAPITAL_MEDIAN_YUAN)[kind] * np.exp(np.array(CAPITAL_SIGMA)[kind] * wealth)
    crew = 0.5 * wealth + np.sqrt(0.75) * normal(seed, "employees", number)
    employees = np.array(EMPLOYEES_MEDIAN)[kind] * np.exp(np.array(EMPLOYEES_SIGMA)[kind] * crew)
    return _rounded(seed, number, exact), np.maximum(np.rint(employees), 1).astype(np.int64)


def _rounded(seed: int, number: Integers, yuan: Floats) -> Integers:
    """Nine in ten to a round number (1, 1.2, 1.5, 2, 3, 5, 6, 8 × 10^k), the others to two digits."""
    power = 10.0 ** np.floor(np.log10(yuan))
    mantissa = yuan / power
    middles = np.sqrt(_MANTISSAS[1:] * _MANTISSAS[:-1])
    round_one = _MANTISSAS[np.searchsorted(middles, mantissa)]
    is_round = uniform(seed, "round", number) < 0.9
    whole = np.where(is_round, round_one, np.rint(mantissa * 10) / 10) * power
    return np.maximum(np.rint(whole / 1000), 1).astype(np.int64) * 1000


def _risk(
    seed: int, number: Integers, kind: Integers, county: Integers, trade: Integers, employees: Integers
) -> Floats:
    counties = np.arange(len(places().county))
    division = np.exp(DIVISION_SIGMA * normal(seed, "division", counties) - DIVISION_SIGMA**2 / 2)
    risk: Floats = (
        np.array(KIND_HAZARD)[kind]
        * trades().risk[trade]
        * employees.astype(np.float64) ** SIZE_POWER
        * division[county]
        * gamma(seed, "frailty", number, shape=FRAILTY_SHAPE)
    )
    return risk


def _people(plan: Plan, number: Integers) -> tuple[Integers, Integers]:
    """Whose representative and whose phone: one's own, a chain's, or (phones) that of an agent who registers many."""
    own = number.copy()
    chains = max(1, int(plan.entities * CHAINS_PER_ENTITY))
    agents = max(1, int(plan.entities * AGENTS_PER_ENTITY))
    chain = 1_000_000_000 + (uniform(plan.seed, "chain", number) ** 2 * chains).astype(np.int64)
    agent = 2_000_000_000 + (uniform(plan.seed, "agent", number) ** 2 * agents).astype(np.int64)
    in_chain = uniform(plan.seed, "in chain", number) < CHAIN_SHARE
    person = np.where(in_chain, chain, own)
    drawn = uniform(plan.seed, "phone", number)
    phone = np.where(in_chain & (drawn < CHAIN_PHONE_SHARE), chain, own)
    return person, np.where(drawn > 1.0 - AGENT_PHONE_SHARE, agent, phone)
