"""What is announced before anything else: items, rates, parties, public source and times of one draw."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Self

from zhijian.engines.draws.core import METHODS_PROTOCOL, PROTOCOL
from zhijian.engines.draws.errors import PlanInvalid
from zhijian.standards.calendar import ZONE

SHANGHAI = ZONE
Mode = Literal["open", "salted"]
Level = Literal["county", "prefecture", "province"]
Method = Literal["simple", "systematic", "pps"]
Order = Literal["random", "declared"]


def stamp(moment: datetime) -> str:
    """Return a moment as the protocol writes it: ``2026-11-16T09:00:00+08:00``, always China time.

    Raises:
        ValueError: the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; pass an aware datetime")
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Item:
    """One item of the published item list; inspectors need ``skill`` unless it is empty."""

    code: str
    title: str
    basis: str
    skill: str = ""


@dataclass(frozen=True)
class Rate:
    """The share of one kind of stratum that is drawn, in parts per 10,000. ``key`` never names a class."""

    key: str
    per_10000: int
    method: Method = "simple"  # how its strata are drawn; pps: chances in proportion to a published weight
    order: Order = "random"  # in which order a systematic or pps draw walks


@dataclass(frozen=True)
class Balance:
    """How teams come to be near and evenly loaded. Costs are hundredths of the whole range of a pair's lot."""

    travel: int = (
        2  # for each kilometre from the middle of the inspector's division to that of the object's area
    )
    cross: int = 500  # for each step out of the area: into its prefecture, into the whole pool
    uneven: int = 100  # for each visit beyond an even share
    widest: int = 1  # 0 the area alone, 1 its prefecture, 2 the whole pool
    skills_shared: bool = False  # the members have every skill together; otherwise each has every one
    places: Mapping[str, tuple[int, int]] = field(
        default_factory=dict
    )  # hectometres east and north, by division


@dataclass(frozen=True)
class Design:
    """How many are drawn where. If the strata follow the risk class, the draw must be salted."""

    rates: tuple[Rate, ...]
    follows_class: bool
    area_level: Level = "prefecture"
    at_least_one: bool = False
    reserve_per_10000: int = 2000  # of the objects drawn in a stratum
    merge_areas: bool = True
    max_share_percent: int = 90  # of one class in a public cell
    team_size: int = 2
    max_load: int = 30  # visits per inspector
    at_least_per_area: int = 0  # objects; an area with fewer is taken whole
    sort_by: str = ""  # what the declared order sorts by, in words or a field's name
    weight_by: str = ""  # what the weights are
    teams: Balance | None = None  # None: by rank alone

    @property
    def is_extended(self) -> bool:
        """Whether it needs protocol zhijian-draw/2."""
        methods = any((rate.method, rate.order) != ("simple", "random") for rate in self.rates)
        return methods or bool(self.at_least_per_area or self.sort_by or self.weight_by or self.teams)


@dataclass(frozen=True)
class Party:
    """Somebody who commits a secret nonce; ``account`` is who acts for the party."""

    key: str
    name: str
    role: str
    account: str


@dataclass(frozen=True)
class PublicSource:
    """A random value that nobody here controls. In ``shape`` a 9 stands for one digit, all else for itself."""

    name: str
    place: str
    shape: str
    exists_at: datetime


@dataclass(frozen=True)
class Redraw:
    """The voided attempt that this plan repeats."""

    attempt: int
    reason: str
    approver: str


