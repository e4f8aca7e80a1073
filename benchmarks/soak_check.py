"""Before the soak: a home with a demonstration in it. After it: everything that was acknowledged is sought."""

import json
import secrets
import subprocess
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from soak_traffic import REGISTER, UNIT

KEY_NAME = "soak"
UNFINISHED = (".new", ".part", ".tmp")


def prepare(home: Path, zhijian: list[str], environment: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Make the demonstration where there is none; return the hotline's key and the passwords of the accounts."""
    if not (home / "demo" / "accounts.json").exists():
        subprocess.run(
            [*zhijian, "demo", "--no-serve"], env=environment, check=True, stdout=subprocess.DEVNULL
        )
    subprocess.run([*zhijian, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    from zhijian.apps.consumer.complaints.intake import keys
    from zhijian.security.models import Organisation

    unit = Organisation.objects.get(code=UNIT)
    key = keys.issue(
        KEY_NAME, "hotline_12345", unit, by=None, at=datetime.now(UTC), randomness=secrets.token_bytes
    )
    _forget_connection()
    return key, json.loads((home / "demo" / "accounts.json").read_text("utf-8"))


def codes_of_the_register(home: Path, most: int = 500) -> list[str]:
    """Return codes whose pages the readers ask for."""
    from zhijian.engines.registers import EntityRegister

    register = EntityRegister(home / "serving")
    rows = range(0, register.report.entity_count, max(1, register.report.entity_count // most))
    return [record.uscc for record in register._store().layers.base.records(list(rows))]


def verified(
    folder: Path,
    home: Path,
    journal: Path,
    zhijian: list[str],
    environment: dict[str, str],
    *,
    patience: float,
) -> dict[str, Any]:
    """Wait for the queues, seal, and compare what is there with what was acknowledged."""
    queues = _drained(home, patience)
    # one more delivery of nothing new lets the lake clear away what a killed ingest left behind
    delivery = sorted(folder.glob("delivery-*.csv"))
    if delivery:
        again = [*zhijian, "ingest", "registration__enterprises", str(delivery[-1]), "--synthetic", "--json"]
        subprocess.run(again, env=environment, check=True, stdout=subprocess.DEVNULL)
    for words in (("refresh", "--memory", "1GB", "--json"), ("serving", "build")):
        done = subprocess.run(
            [*zhijian, *words], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            return {
                "ok": False,
                "queues": queues,
                "after": f"{words}: {done.stdout[-300:]} {done.stderr[-600:]}",
            }
    unsealed = _sealed(home)
    checked = subprocess.run(
        [*zhijian, "facts", "verify", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    seals = (
        json.loads(checked.stdout)
        if checked.stdout.strip().startswith("{")
        else {"ok": False, "said": checked.stderr[-500:]}
    )
    seals["list"] = seals.get("list", [])[:10]
    seals["facts_under_no_seal"] = unsealed
    seals["ok"] = seals["ok"] and not unsealed
    acts, files = _acts(home, journal), _files(home)
    is_well = seals["ok"] and queues["ok"] and acts["ok"] and files["ok"]
    return {"ok": is_well, "queues": queues, "seals": seals, "acts": acts, "files": files}


def _sealed(home: Path) -> int:
    """Seal the day after the newest seal, as its night will; return how many facts still lie under no seal.

    The demonstration seals its last day to the end: what the traffic recorded on it belongs to the next day's seal.
    """
    from zhijian.engines.facts import seals
    from zhijian.engines.facts.models import Fact, SealedLeaf
    from zhijian.standards.calendar import ZONE

    _forget_connection()
    newest = seals.newest_seal()
    today = datetime.now(ZONE).date()
    day = today if newest is None else max(newest.day + timedelta(days=1), today)
    night = datetime.combine(day + timedelta(days=1), time(0, 10), tzinfo=ZONE)
    seals.seal_day(day, at=night, home=home_of(home))
    return Fact.objects.count() - SealedLeaf.objects.count()


def _forget_connection() -> None:
    from django.db import connection

    connection.close()


def _drained(home: Path, patience: float) -> dict[str, Any]:
    """Wait until no job waits or runs, no notice is due and every fact is in the lake; say how long that took."""
    from zhijian.portal.condition import condition

    begun = monotonic()
    while True:
        _forget_connection()
        now = condition(home_of(home), at=datetime.now(UTC))
        left = {
            "jobs_waiting": now.jobs_waiting, "jobs_running": now.jobs_running, "notices_due": now.notices_due,
            "facts_not_fed": now.facts_not_fed, "jobs_failed": now.jobs_failed,
        }  # fmt: skip
        seconds = monotonic() - begun
        if not any(left.values()) or seconds > patience:
            return {"ok": not any(left.values()), "seconds": round(seconds, 1), **left}
        sleep(2)


def home_of(root: Path) -> Any:
    from zhijian.infrastructure.home import Home

    return Home(root)


def _acts(home: Path, journal: Path) -> dict[str, Any]:
    """Count how often each acknowledged act is there: once is right, never is lost, twice is doubled."""
    from zhijian.apps.consumer.complaints.intake.models import Submission
    from zhijian.apps.consumer.complaints.models import ExternalReference
    from zhijian.datazone.lake import Lake
    from zhijian.engines.facts.models import Fact
    from zhijian.engines.procedures.models import CaseEvent, WorkItem

    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    by_act: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        by_act.setdefault(line["act"], []).append(line)
    submissions = Counter(map(str, Submission.objects.values_list("send_key", flat=True)))
    tickets = Counter(ExternalReference.objects.values_list("number", flat=True))
    receipts = Counter(Submission.objects.values_list("receipt_number", flat=True))
    entries = Counter(
        Fact.objects.filter(source=f"register/{REGISTER}", source_key__endswith="/1").values_list(
            "source_key", flat=True
        )
    )
    delivered = Counter(
        Lake(home / "lake").read("standard_registration__enterprises").column("uscc").to_pylist()
    )
    steps = {
        item.pk: item
        for item in WorkItem.objects.filter(pk__in=[int(one["item"]) for one in by_act.get("claim", [])])
    }
    claims = Counter(
        CaseEvent.objects.filter(verb="claim", officer__username="intake-440106").values_list(
            "case_id", "task"
        )
    )
    times = {
        "complaint": lambda one: submissions[one["key"]],
        "ticket": lambda one: (
            min(tickets[one["number"]], receipts[one["receipt"]]) if tickets[one["number"]] < 2 else 2
        ),
        "entry": lambda one: entries[f"{one['key']}/1"],
        "claim": lambda one: claims[(steps[int(one["item"])].case_id, steps[int(one["item"])].task)],
        "delivered row": lambda one: delivered[one["uscc"]],
    }
    counted = {act: Counter(times[act](one) for one in found) for act, found in by_act.items()}
    told = {
        act: {
            "acknowledged": sum(found.values()),
            "once": found[1],
            "lost": found[0],
            "doubled": sum(found.values()) - found[0] - found[1],
        }
        for act, found in counted.items()
    }
    return {"ok": all(one["once"] == one["acknowledged"] for one in told.values()), **told}


def _files(home: Path) -> dict[str, Any]:
    """Find what an interrupted writer left over, evidence that no record names, and records whose evidence is gone.

    A photo is written before its record: what a killed process left without one is taken by the sweep of the night, here
    with no days of grace. What the sweep then leaves without a record is wrong.
    """
    from zhijian.apps.consumer.complaints.intake.models import DraftFile
    from zhijian.apps.supervision.inspection.models import Evidence
    from zhijian.engines.evidence import clearing
    from zhijian.engines.evidence.models import EvidenceFile

    left = [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and path.suffix in UNFINISHED and "run/metrics" not in str(path)
    ]
    left += [str(path.relative_to(home)) for path in (home / "lake" / "staging").rglob("*") if path.is_file()]
    now = datetime.now(UTC)
    swept = clearing.clear_unnamed(home / "media", before=now, at=now)
    handed_in = set(EvidenceFile.objects.values_list("sha256", flat=True))
    named = handed_in.union(
        *(model.objects.values_list("sha256", flat=True) for model in (DraftFile, Evidence))
    )
    evidence = home / "media" / "evidence"
    kept = {
        path.name.partition(".")[0]
        for path in evidence.rglob("*")
        if path.is_file() and path.relative_to(evidence).parts[0] != "set_aside"
    }
    orphans, missing = kept - named, handed_in - kept
    return {
        "ok": not left and not orphans and not missing, "left_over": left[:20], "evidence": len(kept), "set_aside": swept,
        "evidence_without_record": len(orphans), "record_without_evidence": len(missing),
    }  # fmt: skip
