"""A text and the rules in, findings out: where, which rule, which article, why, and lawful wording instead.

The same text and rules give the same findings. Work grows with the length of the text: every rule looks for each of its
wordings once in a sentence and joins what lies close together. A finding is an indication; nobody is judged by it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from zhijian.apps.consumer.contracts.screening.amounts import shares
from zhijian.apps.consumer.contracts.screening.clauses import Clause, sentences, split
from zhijian.apps.consumer.contracts.screening.rulebook import Rulebook, UnfairRule, pattern_of

MOST_CHARACTERS = 500_000  # of one contract
MOST_FINDINGS = 300  # of one contract: more are counted, not listed
_NEAR = 40  # characters around the wording in which an exception counts
_AHEAD = 60  # characters before an anchor in which who pays, or is freed, is looked for

_NEGATED = re.compile(
    r"(?:不得|不能|不会|不应|不可|禁止|严禁|无权|并不|不以|不将|没有权利|不享有)([^，。]{0,14})$"
    r"|(?:不得|不能|不应)以[^。]{0,30}(?:为由|理由)[^。]{0,6}$"
    r"|(?:不|未|无|非|没有)$"
)
_ADVERBS = "(?:对此|均|亦|也|将|可以?|应当?|须|需|应自行|都|即)?"


@dataclass(frozen=True)
class Finding:
    """One term that a rule points at. `start` and `end` are characters of the text as given."""

    rule: UnfairRule
    clause: Clause
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Screening:
    """What the rules say about a text. `left_out` counts findings beyond those listed."""

    version: date
    clauses: tuple[Clause, ...]
    findings: tuple[Finding, ...]
    left_out: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of term that were found, each once, in order."""
        return tuple(dict.fromkeys(one.rule.kind for one in self.findings))


class TooLong(ValueError):
    """The text has more characters than one contract may have."""


def screen(text: str, book: Rulebook, *, on: date) -> Screening:
    """Hold a contract against the rules in force on a day.

    Raises:
        TooLong: more than MOST_CHARACTERS.
    """
    if len(text) > MOST_CHARACTERS:
        raise TooLong(len(text))
    parties = _Parties.of(text, book)
    rules, clauses = book.in_force(on), split(text)
    found: list[Finding] = []
    for clause in clauses:
        for sentence in sentences(text, clause):
            for rule in rules:
                if (span := _first(rule, sentence.text, parties)) is not None:
                    start, end = sentence.span(*span)
                    found.append(Finding(rule, clause, start, end, text[start:end]))
    found.sort(key=lambda one: (one.start, one.rule.id))
    return Screening(
        book.version, tuple(clauses), tuple(found[:MOST_FINDINGS]), max(0, len(found) - MOST_FINDINGS)
    )


@dataclass(frozen=True)
class _Parties:
    """How the text names trader and consumer; 甲方 and 乙方 are read from where it says who they are."""

    trader: re.Pattern[str]
    consumer: re.Pattern[str]
    consumer_ahead: re.Pattern[str]
    receiver: re.Pattern[str]  # to whom something is paid

    @classmethod
    def of(cls, text: str, book: Rulebook) -> "_Parties":
        trader, consumer = list(book.trader), list(book.consumer)
        for letter in ("甲方", "乙方", "丙方"):
            side = _side(letter, text, book)
            if side:
                (trader if side == "trader" else consumer).append(letter)
        own, other = pattern_of(consumer), pattern_of(trader)
        receiver = re.compile(f"(?:向|付给|退给|支付给|赔给)(?:{own.pattern}|{other.pattern})")
        return cls(other, own, re.compile(f"(?:{own.pattern}){_ADVERBS}$"), receiver)


def _side(letter: str, text: str, book: Rulebook) -> str:
    """Return which party a letter names, from the words beside its first few mentions; empty where unsaid."""
    for found in list(re.finditer(letter, text[:20_000]))[:6]:
        beside = text[found.end() : found.end() + 14].split("\n")[0]
        if not beside[:1] or beside[0] not in "（(：:":
            continue
        if pattern_of(book.consumer).search(beside):
            return "consumer"
        if pattern_of(book.trader).search(beside):
            return "trader"
    return ""


