"""Mixed traffic on one machine while web, worker and database are killed at random; then every acknowledged act is sought.

    .venv/bin/python benchmarks/soak.py [--minutes 30] [--folder FOLDER] [--seed 1] [--report FILE]

Three readers, two citizens with a photo each, a hotline, two officers, deliveries of data and the work of the night run
against `zhijian serve` (two web processes, the job worker, the feed) on a PostgreSQL server that this program starts.
Every 10 to 40 s one of them gets `kill -9`. What was acknowledged stands in a journal; at the end each act must be
there exactly once, the seals must verify, the queues must run empty and no file may be left over. Prints JSON; ends
with 1 where anything was wrong. FOLDER is kept and used again; without it all is made in a folder that goes away.
"""

import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from soak_check import codes_of_the_register, prepare, verified  # noqa: E402
from soak_traffic import Journal, Traffic  # noqa: E402
from tests.postgresql import Server, free_port  # noqa: E402

BETWEEN_KILLS = (10.0, 40.0)  # seconds
DOWN = (0.5, 4.0)  # seconds that the database stays away
MOST_STARTS = 5
TO_DRAIN = 240.0  # seconds that the queues get to run empty
VICTIMS = (
    "web process",
    "web process",
    "whole site",
    "job worker",
    "job worker",
    "feed",
    "ingest",
    "database",
    "database",
)
ZHIJIAN = [sys.executable, "-c", "from zhijian.operations.cli import main; main()"]


class Database(Server):
    """A PostgreSQL server of the soak's own, with `fsync` as it is by default; what lies in the folder is used again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        if self.data.exists():
            self.start()
        else:
            self.make()

    def start(self, *settings: str) -> None:
        super().start("max_connections=80", *settings)

    def make(self) -> None:
        """Make a server with an empty database, and start it."""
        super().make()
        self.start()
        self.tool("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "zhijian", "zhijian")


class Site:
    """`zhijian serve`, started again whenever it ends, as systemd does it."""

    def __init__(self, folder: Path, environment: dict[str, str], port: int) -> None:
        self.port, self._environment = port, environment
        self._log = (folder / "site.log").open("ab")
        self.starts = 0
        self._is_wanted = True
        self._start()
        self._guard = threading.Thread(target=self._keep, daemon=True)
        self._guard.start()

    def _start(self) -> None:
        command = [*ZHIJIAN, "serve", "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            command, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self.starts += 1

    def _keep(self) -> None:
        while self._is_wanted:
            self.process.wait()
            _end_group(self.process.pid)
            if self._is_wanted:
                time.sleep(1)
                self._start()

    def stop(self) -> None:
        self._is_wanted = False
        self.process.terminate()
        time.sleep(3)
        _end_group(self.process.pid)
        self._guard.join(timeout=30)

    def members(self, word: str) -> list[int]:
        """Return the processes of the site whose command holds a word."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.process.pid and word in (folder / "cmdline").read_text():
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
        return found

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


