"""What a submission says, as suggestions to an officer: topic, urgency, firm, repeats, who might handle it. Pure functions.

Nothing here decides. Every suggestion carries what it rests on, and what an officer has set is never set again.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zhijian.datazone.classify.model import Model
from zhijian.datazone.classify.similar import groups_of, similar_pairs
from zhijian.standards import consumer_matters

LEAST_CONFIDENCE = 0.4  # under which no topic is suggested
SAME_TEXT = 0.8  # share of n-grams from which two texts are one text (domain: template-identical)
SAME_EVENT = 0.25
SAME_EVENT_DAYS = 30


@dataclass(frozen=True)
class Topic:
    """A matter of the taxonomy with its chance. `code` is None where nothing is sure enough to be suggested."""

    code: str | None
    leaning: str
    confidence: float
    words: tuple[str, ...]  # that decided


def topic(text: str, model: Model | None, *, least: float = LEAST_CONFIDENCE) -> Topic:
    """Return the matter of a text: by the learned model, or by the words of the taxonomy where none was learned."""
    if model is None:
        return _topic_by_words(text, least)
    told = model.predict([text], least_confidence=least)[0]
    return Topic(told.label, told.best, told.confidence, tuple(reason.ngram for reason in told.reasons))


def _topic_by_words(text: str, least: float) -> Topic:
    """Every word of a matter found counts one, a word of its field a half; confidence is the share of all counts."""
    scores: dict[str, float] = {}
    words: dict[str, list[str]] = {}
    for matter in consumer_matters.matters():
        field = consumer_matters.find(matter.parent_code or "")
        own = [word for word in matter.words if word in text]
        shared = [word for word in field.words if word in text] if field else []
        if own:
            scores[matter.code] = len(own) + len(shared) / 2
            words[matter.code] = own + shared
    if not scores:
        return Topic(None, consumer_matters.OTHER, 0.0, ())
    best = max(scores, key=lambda code: (scores[code], code))
    confidence = scores[best] / (sum(scores.values()) + 0.5)
    return Topic(best if confidence >= least else None, best, confidence, tuple(words[best]))


@dataclass(frozen=True)
class Ground:
    """Why a submission is urgent: the rule's name in both languages, and the words that met it."""

    code: str
    words_zh: str
    words_en: str
    found: tuple[str, ...]


@dataclass(frozen=True)
class Urgency:
    """Urgent or not, with every ground. It moves a submission up in a list; it starts no other clock."""

    is_urgent: bool
    grounds: tuple[Ground, ...]


