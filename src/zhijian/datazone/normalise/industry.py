"""Industry of an entity: from business scope and name to a class of GB/T 4754, with confidence and the deciding words.

Three sources of meaning, all readable: `data/trades.csv` (words for an activity), `data/goods.csv` (words for goods with the
class that makes, wholesales and retails them) and the class names of the standard. A scope is cut into items; each item
takes the verb written in it, before it or after it; the first item counts most; the name's trade word supports or,
where the scope says nothing, decides.
"""

import csv
import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

from zhijian.standards import industries

DATA = Path(__file__).parent / "data"
ITEM_LIMIT = 12  # items after these say little about the main activity
POSITION_WEIGHTS = (1.0, 0.55, 0.4, 0.3, 0.25, 0.2, 0.15, 0.15, 0.1, 0.1, 0.1, 0.1)
LATER_LIMIT = 0.8  # what all later items of one class may add together
NAME_WEIGHT = 0.85
# Phrases that registers add to nearly every scope: general trade, imports and exports, investment.
DAMPED = {
    "5199": 0.45,
    "5299": 0.4,
    "5181": 0.35,
    "7212": 0.75,
    "7299": 0.6,
    "7249": 0.7,
    "7519": 0.6,
    "5292": 0.6,
}
DAMPED_IN_NAMES = {
    "7212": 0.4,
    "7320": 0.2,
    "7519": 0.3,
    "7010": 0.8,
    "7299": 0.3,
    "5292": 0.5,
    "6513": 0.6,
    "3989": 0.8,
}
MAKE = re.compile("生产|制造|加工|产销|制作|织造|印制|制售|开发生产")
WHOLESALE = re.compile("批发|销售|购销|经销|贸易|供销|收购|批零|出售|代购|代销|零售批发|经营|产销")
RETAIL = re.compile("零售")
DEVELOP = re.compile("研发|研究|开发|技术服务|技术咨询|技术转让")
REPAIR = re.compile("维修|修理|维护|保养")
VERB_ONLY = re.compile(
    "(?:(?:从事|主营|兼营|承接|经营|一般经营项目|许可经营项目|是|主要)?"
    "(?:生产|制造|加工|产销|制作|销售|批发|零售|购销|经销|收购|研发|设计|开发|研究|种植|养殖|网上|出口|进口|安装|维修|"
    "组装|装配|代购|代销|仓储|包装|分装|技术|经营|承接|批零|兼|并|及|和|与|或|、|,|/)+)"
)
TRAILING_VERB = re.compile(
    "(?:的|之)?(?:生产|制造|加工|批发|零售|销售|购销|经销|贸易|兼|及|和|与|、|,)*(?:批发|零售|销售|购销|经销|制造|加工|生产)(?:业务)?$"
)
BOILERPLATE = re.compile(
    r"根据《[^》]*》[^:]*?(?:负责|章程)[:。.]?|根据《珠海[^。]*?。|如需了解[^。]*。?|经营范围由商事主体通过章程载明[^。]*。?|"
    r"以下经营范围信息由[^:]*:|一般经营项目(?:是)?[:]?|许可经营项目(?:是)?[:]?|经营范围以批准文件所列[^。;]*|"
    r"在?(?:隶属)?(?:公司|企业)(?:法人)?的?(?:经营|许可)范围内[^。;]*|接受隶属企业[^。;]*|仅供?[^。;]*清理[^。;]*债[^。;]*|\*+|[〓^]|产品[^。;]*[外内]销[^。;]*|"
    r"(?:增加|增营)[:]?|具体项目另行[^;,。]*|凭[^;。,]*(?:证|件)[^;。,]*经营"
)
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】")
SEGMENTS = re.compile("[;。]")
ITEMS = re.compile(r"[,、:.*\s]+")
SHOP = re.compile("店|商场|加油站|药房|超市|门市部|商行|连锁")
TRADER = re.compile("贸易|商贸|经贸|物资|销售|商行|供应|进出口|商业|营销|批发")
MAKER = re.compile("厂|制品|制造|工业|制衣|织造|实业公司|纺织|印刷|陶瓷|包装|塑胶|五金|电子|玩具|食品|家具")
TAIL = re.compile("(?:的?(?:生产|制造|加工|批发|零售|销售|购销|经销|研发|及|和|与)|及其?(?:零)?配件|等)+$")
SCRAP = re.compile("废旧|废品|再生资源|废金属|物资回收|废料")
OFFICE = re.compile("(?:代表处|办事处|联络处)$")
LIAISON = re.compile("联络|联系|代表|咨询")
COMPANY_TAIL = re.compile("(?:股份|集团|控股|实业|企业|发展|国际|科技|技术)*(?:有限责任公司|有限公司|公司)")


