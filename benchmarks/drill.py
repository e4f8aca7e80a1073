"""A drill on the whole demonstration: back up while people work, destroy everything, restore, and seek every act again.

    .venv/bin/python benchmarks/drill.py [--database sqlite|postgresql] [--seconds 40] [--report FILE.md]

The people and systems of the soak work against `zhijian serve` while `zhijian backup` runs. Then the site and its database
die, the home and the database's files are removed, wrong passphrases are tried, and the backup is restored. What had been
acknowledged before the backup began must be there exactly once, seals and looks must verify, and the site must answer.
What was acknowledged later is counted: it is what a backup alone does not save, and PostgreSQL's archive does.
Prints its log as a table in Markdown; ends with 1 where anything was wrong.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from soak import ZHIJIAN, Database, Site  # noqa: E402
from soak_check import codes_of_the_register, prepare, verified  # noqa: E402
from soak_traffic import Journal, Traffic  # noqa: E402
from tests.postgresql import free_port  # noqa: E402

WARM_UP = 15.0  # seconds of traffic before the backup begins
TO_START, TO_DRAIN, TO_END = 120.0, 240.0, 120.0  # seconds


class Log:
    """What was done, how long it took and what came of it, a row for each step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.rows: list[tuple[str, str, str]] = []
        self.is_well = True
        self._began = time.monotonic()

    def step(self, words: str, outcome: str, *, is_well: bool = True) -> None:
        seconds = time.monotonic() - self._began
        self._began = time.monotonic()
        self.is_well &= is_well
        outcome = outcome.replace(f"{self._folder}/", "")
        self.rows.append((words, f"{seconds:.1f} s", outcome if is_well else f"**WRONG** {outcome}"))
        print(f"{datetime.now(UTC):%H:%M:%S} {words}: {outcome}", file=sys.stderr, flush=True)

    def as_markdown(self, title: str) -> str:
        head = [f"## {title}", "", "| step | took | what came of it |", "|---|---:|---|"]
        cells = [" | ".join(cell.replace("|", "/") for cell in row) for row in self.rows]
        end = "The drill passed." if self.is_well else "The drill did NOT pass."
        return "\n".join([*head, *(f"| {one} |" for one in cells), "", end, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=40, help="of traffic after the backup was begun")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhijian-drill-") as name:
        Path(name).chmod(0o755)  # where PostgreSQL's own user may go too
        log = drill(Path(name), options.database, options.seconds)
    text = log.as_markdown(f"{options.database}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    if options.report:
        options.report.write_text(text, "utf-8")
    print(text)
    sys.exit(0 if log.is_well else 1)


def drill(folder: Path, kind: str, seconds: float) -> Log:
    """Do all of it in a folder of its own, and return the log."""
    log, home, backup = Log(folder), folder / "home", folder / "away" / "night.zjb"
    database = Database(folder / "pg") if kind == "postgresql" else None
    environment = _environment(home, database)
    os.environ.update(environment)
    key, accounts = prepare(home, ZHIJIAN, environment)
    before = _count(environment)
    log.step("the demonstration is loaded", f"{before['facts']:,} facts, {_size(home)}")

    journal = Journal(folder / "journal.jsonl")
    site = Site(folder, environment, free_port())
    _until_ready(site)
    traffic = Traffic(site.port, folder, journal, ZHIJIAN, environment, seed=1)
    threads = [
        one
        for one in traffic.threads(codes_of_the_register(home), key, accounts)
        if one.name not in ("night",)
    ]
    for thread in threads:
        thread.start()
    time.sleep(WARM_UP)
    known = len(_lines(folder))
    log.step("officers, citizens, a hotline and deliveries work", f"{known} acts acknowledged so far")

    words = _passphrases(folder)
    backup.parent.mkdir()
    options = ("--passphrase-file", words["records"], "--keys-passphrase-file", words["keys"])
    done = _run(environment, "backup", str(backup), *options, "--verify")
    during = len(_lines(folder)) - known
    log.step(
        "zhijian backup --verify, in the midst of it",
        f"{_said(done)}; {during} acts were acknowledged meanwhile",
        is_well=done.returncode == 0,
    )
    time.sleep(seconds)
    traffic.stop.set()
    for thread in threads:
        thread.join(timeout=TO_END)
    acts = _lines(folder)
    log.step("they go on working", f"{len(acts)} acts acknowledged in all")

    site.stop()
    if database:
        database.kill()
        shutil.rmtree(database.data)
    shutil.rmtree(home)
    log.step("everything is destroyed", "home and database removed; what is left is the backup")

    if database:
        database.make()
    for wrong in ({"records": "wrong"}, {"keys": "wrong"}):
        asked = {**words, **{which: words[other] for which, other in wrong.items()}}
        refused = _restore(environment, backup, asked)
        is_refused = refused.returncode == 1 and not (home.exists() and any(home.iterdir()))
        log.step(
            f"restore with a wrong passphrase of the {next(iter(wrong))}", _said(refused), is_well=is_refused
        )
    restored = _restore(environment, backup, words)
    log.step("zhijian restore", _said(restored), is_well=restored.returncode == 0)
    if restored.returncode:
        return log
    for verb in (("migrate",), ("serving", "build"), ("facts", "verify"), ("audit", "verify")):
        done = _run(environment, *verb)
        log.step(f"zhijian {' '.join(verb)}", _said(done), is_well=done.returncode == 0)

    site = Site(folder, environment, free_port())
    _until_ready(site)
    answers = {
        path: _status(site.port, path) for path in ("/", "/entities/?q=示例", "/plan/", "/healthz/ready")
    }
    log.step(
        "the site is started on what was restored",
        str(answers),
        is_well=set(answers.values()) == {200},
    )
    kept = folder / "acknowledged-before.jsonl"
    kept.write_text("".join(f"{line}\n" for line in acts[:known]), "utf-8")
    found = verified(folder, home, kept, ZHIJIAN, environment, patience=TO_DRAIN)
    told = {name: one for name, one in found["acts"].items() if name != "ok"}
    log.step(
        "every act from before the backup is sought",
        json.dumps(told, ensure_ascii=False) if found["ok"] else json.dumps(found, ensure_ascii=False),
        is_well=found["ok"],
    )
    later = Counter(json.loads(line)["act"] for line in acts[known:])
    log.step(
        "what came after the backup had begun",
        f"{sum(later.values())} acts: not promised by a backup, but by the archive of PostgreSQL's log",
    )
    site.stop()
    if database:
        database.stop()
    return log


def _environment(home: Path, database: Database | None) -> dict[str, str]:
    os.environ.pop("ZHIJIAN_DATABASE_URL", None)
    return {
        **os.environ, "ZHIJIAN_HOME": str(home), "ZHIJIAN_PARAMETERS": str(home / "parameters"),
        "DJANGO_SETTINGS_MODULE": "zhijian.infrastructure.settings",
        **({"ZHIJIAN_DATABASE_URL": database.address("zhijian")} if database else {}),
    }  # fmt: skip


def _passphrases(folder: Path) -> dict[str, str]:
    """Return the files of the passphrases: of the records, of the keys, and a wrong one."""
    files = {}
    for name in ("records", "keys", "wrong"):
        files[name] = str(folder / f"{name}.pass")
        Path(files[name]).write_text(secrets.token_hex(16) + "\n", "utf-8")
        Path(files[name]).chmod(0o600)
    return files


def _restore(
    environment: dict[str, str], backup: Path, words: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    options = ("--passphrase-file", words["records"], "--keys-passphrase-file", words["keys"])
    return _run(environment, "restore", str(backup), *options)


def _run(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ZHIJIAN, *words], env=environment, capture_output=True, text=True, check=False)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last words of a verb, in one line."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return " ".join(lines[-3:])[-400:]


def _count(environment: dict[str, str]) -> dict[str, int]:
    told = json.loads(_run(environment, "facts", "verify", "--json").stdout)
    return {"facts": told["facts"]}


def _lines(folder: Path) -> list[str]:
    return (folder / "journal.jsonl").read_text("utf-8").splitlines()


def _size(home: Path) -> str:
    files = [path for path in home.rglob("*") if path.is_file()]
    return f"{len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:,.0f} MB"


def _status(port: int, path: str) -> int:
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}{urllib.request.quote(path, safe='/?=&')}", timeout=60
    ) as answer:
        return int(answer.status)


def _until_ready(site: Site) -> None:
    end = time.monotonic() + TO_START
    while not site.is_ready():
        if time.monotonic() > end:
            raise SystemExit("the site did not become ready")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