@dataclass(frozen=True)
class Plan:
    """One attempt at one draw. Times are aware; ``reveal_until`` closes the last reveal."""

    plan_id: str
    title: str
    items: tuple[Item, ...]
    design: Design
    parties: tuple[Party, ...]
    source: PublicSource
    freeze_at: datetime
    commit_until: datetime
    reveal_until: datetime
    inspection_until: date
    mode: Mode
    attempt: int = 1
    redraw_of: Redraw | None = None
    is_synthetic: bool = False
    rehearsal: bool = False

    def __post_init__(self) -> None:
        for is_wrong, zh, en in _contradictions(self):
            if is_wrong:
                raise PlanInvalid(f"抽签计划{self.plan_id}：{zh}", f"Draw plan {self.plan_id}: {en}")

    @property
    def protocol(self) -> str:
        return METHODS_PROTOCOL if self.design.is_extended else PROTOCOL

    @property
    def skills(self) -> tuple[str, ...]:
        """What every inspector of this draw must be qualified for."""
        return tuple(sorted({item.skill for item in self.items if item.skill}))

    def as_announcement(self) -> dict[str, Any]:
        """Return the plan as published: plain JSON, times in China time."""
        source = asdict(self.source) | {"exists_at": stamp(self.source.exists_at)}
        design = asdict(self.design)
        if not self.design.teams:
            del design["teams"]
        rates = [asdict(rate) for rate in self.design.rates]
        if self.protocol == PROTOCOL:
            design = {key: value for key, value in design.items() if key not in _EXTENDED}
            rates = [{key: rate[key] for key in ("key", "per_10000")} for rate in rates]
        return asdict(self) | {
            "protocol": self.protocol,
            "items": [asdict(item) for item in self.items],
            "design": design | {"rates": rates},
            "parties": [asdict(party) for party in self.parties],
            "source": source,
            "freeze_at": stamp(self.freeze_at),
            "commit_until": stamp(self.commit_until),
            "reveal_until": stamp(self.reveal_until),
            "inspection_until": self.inspection_until.isoformat(),
        }

    @classmethod
    def from_announcement(cls, body: Mapping[str, Any]) -> Self:
        """Read a plan back from its announcement."""
        fields = {key: value for key, value in body.items() if key != "protocol"}
        source = body["source"] | {"exists_at": datetime.fromisoformat(body["source"]["exists_at"])}
        design = body["design"] | {"rates": tuple(Rate(**rate) for rate in body["design"]["rates"])}
        if "teams" in design:
            places = {code: (at[0], at[1]) for code, at in design["teams"]["places"].items()}
            design["teams"] = Balance(**design["teams"] | {"places": places})
        times = {
            key: datetime.fromisoformat(body[key]) for key in ("freeze_at", "commit_until", "reveal_until")
        }
        return cls(
            **fields
            | times
            | {
                "items": tuple(Item(**item) for item in body["items"]),
                "design": Design(**design),
                "parties": tuple(Party(**party) for party in body["parties"]),
                "source": PublicSource(**source),
                "inspection_until": date.fromisoformat(body["inspection_until"]),
                "redraw_of": Redraw(**body["redraw_of"]) if body["redraw_of"] else None,
            }
        )


_EXTENDED = ("at_least_per_area", "sort_by", "weight_by")