def _first(rule: UnfairRule, text: str, parties: _Parties) -> tuple[int, int] | None:
    """Return the first place in a sentence that the rule points at."""
    spots = []
    for group in rule.groups:
        places = [(one.start(), one.end()) for one in group.finditer(text)]
        if not places:
            return None
        spots.append(places)
    if rule.share_over is not None:
        over = [(start, end) for start, end, value in shares(text) if value > rule.share_over]
        if not over:
            return None
        spots.append(over)
    exceptions = [one.start() for one in rule.unless.finditer(text)] if rule.unless else []
    for start, end, anchor in _close(spots, rule.within):
        if not _is_excepted(exceptions, start, end) and _holds(rule, text, start, anchor, parties):
            return start, end
    return None


def _close(spots: Sequence[Sequence[tuple[int, int]]], within: int) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and the anchor's start of every anchor that has all other wordings near it."""
    *others, anchors = spots
    for anchor_start, anchor_end in anchors:
        start, end = anchor_start, anchor_end
        for places in others:
            near = _nearest(places, anchor_start, anchor_end, within)
            if near is None:
                break
            start, end = min(start, near[0]), max(end, near[1])
        else:
            yield start, end, anchor_start


def _nearest(places: Sequence[tuple[int, int]], start: int, end: int, within: int) -> tuple[int, int] | None:
    """Return the wording nearest to an anchor, at most `within` characters between them."""
    after = bisect_left(places, (start, 0))
    best: tuple[int, int] | None = None
    gap = within + 1
    for place in places[max(0, after - 1) : after + 1]:
        distance = max(0, place[0] - end, start - place[1])
        if distance < gap:
            best, gap = place, distance
    return best


def _is_excepted(exceptions: Sequence[int], start: int, end: int) -> bool:
    """Say whether an exception stands in the wording or near it."""
    after = bisect_left(exceptions, start - _NEAR)
    return after < len(exceptions) and exceptions[after] <= end + _NEAR


def _holds(rule: UnfairRule, text: str, start: int, anchor: int, parties: _Parties) -> bool:
    """Say whether the term is not denied, and speaks of the party that the rule is about."""
    if _is_denied(text, start, parties) or (anchor != start and _is_denied(text, anchor, parties)):
        return False
    ahead = text[max(0, anchor - _AHEAD) : anchor]
    if rule.speaks_for_trader and _frees_consumer(text, anchor, parties):
        return False
    if rule.is_paid_by_consumer:
        return _last(parties.receiver.sub("", ahead), parties) != "trader"
    if rule.about == "consumer":
        return _last(text[max(0, start - _AHEAD) : start], parties) != "trader"
    if rule.about == "trader":
        return _last(text[max(0, start - _AHEAD) : start], parties) != "consumer"
    return True


def _frees_consumer(text: str, anchor: int, parties: _Parties) -> bool:
    """Say whether the one who bears nothing is the consumer: 消费者不承担…; 消费者自行承担 is the other way round."""
    if text.startswith(("自", "责任自", "后果自", "风险自", "与"), anchor):
        return False
    return bool(parties.consumer_ahead.search(text[max(0, anchor - 12) : anchor]))


def _is_denied(text: str, place: int, parties: _Parties) -> bool:
    """Say whether the wording is denied (不得免除…), and not by a ban on the consumer."""
    before = text[max(0, place - 50) : place]
    found = _NEGATED.search(before)
    if found is None:
        return False
    return not parties.consumer_ahead.search(before[: found.start()])


def _last(text: str, parties: _Parties) -> str:
    """Return which party is named last in a piece of text."""
    ends = {"trader": -1, "consumer": -1}
    for name, pattern in (("trader", parties.trader), ("consumer", parties.consumer)):
        for found in pattern.finditer(text):
            ends[name] = found.start()
    if ends["trader"] == ends["consumer"]:
        return ""
    return max(ends, key=lambda name: ends[name])
