"""What stands against a clean record: one rule for everything that is given only to firms without blemish. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zhijian.engines.facts.publicity import FactLike
from zhijian.standards.calendar import add_months
from zhijian.standards.citation import rule

LISTS = {
    "abnormal_list.listed": ("在经营异常名录上", "on the abnormal list"),
    "serious_list.listed": ("在严重违法失信名单上", "on the serious-violation list"),
}
_DECIDED = {
    "penalty.decided": ("受过行政处罚", "a penalty"),
    "commitment.withdrawn": ("没有履行承诺，许可被撤销", "an approval withdrawn for a broken promise"),
}

KINDS = frozenset({*LISTS, *_DECIDED})  # what a look at a firm may be worth after


@dataclass(frozen=True)
class Blemish:
    """One public record that stands against a clean record."""

    kind: str
    on: date
    zh: str
    en: str


@rule(cites="国办发〔2019〕35号")
def blemishes(public: Iterable[FactLike], *, on: date, months: int) -> tuple[Blemish, ...]:
    """Return what stands against a clean record on a day, from the firm's public records.

    A list counts as long as the firm stands on it, a decision for `months`. What was repaired, removed or withdrawn is
    not public and so does not count: repair means that nobody uses the record any more. Checks, complaints and the
    internal class never count.
    """
    since = add_months(on, -months)
    found = []
    for fact in public:
        words = LISTS.get(fact.kind)
        if words is None and fact.kind in _DECIDED and fact.occurred_on > since:
            words = _DECIDED[fact.kind]
        if words is not None:
            found.append(
                Blemish(
                    fact.kind,
                    fact.occurred_on,
                    f"{fact.occurred_on}起{words[0]}"
                    if fact.kind in LISTS
                    else f"{fact.occurred_on}{words[0]}",
                    f"{words[1]}, {fact.occurred_on}",
                )
            )
    return tuple(found)