@dataclass(frozen=True, slots=True)
class IndustryFinding:
    """A class of GB/T 4754 (four digits), its section A–T, a confidence from 0 to 1, and the words that decided."""

    class_code: str | None
    section: str | None
    confidence: float | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vote:
    """One item's say: class, weight before position, words."""

    class_code: str
    strength: float
    words: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words for activities and for goods, and the bigrams of class names."""

    trades: dict[str, str]
    goods: dict[str, tuple[str, str, str]]
    names: dict[str, str]
    postings: dict[str, list[str]]
    lengths: dict[str, float]
    weights: dict[str, float]


def rows_of(name: str) -> list[dict[str, str]]:
    """Rows of one of the lexicon's files."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def lexicon() -> Lexicon:
    """The lexicon, read once. Of two entries for a word, the later stands."""
    trades = {word: row["class"] for row in rows_of("trades.csv") for word in row["words"].split()}
    goods = {
        word: (row["make"], row["wholesale"], row["retail"])
        for row in rows_of("goods.csv")
        for word in row["words"].split()
    }
    names = {entry.code: class_name(entry.name) for entry in industries.classes()}
    counts = Counter(pair for name in names.values() for pair in set(bigrams(name)))
    weights = {pair: log(len(names) / count) for pair, count in counts.items()}
    postings: dict[str, list[str]] = defaultdict(list)
    lengths: dict[str, float] = {}
    for code, name in names.items():
        pairs = set(bigrams(name))
        lengths[code] = sqrt(sum(weights[pair] ** 2 for pair in pairs)) or 1.0
        for pair in pairs:
            postings[pair].append(code)
    return Lexicon(trades, goods, names, dict(postings), lengths, weights)


def class_name(name: str) -> str:
    """A class name without the marks that scopes never write."""
    return re.sub("[、，,]|及其|和|及|与|的", "", name)


def bigrams(text: str) -> list[str]:
    """Neighbouring characters of `text`."""
    return [a + b for a, b in pairwise(text)]


def clean_scope(scope: str | None) -> str:
    """The scope without brackets, legal phrases and marks; full-width forms made plain."""
    text = unicodedata.normalize("NFKC", scope or "").strip()
    if text.upper() in {"N/A", "-", "无", ""}:
        return ""
    for _ in range(3):
        shorter = BRACKETS.sub("", text)
        if shorter == text:
            break
        text = shorter
    return BOILERPLATE.sub(";", text)


def split_items(scope: str) -> list[tuple[str, str]]:
    """(verbs, item) in order: each item with the verbs that govern it.

    Verbs stand before a list (`生产、销售：甲、乙`), in its first item (`生产和销售甲、乙`) or after it (`甲、乙的批发、零售`).
    """
    found: list[tuple[str, str]] = []
    verbs = ""
    for segment in SEGMENTS.split(scope):
        parts = [part for part in ITEMS.split(segment) if part]
        closing = closing_verbs(parts)
        pending = ""
        for part in parts:
            if VERB_ONLY.fullmatch(part):
                pending += part
                continue
            own = verbs_in(part)
            if pending:
                verbs, pending = pending, ""
            elif own and VERB_ONLY.match(part):
                verbs = own
            found.append((own or verbs or closing, part))
            if len(found) >= ITEM_LIMIT:
                return found
        if not parts:
            continue
    return found


def closing_verbs(parts: list[str]) -> str:
    """Verbs at the end of a list, when none stands before it."""
    if not parts or VERB_ONLY.match(parts[0]):
        return ""
    tail = next((part for part in reversed(parts) if not VERB_ONLY.fullmatch(part)), "")
    after = "".join(parts[parts.index(tail) + 1 :]) if tail else ""
    closing = TRAILING_VERB.search(tail)
    return (closing[0] if closing else "") + after