class Killer(threading.Thread):
    """Ends one process after the other, at random but by a seed."""

    def __init__(self, site: Site, database: Database, traffic: Traffic, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self._site, self._database, self._traffic = site, database, traffic
        self._random = random.Random(seed)
        self.kills: Counter[str] = Counter()
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._traffic.stop.wait(self._random.uniform(*BETWEEN_KILLS)):
            victim = self._random.choice(VICTIMS)
            try:
                if self._kill(victim):
                    self.kills[victim] += 1
            except (OSError, subprocess.CalledProcessError) as problem:
                self.problems.append(f"killer, {victim}: {problem} {getattr(problem, 'stderr', '')}")

    def _kill(self, victim: str) -> bool:
        if victim == "database":
            self._database.kill()
            time.sleep(self._random.uniform(*DOWN))
            for _ in range(MOST_STARTS - 1):
                try:
                    self._database.start()
                    return True
                except subprocess.CalledProcessError:  # what was killed still dies
                    time.sleep(1)
            self._database.start()
            return True
        if victim == "whole site":
            _end_group(self._site.process.pid)
            return True
        if victim == "ingest":
            process = self._traffic.running
            return process is not None and _end(process.pid)
        word = {"web process": "gunicorn", "job worker": "db_worker", "feed": "--follow"}[victim]
        found = self._site.members(word)
        if victim == "web process" and found:
            found.remove(min(found))  # the first is the parent, which starts the others again
        return bool(found) and _end(self._random.choice(found))


def _end(process: int) -> bool:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _end_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    if options.folder:
        report = soak(options.folder.resolve(), options.minutes, options.seed)
    else:
        with tempfile.TemporaryDirectory(prefix="zhijian-soak-") as name:
            Path(name).chmod(0o755)  # where PostgreSQL's own user may go too
            report = soak(Path(name), options.minutes, options.seed)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if options.report:
        options.report.write_text(text, "utf-8")
    print(text)
    sys.exit(0 if report["ok"] else 1)


def soak(folder: Path, minutes: float, seed: int) -> dict[str, object]:
    """Prepare, let traffic and kills run, let the queues run empty, and look for everything."""
    folder.mkdir(parents=True, exist_ok=True)
    database, home = Database(folder / "pg"), folder / "home"
    environment = {
        **os.environ, "ZHIJIAN_HOME": str(home), "ZHIJIAN_DATABASE_URL": database.address("zhijian"), "ZHIJIAN_LOG": "json",
        "ZHIJIAN_PARAMETERS": str(home / "parameters"), "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings",
    }  # fmt: skip
    os.environ.update(environment)
    _say("preparing")
    key, accounts = prepare(home, ZHIJIAN, environment)
    journal = Journal(folder / f"journal-{datetime.now(UTC):%H%M%S}.jsonl")
    journal_path = Path(journal._file.name)
    site = Site(folder, environment, free_port())
    _wait(site.is_ready, 120, "the site did not become ready")
    traffic = Traffic(site.port, folder, journal, ZHIJIAN, environment, seed)
    killer = Killer(site, database, traffic, seed)
    threads = traffic.threads(codes_of_the_register(home), key, accounts)
    began = time.monotonic()
    for thread in [*threads, killer]:
        thread.start()
    _say(f"running for {minutes:g} minutes at {datetime.now(UTC):%H:%M}")
    while (left := began + 60 * minutes - time.monotonic()) > 0:
        time.sleep(min(30.0, left))
        _say(
            f"{dict(journal.acts)} read {dict(journal.statuses)} killed {dict(killer.kills)} {len(traffic.problems)} problems"
        )
    traffic.stop.set()
    killer.join(timeout=120)
    for thread in threads:
        thread.join(timeout=300)
    unfinished = [thread.name for thread in threads if thread.is_alive()]
    report: dict[str, object] = {
        "minutes": minutes,
        "seed": seed,
        "killed": dict(killer.kills),
        **_told(journal, began),
    }
    report |= {"site_starts": site.starts, "nights": dict(traffic.refreshes)}
    _say("stopped; the queues run empty")
    found = verified(folder, home, journal_path, ZHIJIAN, environment, patience=TO_DRAIN)
    site.stop()
    database.stop()
    problems = [*traffic.problems, *killer.problems, *(f"{name} did not end" for name in unfinished)]
    report |= found | {"problems": problems, "load": [round(one, 1) for one in os.getloadavg()]}
    return report | {"ok": found["ok"] and not problems}


def _told(journal: Journal, began: float) -> dict[str, object]:
    latencies = sorted(journal.latencies)
    moments = [began, *sorted(journal.answered_at)]
    gaps = [b - a for a, b in itertools.pairwise(moments)]
    at = lambda share: round(1000 * latencies[int(len(latencies) * share)], 1) if latencies else None  # noqa: E731
    return {
        "acknowledged": dict(journal.acts),
        "asked_again": dict(journal.asked_again),
        "reads": {"statuses": dict(journal.statuses), "p50_ms": at(0.5), "p99_ms": at(0.99)},
        "longest_without_an_answer_s": round(max(gaps, default=0), 1),
        "seconds_without_an_answer": round(sum(gap for gap in gaps if gap > 2), 1),
    }


def _wait(holds: object, seconds: float, words: str) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise SystemExit(words)
        time.sleep(0.5)


def _say(words: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
