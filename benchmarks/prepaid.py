"""Would the risk score of issuers of prepaid cards have told who runs away? Judged on invented issuers; prints JSON.

    .venv/bin/python benchmarks/prepaid.py [--issuers 2000] [--seeds 101,102,103,104,105]

Three drawn worlds, each beside the plain rule "count the refund complaints". The points of the score were set before any
of these seeds was drawn. A drawn world proves that the score is reckoned as meant and what it bears, not that real
issuers behave so.
"""

import argparse
import json
import time
from datetime import date

from zhijian.apps.consumer.prepaid import backtest

ON = date(2026, 11, 28)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--issuers", type=int, default=2000)
    options.add_argument("--seeds", default="101,102,103,104,105")
    chosen = options.parse_args()
    seeds = [int(one) for one in chosen.seeds.split(",")]
    began = time.perf_counter()
    worlds = {
        world: backtest.compare(world, issuers=chosen.issuers, seeds=seeds, on=ON)
        for world in backtest.WORLDS
    }
    seconds = round(time.perf_counter() - began, 1)
    print(
        json.dumps(
            {"issuers": chosen.issuers, "seeds": seeds, "seconds": seconds, "worlds": worlds}, indent=1
        )
    )


if __name__ == "__main__":
    main()