def verbs_in(item: str) -> str:
    """The verbs inside one item, joined."""
    return "".join(
        re.findall(
            "生产|制造|加工|产销|制作|织造|批发|销售|购销|经销|零售|收购|研发|研究|开发|维修|修理|安装|租赁|出租",
            item,
        )
    )


def goods_class(codes: tuple[str, str, str], verbs: str, name: str) -> tuple[str, float]:
    """Class and strength for goods, by what is done with them: made, sold in bulk, sold to consumers, repaired."""
    make, wholesale, retail = codes
    if MAKE.search(verbs):
        return make, 0.95
    if RETAIL.search(verbs) and not re.search("批发|购销|供销", verbs) and not re.search("^销售", verbs):
        return retail, 0.95
    if WHOLESALE.search(verbs):
        return (retail, 0.8) if SHOP.search(name) and not re.search("批发", verbs) else (wholesale, 0.9)
    if DEVELOP.search(verbs):
        return "7320", 0.6
    if REPAIR.search(verbs):
        return "4390", 0.4
    if TRADER.search(name):
        return wholesale, 0.7
    return (make, 0.6) if MAKER.search(name) else (wholesale, 0.55)


def longest_word(text: str, words: Container[str]) -> str | None:
    """The longest of `words` in `text`; among equals the last, as the head of a Chinese phrase stands at its end.

    A word of one character counts at the end alone: the coal in 粉煤灰 is none.
    """
    for length in range(min(len(text), 14), 1, -1):
        for start in range(len(text) - length, -1, -1):
            if text[start : start + length] in words:
                return text[start : start + length]
    return text[-1] if text and text[-1] in words else None


@cache
def nearest_class(item: str) -> tuple[str, float] | None:
    """The class whose name is most like the item, with the likeness (cosine of weighted bigrams)."""
    words = lexicon()
    pairs = {pair for pair in bigrams(class_name(item)) if pair in words.weights}
    scores: Counter[str] = Counter()
    for pair in pairs:
        for code in words.postings[pair]:
            scores[code] += words.weights[pair] ** 2  # type: ignore[assignment]
    if not scores:
        return None
    unknown = max(0, len(item) - 1 - len(pairs)) * 25.0
    length = sqrt(sum(words.weights[pair] ** 2 for pair in pairs) + unknown)
    code, score = max(scores.items(), key=lambda pair: (pair[1] / words.lengths[pair[0]], pair[0]))
    return code, score / (words.lengths[code] * length)


def vote(item: str, verbs: str, name: str) -> Vote | None:
    """What one item of a scope says."""
    words = lexicon()
    near = nearest_class(item) if len(item) > 3 else None
    if near and near[1] >= 0.86:
        return Vote(near[0], 1.0, item)
    plain = TAIL.sub("", item) or item
    trade = longest_word(item, words.trades)
    goods = longest_word(plain, words.goods)
    if scrap := SCRAP.search(item):
        return Vote("5191", 1.0, scrap[0])
    if goods and (trade is None or len(goods) > len(trade) or (len(goods) == len(trade) and sells(verbs))):
        code, strength = goods_class(words.goods[goods], verbs, name)
        return Vote(code, strength * (0.85 if len(goods) == 1 else 1.0), goods)
    if trade and not (sells(verbs) and MAKE.search(verbs) and len(trade) < 3):
        return Vote(words.trades[trade], 1.0 if len(trade) > 3 else 0.85, trade)
    if near and near[1] >= 0.5:
        return Vote(near[0], near[1] * 0.8, item)
    return None


def sells(verbs: str) -> bool:
    """Whether goods are made or sold."""
    return bool(MAKE.search(verbs) or WHOLESALE.search(verbs) or RETAIL.search(verbs))


