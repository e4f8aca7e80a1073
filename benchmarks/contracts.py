"""Judge the published rules for unfair terms on labelled clauses, beside a plain list of words; time a hostile text.

    .venv/bin/python benchmarks/contracts.py

Prints JSON: precision, recall and F1 for clauses made by templates, for two hand-written sets that the rules
were widened with, and for the hand-written, held-out one; and the seconds for one clause of 100,000 and of 200,000 characters of each of several hostile patterns (linear: about twice).
"""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

from zhijian.apps.consumer.contracts.screening import judging
from zhijian.apps.consumer.contracts.screening.engine import screen
from zhijian.apps.consumer.contracts.screening.rulebook import shipped

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "samples" / "contract_clauses"
ON = date(2026, 11, 28)
HOSTILE = (
    "受伤不得不",
    "不退",
    "本店有权随时调整价格，",
    "违约金百分之五十",
    "甲方不承担乙方受伤",
    "（一）",
    "啊",
)


def main() -> None:
    book = shipped()
    judges = {"rules": judging.by_rules(book, ON), "plain_words": judging.by_plain_words}
    parts = {
        "templates": judging.from_templates(SAMPLES / "templates.yaml"),
        "colloquial": judging.hand_written(SAMPLES / "colloquial.csv"),
        "contract_style": judging.hand_written(SAMPLES / "contract_style.csv"),
        "held_out": judging.hand_written(SAMPLES / "held_out.csv"),
    }
    result: dict[str, Any] = {"rules_version": book.version.isoformat(), "rules": len(book.rules)}
    for name, clauses in parts.items():
        result[name] = {who: judging.judged(clauses, judge) for who, judge in judges.items()}
    result["hostile_seconds"] = {text: _seconds(text) for text in HOSTILE}
    contract = "\n".join(f"第{n}条 {one.text}" for n, one in enumerate(parts["held_out"], start=1))
    began = time.perf_counter()
    screen(contract, book, on=ON)
    result["contract"] = {
        "characters": len(contract),
        "milliseconds": round(1000 * (time.perf_counter() - began), 1),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _seconds(piece: str) -> dict[str, float]:
    found = {}
    for length in (100_000, 200_000):
        text = (piece * (length // len(piece) + 1))[:length]
        began = time.perf_counter()
        screen(text, shipped(), on=ON)
        found[str(length)] = round(time.perf_counter() - began, 3)
    return found


if __name__ == "__main__":
    main()
