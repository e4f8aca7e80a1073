"""Why was I drawn? What one object learns from its opening and the public draw file, without the engine."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from zhijian.engines.draws import verifier


@dataclass(frozen=True)
class Explanation:
    """Where one object stands. ``line`` is None where its leaf is not in the roster."""

    ok: bool
    leaf: str
    line: int | None
    message_zh: str
    message_en: str
    place: int | None = None  # in its stratum, by rank
    drawn: int | None = None
    objects: int | None = None
    chance: str = ""  # exact, as a fraction; empty where a draw of version 1 went by weight


def explain(file: bytes, opening: Mapping[str, Any]) -> Explanation:
    """Find the leaf that an opening opens, and say where it ranks.

    Raises:
        ValueError: the opening lacks a field; the message names it.
    """
    missing = [
        key for key in ("plan", "attempt", "object", "salt", "stratum", "weight") if key not in opening
    ]
    if missing:
        raise ValueError(f"the opening lacks '{missing[0]}'; use the file that came with your notice")
    found = verifier.verify(file)
    head = (opening["plan"], opening["attempt"])
    own_fields = (opening["salt"], opening["object"], opening["stratum"], opening["weight"])
    more = (opening["sort"],) if "sort" in opening else ()
    leaf = verifier.tagged("object", *head, *own_fields, *more)
    own = next((one for one in found["objects"] if one["leaf"] == leaf), None)
    if own is None:
        return Explanation(
            False,
            leaf,
            None,
            "您的叶值不在这份名单里：被漏掉了，或凭证不属于这次抽签。",
            "Your leaf is not in this roster: you were dropped, or the opening belongs to another draw.",
        )
    return _standing(file.decode(errors="replace"), found, own, opening)


def _standing(
    text: str, found: Mapping[str, Any], own: Mapping[str, Any], opening: Mapping[str, Any]
) -> Explanation:
    group = [one for one in found["objects"] if one["stratum"] == own["stratum"]]
    group.sort(key=lambda one: (Fraction(int(one["rank"], 16), one["weight"]), one["leaf"]))
    place, drawn = group.index(own) + 1, sum(one["recomputed"] == "drawn" for one in group)
    is_drawn, line = own["recomputed"] == "drawn", own["line"]
    if not _results_agree(text, opening):
        zh, en = "公布的检查结果与您收到的不同。", "The published result is not the one you were given."
        return Explanation(False, own["leaf"], line, zh, en, place, drawn, len(group))
    method, chance = _method_of(text, own["stratum"]), _chance_of(group, own, drawn)
    zh = f"第{line:,}行是您。本层{len(group):,}户抽{drawn:,}户，"
    en = f"Line {line:,} is you. Of {len(group):,} in your stratum {drawn:,} were drawn; "
    if method == "simple":
        zh += f"您的序位是第{place:,}，{'所以抽中' if is_drawn else '所以没有抽中'}。"
        en += f"you rank {place:,}, so you were {'' if is_drawn else 'not '}drawn."
    elif chance == "1/1":
        zh, en = zh + "您的权重大到必定抽中。", en + "your weight is so large that you are drawn for sure."
    else:
        zh += f"从随机起点等距取点，{'有一点落在您那一段，所以抽中' if is_drawn else '没有一点落在您那一段，所以没有抽中'}。"
        en += (
            f"points stand at equal distances from a random start, {'one' if is_drawn else 'none'} fell on your stretch, "
            f"so you were {'' if is_drawn else 'not '}drawn."
        )
    if chance:
        zh, en = zh + f"您被抽中的概率是{chance}。", en + f" Your chance of being drawn was {chance}."
    return Explanation(found["ok"] and own["ok"], own["leaf"], line, zh, en, place, drawn, len(group), chance)


def _method_of(text: str, label: str) -> str:
    """Return how a stratum was drawn, from the event that froze it; a draw of version 1 names no method."""
    for line in text.splitlines():
        if '"kind":"frozen"' in line:
            strata = json.loads(line.rstrip(","))[1]["body"]["strata"]
            return str(
                next((one.get("method", "simple") for one in strata if one["label"] == label), "simple")
            )
    return "simple"


def _chance_of(group: Sequence[Mapping[str, Any]], own: Mapping[str, Any], drawn: int) -> str:
    if "chance" in own:
        return str(own["chance"])
    if any(one["weight"] != 1 for one in group):
        return ""
    exact = Fraction(drawn, len(group))
    return f"{exact.numerator}/{exact.denominator}"


def _results_agree(text: str, opening: Mapping[str, Any]) -> bool:
    """Say whether the newest result that the object was given stands in the file as promised."""
    given = opening.get("results") or []
    if not given or '"kind":"slot"' not in text:
        return True
    newest = given[-1]
    told = verifier.canon(newest["result"])
    seal = verifier.tagged(
        "result", opening["plan"], opening["attempt"], newest["leaf"], newest["salt"], verifier.sha(told)
    )
    return seal in text and told in text
