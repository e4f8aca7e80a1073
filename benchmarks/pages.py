"""The entity page under load, side by side with an empty Django view on the same server.

    .venv/bin/python benchmarks/pages.py [--seconds 8] [--clients 8] [--serving FOLDER]

Needs a home with a built register (`make demo SERVE=0`). Starts gunicorn with two workers, asks random
entity pages, then an empty view, in turns, and prints JSON: requests/s, p50 and p99 in milliseconds.
With `--serving` the register is another folder's, read only, such as one of the size of the province.
"""

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from tests.postgresql import free_port  # noqa: E402


def load(port: int, paths: list[str], seconds: float, seed: int) -> list[float]:
    """Ask pages one after the other until the time is up; return the latencies in seconds."""
    chooser = random.Random(seed)
    latencies = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", chooser.choice(paths), headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise SystemExit(f"answer {response.status}")
        connection.close()
        latencies.append(time.perf_counter() - start)
    return latencies


def measure(port: int, paths: list[str], seconds: float, clients: int) -> dict[str, float]:
    with ProcessPoolExecutor(clients) as pool:
        runs = [pool.submit(load, port, paths, seconds, seed) for seed in range(clients)]
        latencies = sorted(x for run in runs for x in run.result())
    return {
        "requests_per_second": round(len(latencies) / seconds, 1),
        "p50_ms": round(1000 * latencies[len(latencies) // 2], 1),
        "p99_ms": round(1000 * latencies[int(len(latencies) * 0.99)], 1),
        "requests": len(latencies),
    }


def beside(folder: Path, serving: Path) -> Path:
    """Make a home like the present one whose register is served from another folder; nothing is copied."""
    from zhijian.infrastructure.home import current_home

    for one in current_home().root.iterdir():
        if one.name != "serving":
            (folder / one.name).symlink_to(one)
    (folder / "serving").symlink_to(serving.resolve())
    return folder


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--serving", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.serving:
            os.environ["ZHIJIAN_HOME"] = str(beside(Path(folder), options.serving))
        print(json.dumps(race(options), indent=2))


def race(options: argparse.Namespace) -> dict[str, object]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    import django

    django.setup()
    from zhijian.engines.registers import EntityRegister
    from zhijian.infrastructure.home import current_home

    register = EntityRegister(current_home().serving)
    count = register.report.entity_count
    rows = random.Random(1).sample(range(count), min(2000, count))
    codes = [record.uscc for record in register._store().layers.base.records(rows)]
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--no-control-socket",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{port}",
            "--chdir",
            str(ROOT / "benchmarks"),
            "bench_wsgi",
        ],
    )
    try:
        wait_for(port)
        pages = [f"/entities/{code}/" for code in codes]
        measure(port, pages[:50], 1, options.clients)
        result = {
            "entity_page": measure(port, pages, options.seconds, options.clients),
            "empty_view": measure(port, ["/bench-empty/"], options.seconds, options.clients),
            "clients": options.clients,
            "workers": 2,
            "entities": count,
        }
    finally:
        server.terminate()
        server.wait(timeout=20)
    return result


if __name__ == "__main__":
    main()
