"""How often the audit of draws rings: in honest years, and in years with a fraud planted.

`python benchmarks/draw_audit.py [--years N]` prints JSON. A year is six draws of 50 from 400 objects (40 where attempts are voided);
a fraud is done in all, in half or in a quarter of them. Rings at a false discovery rate of 5 percent over the tests of the year.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engines.draws import planted

from zhijian.engines.signals import discovery

RATE = 0.05
SHARES = (1.0, 0.5, 0.25)


def quiet(years: int) -> dict[str, float]:
    """Return the share of honest years in which anything rings, and in which each test alone is at most 5 percent."""
    found = [planted.judged(planted.a_history(turn), turn, pair_throws=19) for turn in range(years)]
    rung = [bool(discovery.discovered(list(one.values()), rate=RATE).any()) for one in found]
    alone = {name: float(np.mean([one[name] <= RATE for one in found])) for name in found[0]}
    return {"years": years, "any": float(np.mean(rung)), **alone}


def found(fraud: str, share: float, years: int) -> float:
    """Return the share of years in which the test made for the fraud is a discovery among all tests of the year."""
    hits = 0
    for turn in range(10_000, 10_000 + years):
        history = planted.a_history(turn, fraud=fraud, throughout=share, draws=40 if fraud == "again" else 6)
        chances = planted.judged(history, turn, pair_throws=99 if fraud == "pair" else 0)
        q = dict(zip(chances, discovery.adjusted(list(chances.values())), strict=True))
        hits += bool(q[fraud] <= RATE)
    return hits / years


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=1_000)
    years = parser.parse_args().years
    power = {
        fraud: {
            f"{share:.0%}": found(fraud, share, years // 20 if fraud == "pair" else years // 2)
            for share in SHARES
        }
        for fraud in planted.FRAUDS
    }
    print(json.dumps({"honest": quiet(years // 2), "power": power}, indent=1))


if __name__ == "__main__":
    main()
