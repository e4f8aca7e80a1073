"""How much the public search and the entity page carry: requests/s at p99 < 200 ms, what a request spends its time on.

    .venv/bin/python benchmarks/load.py [--serving FOLDER] [--seconds 10] [--processes 1 2] [--clients 1 2 3 4 6 8 12 16]

Needs a home with a built register (`make demo SERVE=0`); with `--serving` the register is another folder's, read only,
such as one of the size of the province. Each number of web processes gets a gunicorn of its own. Clients ask one page
after the other, each on a new connection, in rising numbers until half of the answers take 200 ms; beside each the same clients ask
an empty view of the same server. Then one process asks the same pages of itself, and says what each step of a page
takes by the clock. Searches are fragments of 2 to 6 characters of what the store holds. Prints JSON.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

from pages import ROOT, beside, free_port, measure, wait_for

GOAL_MS = 200.0
EMPTY = ["/bench-empty/"]
PAGES_ASKED = 300
STEPS = {
    "entity page": {
        "find the entity": "zhijian.engines.registers.EntityRegister.find",
        "delivered facts": "zhijian.engines.registers.EntityRegister.delivered_facts",
        "sealed facts, what is public today": "zhijian.portal.views.entities.facts.public_record",
        "results of inspections": "zhijian.portal.views.entities.inspections.results_of",
        "day root": "zhijian.portal.views.entities.whole_of",
        "template": "zhijian.portal.views.entities.render",
    },
    "search": {
        "search": "zhijian.engines.registers.EntityRegister.search",
        "counts of the filters": "zhijian.portal.views.entities._filters",
        "template": "zhijian.portal.views.entities.render",
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serving", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 3, 4, 6, 8, 12, 16])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.serving:
            os.environ["ZHIJIAN_HOME"] = str(beside(Path(folder), options.serving))
        print(json.dumps(carried(options), ensure_ascii=False, indent=1))


def carried(options: argparse.Namespace) -> dict[str, Any]:
    """Measure every page with every number of web processes, then the steps."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    asked, entities = what_is_asked()
    result: dict[str, Any] = {"entities": entities, "seconds_each": options.seconds}
    for processes in options.processes:
        with served(processes) as port:
            for name, paths in asked.items():
                measure(port, paths[:100], 2, 2)  # every process has opened the store
                result[f"{name}, {processes} web processes"] = until_slow(
                    port, paths, options.seconds, options.clients
                )
    result["steps, ms"] = {name: steps_of(name, paths) for name, paths in asked.items()}
    result["load_at_the_end"] = [round(one, 1) for one in os.getloadavg()]
    return result


def what_is_asked() -> tuple[dict[str, list[str]], int]:
    """Return paths of entity pages and of searches, drawn from the store, and how many entities there are."""
    from search import drawn

    from zhijian.engines.registers import EntityRegister
    from zhijian.infrastructure.home import current_home

    register = EntityRegister(current_home().serving)
    count = register.report.entity_count
    rows = random.Random(1).sample(range(count), min(5000, count))
    codes = [record.uscc for record in register._store().layers.base.records(rows)]
    typed = [text for length in drawn(register, 200)["name"].values() for text in length]
    random.Random(2).shuffle(typed)
    searches = [f"/entities/?{urlencode({'q': text})}" for text in typed]
    return {"entity page": [f"/entities/{code}/" for code in codes], "search": searches}, count


@contextmanager
def served(processes: int) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--workers", str(processes)]
    command += ["--bind", f"127.0.0.1:{port}", "--chdir", str(ROOT / "benchmarks"), "bench_wsgi"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def until_slow(port: int, paths: list[str], seconds: float, clients: list[int]) -> dict[str, Any]:
    """Ask with ever more clients; return each round, and the most requests/s that kept under the goal."""
    rounds = []
    for number in sorted(clients):
        found = measure(port, paths, seconds, number)
        empty = measure(port, EMPTY, min(seconds, 4), number)
        ratio = round(empty["requests_per_second"] / found["requests_per_second"], 1)
        rounds.append({"clients": number, **found, "empty_view": empty, "times_an_empty_view": ratio})
        if found["p50_ms"] >= GOAL_MS:
            break
    within = [one["requests_per_second"] for one in rounds if one["p99_ms"] < GOAL_MS]
    return {"most_requests_per_second_under_200_ms": max(within, default=None), "rounds": rounds}


def steps_of(name: str, paths: list[str]) -> dict[str, dict[str, float]]:
    """Ask pages inside this process; return what each step takes, the rest being routing, middleware and the view."""
    from django.test import Client, override_settings

    spent: dict[str, list[float]] = defaultdict(list)
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]):
        client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT_ENCODING="gzip")
        for path in paths[:20]:
            client.get(path)
        with timed(STEPS[name]) as now:
            for path in paths[20 : 20 + PAGES_ASKED]:
                now.clear()
                start = time.perf_counter()
                client.get(path)
                whole = time.perf_counter() - start
                for step in STEPS[name]:
                    spent[step].append(now[step])
                spent["routing, middleware, the view"].append(whole - sum(now.values()))
                spent["whole page"].append(whole)
    return {step: _told(seconds) for step, seconds in spent.items()}


@contextmanager
def timed(steps: dict[str, str]) -> Iterator[dict[str, float]]:
    """Lay a clock around the functions that are a page's steps; none of them calls another one of them."""
    from django.utils.module_loading import import_string

    now: dict[str, float] = defaultdict(float)
    clocks = [
        patch(target, _clocked(_found(target, import_string), step, now)) for step, target in steps.items()
    ]
    for clock in clocks:
        clock.start()
    try:
        yield now
    finally:
        for clock in clocks:
            clock.stop()


def _found(target: str, import_string: Callable[[str], Any]) -> Any:
    """Return what stands at a dotted place, which may be an attribute of a class or of a module's module."""
    holder, _, name = target.rpartition(".")
    try:
        return import_string(target)
    except ImportError:
        return getattr(_found(holder, import_string), name)


def _clocked(step: Any, name: str, now: dict[str, float]) -> Any:
    def run(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return step(*arguments, **named)
        finally:
            now[name] += time.perf_counter() - start

    return run


def _told(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(1000 * one for one in seconds)
    return {
        "median": round(statistics.median(ordered), 2),
        "mean": round(statistics.fmean(ordered), 2),
        "p99": round(ordered[int(len(ordered) * 0.99)], 2),
    }


if __name__ == "__main__":
    main()