def name_vote(name: str, verbs: str) -> Vote | None:
    """What the name's trade word says: the words before 有限公司, or the kind of branch after it."""
    words = lexicon()
    plain = BRACKETS.sub("", unicodedata.normalize("NFKC", name))
    company = COMPANY_TAIL.search(plain)
    tail = plain[company.end() :] if company else ""
    branch = longest_word(tail, words.trades) if tail else None
    if branch and len(branch) > 1:
        return Vote(words.trades[branch], 1.0, branch)
    core = plain[: company.start()][-9:] if company else plain[-9:]
    trade, goods = longest_word(core, words.trades), longest_word(core, words.goods)
    if (
        goods
        and len(goods) > 1
        and (trade is None or core.rfind(goods) + len(goods) > core.rfind(trade) + len(trade))
    ):
        return Vote(goods_class(words.goods[goods], verbs or trade_verb(core), name)[0], 0.8, goods)
    if trade and len(trade) > 1:
        known = words.trades[trade]
        return Vote(known, DAMPED_IN_NAMES.get(known, 1.0), trade)
    return None


def trade_verb(core: str) -> str:
    """`销售` if the name itself speaks of trade."""
    return "销售" if TRADER.search(core) else ""


def classify(scope: str | None, name: str) -> IndustryFinding:
    """The class of the main activity.

    ASSUMPTION: the activity listed first is the main one (so the registrars ask for it), unless the name's own
    trade word and later items together outweigh it.
    """
    items = split_items(clean_scope(scope))
    if OFFICE.search(name) and (liaison := LIAISON.search("".join(item for _, item in items))):
        return IndustryFinding("7299", industries.section_of("7299"), calibrated(0.8), (liaison[0],))
    scores: dict[str, float] = defaultdict(float)
    later: dict[str, float] = defaultdict(float)
    said: dict[str, list[str]] = defaultdict(list)
    position = 0
    first: str | None = None
    for verbs, item in items:
        voted = vote(item, verbs, name)
        if voted is None:
            continue
        first = first or voted.class_code
        weight = POSITION_WEIGHTS[position] * voted.strength * DAMPED.get(voted.class_code, 1.0)
        (later if position else scores)[voted.class_code] += weight
        said[voted.class_code].append(voted.words)
        position += 1
    for code, weight in later.items():
        scores[code] += min(weight, LATER_LIMIT)
    named = name_vote(name, "".join(verbs for verbs, _ in items[:3]))
    if named:
        scores[named.class_code] += NAME_WEIGHT * named.strength * DAMPED.get(named.class_code, 1.0)
        said[named.class_code].append(named.words)
    if not scores:
        return IndustryFinding(None, None, None, ())
    best = max(scores, key=lambda code: (scores[code], code == first, code))
    raw = evidence_share(
        scores, best, is_first=best == first, is_named=bool(named and named.class_code == best)
    )
    words = tuple(dict.fromkeys(said[best]))[:4]
    return IndustryFinding(best, industries.section_of(best), calibrated(raw), words)


def evidence_share(scores: dict[str, float], best: str, *, is_first: bool, is_named: bool) -> float:
    """How one-sided the evidence is, from 0 to 1: share of all weight, first item, agreement of the name."""
    share = scores[best] / sum(scores.values())
    strength = min(1.0, scores[best])
    return 0.4 * share + 0.25 * strength + 0.15 * is_first + 0.2 * is_named


# Share of classes that a reader accepts (label or alternative) at this much evidence, (right + 1) / (rows + 2):
# measured on the 1st, 3rd, 5th … row of data/labels/industry_200.csv; `zhijian accuracy` checks it on the others.
CALIBRATION_BOUNDS = (0.45, 0.6, 0.75, 0.9)
CALIBRATION_SHARES = (0.4, 0.73, 0.83, 0.92, 0.97)


def calibrated(raw: float) -> float:
    """Confidence, 0 to 1: the share of accepted four-digit classes seen at this much evidence."""
    return CALIBRATION_SHARES[bisect_right(CALIBRATION_BOUNDS, raw)]


def classify_all(rows: Iterable[tuple[str | None, str]]) -> list[IndustryFinding]:
    """Findings for (scope, name), in order; equal rows are read once."""
    keys = list(rows)
    distinct = {key: classify(*key) for key in dict.fromkeys(keys)}
    return [distinct[key] for key in keys]