def _contradictions(plan: Plan) -> list[tuple[bool, str, str]]:
    design, keys = plan.design, [party.key for party in plan.parties]
    accounts = {party.account for party in plan.parties}
    rates = [rate.key for rate in design.rates]
    redraw = plan.redraw_of.attempt + 1 if plan.redraw_of else 1
    ordered = plan.freeze_at < plan.commit_until < plan.source.exists_at < plan.reveal_until
    return [
        (
            not re.fullmatch(r"[A-Za-z0-9-]{1,60}", plan.plan_id),
            "编号只能用字母、数字和连字符，最长60位。",
            "the id takes letters, digits and hyphens only, at most 60.",
        ),
        (
            bool(re.search(r"-[0-9]+-results\Z", plan.plan_id)),
            "编号不能以“-数字-results”结尾，否则会与另一次抽签的结果文件同名。",
            "the id must not end in -<digits>-results: its file would carry the name of another draw's results.",
        ),
        (
            not plan.items,
            "没有检查事项。请从已公布的事项清单选取。",
            "it has no item; choose from the item list.",
        ),
        (
            len(keys) < 2 or len(set(keys)) < len(keys) or len(accounts) < len(keys),
            "至少要有两方承诺，且各由不同的人操作。",
            "at least two parties must commit, each through a different account.",
        ),
        (
            not ordered,
            "时间次序应为：冻结、承诺截止、公共随机数产生、揭示截止。",
            "times must run: freeze, end of commitments, public value, end of reveals.",
        ),
        (
            design.follows_class and plan.mode == "open",
            "按风险分类分层的抽签必须用加盐名单（salted），否则会泄露分类。",
            "strata that follow the risk class need a salted roster, or the class would be public.",
        ),
        (
            plan.mode not in ("open", "salted"),
            "名单方式只能是open或salted。",
            "the mode is open or salted.",
        ),
        (
            plan.mode == "salted" and design.area_level == "county" and not design.merge_areas,
            "加盐名单按县分层时须允许合并地区。",
            "a salted roster by county must allow areas to be merged.",
        ),
        (
            not rates
            or len(set(rates)) < len(rates)
            or any(not 0 <= r.per_10000 <= 10000 for r in design.rates),
            "抽取比例应在0到10000（万分比）之间，代号不重复。",
            "rates lie between 0 and 10000 (per 10,000) and their keys differ.",
        ),
        (
            any(not re.fullmatch(r"R[0-9]{1,3}", key) for key in rates),
            "比例代号只能写R1、R2……，不得写出风险分类。",
            "rate keys are written R1, R2, ...; they never name a class.",
        ),
        *_methods_contradict(plan),
        (
            design.team_size < 2 or design.max_load < 1,
            "每户至少两名检查人员，每人至少一户。",
            "a team has at least two inspectors, each with at least one visit.",
        ),
        (
            not 50 <= design.max_share_percent <= 99 or not 0 <= design.reserve_per_10000 <= 10000,
            "单一分类占比上限应为50到99，候补比例为0到10000。",
            "the share limit lies between 50 and 99 percent, the reserve between 0 and 10000.",
        ),
        (
            plan.attempt != redraw,
            "重抽应写明上一次作废的抽签，次数依次加一。",
            "a re-draw names the voided attempt before it; attempts count up by one.",
        ),
        (
            not plan.source.shape.count("9") >= 10,
            "公共随机数至少要有10位数字。",
            "the public value must have at least 10 digits.",
        ),
    ]


def _methods_contradict(plan: Plan) -> list[tuple[bool, str, str]]:
    """What an announcement of zhijian-draw/2 may not say of its sampling methods."""
    design, rates = plan.design, plan.design.rates
    weighted = any(rate.method == "pps" for rate in rates)
    sorted_ = any(rate.order == "declared" for rate in rates)
    return [
        (
            any(r.method not in ("simple", "systematic", "pps") or r.order not in ("random", "declared") for r in rates),
            "抽样方法只能是simple、systematic或pps，次序只能是random或declared。",
            "a method is simple, systematic or pps, an order random or declared.",
        ),
        (
            plan.mode == "salted" and (weighted or sorted_),
            "加盐名单不能公布权重或排序，否则会透露是哪一户；请用简单随机或随机次序的系统抽样。",
            "a salted roster shows no weight and no sort, which could tell who it is; draw simply or systematically in random order.",
        ),
        (
            any(rate.method == "simple" and rate.order == "declared" for rate in rates),
            "简单随机抽样没有次序可言。",
            "a simple draw walks in no declared order.",
        ),
        (
            weighted != bool(design.weight_by) or sorted_ != bool(design.sort_by),
            "按权重抽的要写明权重是什么，按次序抽的要写明按什么排；不用的不写。",
            "say what the weights are and what the order sorts by, where they are used and only there.",
        ),
        (
            bool(design.teams) and _is_odd(design.teams),
            "配组的各项权重应为0到10000的整数，跨区范围为0、1或2，位置为百米整数坐标。",
            "weights of the matching are whole numbers from 0 to 10,000, the territory is 0, 1 or 2, places are whole hectometres.",
        ),
        (
            not 0 <= design.at_least_per_area <= 10_000,
            "每个地区最少抽取户数应在0到10000之间。",
            "the least number per area lies between 0 and 10,000.",
        ),
    ]  # fmt: skip


def _is_odd(teams: Balance | None) -> bool:
    assert teams is not None
    weights = (teams.travel, teams.cross, teams.uneven)
    places = all(
        re.fullmatch("[0-9]{6}", code) and max(map(abs, at)) < 10**6 for code, at in teams.places.items()
    )
    return any(not 0 <= one <= 10_000 for one in weights) or teams.widest not in (0, 1, 2) or not places