_INJURY = (
    "受伤", "住院", "抢救", "昏迷", "骨折", "烧伤", "烫伤", "死亡", "去世", "急诊", "休克", "流血", "失明", "中毒",
    "injured", "hospital", "unconscious", "died", "poison",
)  # fmt: skip
_ILL = ("腹泻", "呕吐", "拉肚子", "过敏", "头晕", "发烧", "vomit", "diarrhoea", "allerg")
_CONSUMED = (
    "食品", "食物", "餐", "吃", "喝", "奶粉", "药", "保健品", "化妆品", "疫苗", "food", "medicine", "drug", "ate", "drank",
)  # fmt: skip
_DANGER = (
    "爆炸",
    "起火",
    "着火",
    "自燃",
    "漏电",
    "漏气",
    "电梯困人",
    "坠落",
    "冒烟",
    "explo",
    "fire",
    "electric shock",
)
_WEAK = (
    "婴儿",
    "婴幼儿",
    "孕妇",
    "学生",
    "幼儿园",
    "学校",
    "老人",
    "养老院",
    "infant",
    "pregnant",
    "pupils",
    "school",
)
_MANY = re.compile(
    r"(\d+|[二三四五六七八九十百]+|多|数)\s*(?:多|余)?\s*(?:名|位|个)?\s*(人|顾客|家庭|业主|会员|家长|学生|people|customers)"
)
_NOT = re.compile(
    r"(?:没有|没|未|无|并未|不曾|not|no one|nobody)\s*(?:人|造成|发生|出现|导致|was|were|been)?\s*(?:人)?$"
)
_DIGITS = {"二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
MANY_FROM = 5


def urgency(text: str) -> Urgency:
    """Return whether a submission should be looked at first, and the words that say so; a denied harm does not count."""
    plain = text.lower()
    injured, ill, consumed = _affirmed(plain, _INJURY), _affirmed(plain, _ILL), _affirmed(plain, _CONSUMED)
    danger, weak, many = _affirmed(plain, _DANGER), _affirmed(plain, _WEAK), _victims(plain)
    grounds = []
    if injured:
        grounds.append(Ground("injury", "有人受伤或者危及生命", "Injury or danger to life", injured))
    if ill and consumed:
        grounds.append(
            Ground(
                "food_or_drug",
                "食品、药品、化妆品引起身体不适",
                "Illness from food, drugs or cosmetics",
                ill + consumed[:2],
            )
        )
    if many and (injured or ill or danger):
        grounds.append(Ground("many_victims", "多人受害", "Several victims", many))
    elif many and _affirmed(plain, ("失联", "跑路", "关门", "闭店", "人去楼空")):
        grounds.append(
            Ground("many_affected", "涉及人数多且经营者失联", "Many affected, the operator gone", many)
        )
    if danger:
        grounds.append(Ground("danger", "存在安全危险", "A danger to safety", danger))
    if weak and (injured or ill):
        grounds.append(Ground("vulnerable", "受害人为老幼孕等人群", "Victims who need protection", weak))
    return Urgency(bool(grounds), tuple(grounds))


def _affirmed(text: str, words: Iterable[str]) -> tuple[str, ...]:
    """Return the words that stand in the text at least once without a denial right before them."""
    found = []
    for word in words:
        places = (match.start() for match in re.finditer(re.escape(word), text))
        if any(not _NOT.search(text[max(0, place - 14) : place]) for place in places):
            found.append(word)
    return tuple(found)


def _victims(text: str) -> tuple[str, ...]:
    return tuple(match[0] for match in _MANY.finditer(text) if _number(match[1]) >= MANY_FROM)


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    if word in ("多", "数") or "百" in word or "十" in word:
        return 10
    return _DIGITS.get(word, 0)


@dataclass(frozen=True)
class Candidate:
    """A firm of the register that may be meant. `score` orders; `reasons` say in words what agrees."""

    uscc: str
    name: str
    address: str
    score: float
    reasons: tuple[tuple[str, str], ...]  # (Chinese, English)


def candidates(
    *,
    name: str,
    address: str,
    code: str,
    division_code: str,
    find: Callable[[str], Any],
    search: Callable[[str], Iterable[Any]],
    most: int = 5,
) -> list[Candidate]:
    """Return the firms that a submission may mean, the likeliest first; an exact code alone decides.

    `find` looks a code up, `search` a name; both give records with `uscc`, `name`, `address`, `division_code`.
    """
    if code and (record := find(code)) is not None:
        return [_candidate(record, 1.0, [("统一社会信用代码一致", "The code is the same")])]
    found: dict[str, Candidate] = {}
    for record in search(name) if name.strip() else ():
        score, reasons = _agreement(record, name, address, division_code)
        found.setdefault(record.uscc, _candidate(record, score, reasons))
    return sorted(found.values(), key=lambda c: (-c.score, c.uscc))[:most]


def _agreement(
    record: Any, name: str, address: str, division_code: str
) -> tuple[float, list[tuple[str, str]]]:
    score, reasons = 0.0, []
    if record.name.strip() == name.strip():
        score += 0.5
        reasons.append(("名称一致", "The name is the same"))
    elif name.strip() in record.name or record.name in name:
        score += 0.3
        reasons.append(("名称相互包含", "One name holds the other"))
    else:
        common = len(set(name) & set(record.name)) / max(len(set(name) | set(record.name)), 1)
        score += 0.3 * common
        reasons.append((f"名称有{common:.0%}的字相同", f"{common:.0%} of the signs of the name agree"))
    place = record.division_code or ""
    if division_code and place[:6] == division_code[:6]:
        score += 0.25
        reasons.append(("同一县（区）", "In the same county"))
    elif division_code and place[:4] == division_code[:4]:
        score += 0.1
        reasons.append(("同一地级市", "In the same city"))
    street = "".join(sign for sign in address if sign.isalnum())
    known = "".join(sign for sign in record.address if sign.isalnum())
    if len(street) >= 4 and (street in known or known in street or street[-6:] in known):
        score += 0.25
        reasons.append(("地址相符", "The address agrees"))
    return score, reasons


def _candidate(record: Any, score: float, reasons: Sequence[tuple[str, str]]) -> Candidate:
    return Candidate(record.uscc, record.name, record.address, round(score, 4), tuple(reasons))


@dataclass(frozen=True)
class Told:
    """What grouping needs of a submission: its number, firm, topic, day, text and whoever sent it (a mark, no name)."""

    number: str
    firm: str
    topic: str
    received_on: date
    text: str
    person: str = ""


@dataclass(frozen=True)
class Groups:
    """For each submission by number: of which it repeats the text, and which event it belongs to (the least number)."""

    repeats: dict[str, str]
    events: dict[str, str]

    def members(self, event: str) -> list[str]:
        return sorted(number for number, name in self.events.items() if name == event)


def groups(submissions: Sequence[Told]) -> Groups:
    """Group what says the same, and what is about the same event. The order of submissions changes nothing.

    One text: 0.8 of the n-grams agree and the firm is the same. One event: the same firm, at most 30 days between two
    that are alike (0.25 of the n-grams) or of one topic. A firm without a name groups nothing.
    """
    rows = sorted(submissions, key=lambda told: told.number)
    names = [told.number for told in rows]
    alike = similar_pairs([told.text for told in rows], least=SAME_EVENT)
    same_firm = [p for p in alike if rows[p.first].firm and rows[p.first].firm == rows[p.second].firm]
    repeats = [(p.first, p.second) for p in same_firm if p.similarity >= SAME_TEXT]
    near = [(p.first, p.second) for p in same_firm if _near(rows[p.first], rows[p.second])]
    return Groups(
        dict(zip(names, groups_of(names, repeats), strict=True)),
        dict(zip(names, groups_of(names, near + _same_topic(rows)), strict=True)),
    )


def _near(first: Told, second: Told) -> bool:
    return abs((first.received_on - second.received_on).days) <= SAME_EVENT_DAYS


def _same_topic(rows: Sequence[Told]) -> list[tuple[int, int]]:
    """Return neighbours in time of the same firm and topic."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, told in enumerate(rows):
        if told.firm and told.topic:
            places.setdefault((told.firm, told.topic), []).append(place)
    linked = []
    for members in places.values():
        members.sort(key=lambda place: (rows[place].received_on, rows[place].number))
        linked += [(a, b) for a, b in itertools.pairwise(members) if _near(rows[a], rows[b])]
    return linked


@dataclass(frozen=True)
class Handler:
    """An officer who might take a submission: skills are codes of fields of the taxonomy, load is the open items."""

    username: str
    name: str
    territory: str  # leading digits of the unit's division codes
    skills: frozenset[str]
    load: int
    is_on_leave: bool = False


@dataclass(frozen=True)
class Proposal:
    """A handler with the reasons in both languages. Ordered best first; somebody decides."""

    handler: Handler
    reasons: tuple[tuple[str, str], ...]


def propose_handlers(handlers: Iterable[Handler], *, division_code: str, topic_code: str) -> list[Proposal]:
    """Return who may handle it: in whose area it lies, the closest unit first, then by skill, then by load.

    Officers on leave and officers of other areas are left out. Equal ones stand by user name.
    """
    field = topic_code[: consumer_matters.FIELD_DIGITS]
    able = [h for h in handlers if not h.is_on_leave and division_code.startswith(h.territory)]
    able.sort(key=lambda h: (-len(h.territory), not _knows(h, topic_code), h.load, h.username))
    field_entry = consumer_matters.find(field)
    proposals = []
    for handler in able:
        reasons = [("属于其单位辖区", "In the area of the unit")]
        if _knows(handler, topic_code) and field_entry:
            reasons.append((f"熟悉{field_entry.name_zh}", f"Skilled in {field_entry.name_en}"))
        reasons.append((f"手上有{handler.load}件未办结", f"{handler.load} open items"))
        proposals.append(Proposal(handler, tuple(reasons)))
    return proposals


def _knows(handler: Handler, topic_code: str) -> bool:
    return bool({topic_code, topic_code[: consumer_matters.FIELD_DIGITS]} & handler.skills)
