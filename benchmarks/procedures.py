"""The case engine on PostgreSQL with many cases in the database: durable steps a second, inboxes, cost by age: prints JSON.

    .venv/bin/python benchmarks/procedures.py [--cases 20000] [--seconds 20] [--peer-age 200]

Starts a PostgreSQL server of its own that waits for the disk at each commit. Loads finished cases with their steps,
clocks and events (copies of one that went through the engine), and open ones, over 200 units with 2,000 officers. Two
processes then open cases and hand in their steps, each act a transaction with its events and facts; the same again
while inboxes are read. Then one loop is turned a thousand times, and its step is timed beside that of cases which are
young; bare SpiffWorkflow turns the same loop and keeps its whole state, as its own serialiser writes it, in a row of
the same server.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
UNITS, OFFICERS_EACH, OPEN_SHARE = 200, 10, 20  # one case in twenty is open
AT = datetime(2026, 5, 18, 2, tzinfo=UTC)
COMPLAINT, LOOP = "bench/complaint", "bench/loop"
FOLDER = Path(os.environ.get("BENCH_FOLDER", ""))


def declare(folder: Path) -> None:
    """Declare the two drawings: a short complaint with deadlines and a timer, and a loop."""
    from tests.engines.procedures import drawn
    from tests.engines.procedures.drawn import flow, node, path

    complaint = drawn.file(
        drawn.process(
            node("start", "begin"),
            node("user", "accept", deadline="consumer/complaint_acceptance from received_on"),
            node("xor", "is_accepted", default="is_accepted__mediate"),
            node(
                "user",
                "mediate",
                deadline="consumer/complaint_mediation from accepted_on, stops while testing",
            ),
            node("boundary", "time_over", event="timer", attachedToRef="mediate"),
            node("user", "conclude", fact="decision"),
            node("end", "refused"),
            node("end", "concluded"),
            path("begin", "accept", "is_accepted", "mediate", "conclude", "concluded"),
            flow("is_accepted", "refused", "outcome == 'refused'"),
            path("time_over", "conclude"),
        )
    )
    drawn.declare(folder, complaint, code=COMPLAINT)
    drawn.declare(folder, loop_text(), code=LOOP)


def loop_text() -> str:
    from tests.engines.procedures import drawn
    from tests.engines.procedures.drawn import flow, node, path

    return drawn.file(
        drawn.process(
            node("start", "s"),
            node("xor", "again"),
            node("user", "ask"),
            node("user", "answer"),
            node("xor", "which", default="which__e"),
            node("end", "e"),
            path("s", "again", "ask", "answer", "which", "e"),
            flow("which", "again", "more == True"),
        )
    )


def prepare() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "zhijian.infrastructure.settings"
    django.setup()
    declare(FOLDER)


def people() -> None:
    from zhijian.security.models import Officer, Organisation

    Organisation.objects.bulk_create(
        Organisation(
            code=f"u{number}", name=f"示例所{number}（合成）", name_en=f"Station {number}", level="station",
            division_code=f"440106{number:03}", is_synthetic=True,
        )
        for number in range(UNITS)
    )  # fmt: skip
    units = list(Organisation.objects.order_by("pk"))
    Officer.objects.bulk_create(
        Officer(username=f"o{unit.pk}-{number}", organisation=unit, roles=["handler"], is_synthetic=True)
        for unit in units
        for number in range(OFFICERS_EACH)
    )


class Desk:
    """Opens cases and hands their steps in, as officers would."""

    def __init__(self, seed: int) -> None:
        from zhijian.security.models import Officer

        self.officers = list(Officer.objects.select_related("organisation").order_by("pk"))
        self.chance = random.Random(seed)
        self.seed, self.count = seed, 0

    def open(self, code: str = COMPLAINT) -> tuple[Any, Any]:
        from zhijian.engines.procedures import services

        by = self.chance.choice(self.officers)
        self.count += 1
        case = services.start_case(
            code, number=f"B{self.seed}-{self.count}", title="压力测量", organisation=by.organisation,
            division_code=by.organisation.division_code, data={"received_on": date(2026, 5, 18)}, by=by, at=AT,
            is_synthetic=True,
        )  # fmt: skip
        return case, by

    def step(self, case: Any, by: Any, **data: Any) -> Any:
        from zhijian.engines.procedures import services
        from zhijian.engines.procedures.models import ItemState, WorkItem

        (number,) = WorkItem.objects.filter(case=case.pk, state=ItemState.OPEN).values_list("pk", flat=True)
        return services.complete(WorkItem(pk=number, case_id=case.pk), data=data, by=by, at=AT)


def clone(case_id: int, start: int, count: int) -> None:
    """Copy a case `count` times with everything that hangs on it, spread over the units; ids from `start` on."""
    from django.db import connection

    # the copies are as whole as what they are copied from: no foreign key is looked up again
    spread = f"((n % {UNITS}) + (SELECT min(id) FROM security_organisation))"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            _copy_sql(
                cursor, "procedures_case", "id", case_id,
                {"id": f"{start} + n", "number": f"'L{start}-' || n", "organisation_id": spread}, count,
            )
        )  # fmt: skip
        cursor.execute("SELECT id FROM procedures_clock WHERE case_id = %s ORDER BY id", [case_id])
        clocks = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(max(id), 0) FROM procedures_clock")
        base = cursor.fetchone()[0]
        moved = {old: f"{base + 1 + place} + n * {max(len(clocks), 1)}" for place, old in enumerate(clocks)}
        for old in clocks:
            cursor.execute(
                _copy_sql(
                    cursor, "procedures_clock", "id", old,
                    {"id": moved[old], "case_id": f"{start} + n", "organisation_id": spread}, count,
                )
            )  # fmt: skip
        for table in (
            "procedures_casestate",
            "procedures_workitem",
            "procedures_caseevent",
            "procedures_wait",
        ):
            key = "case_id" if table == "procedures_casestate" else "id"
            cursor.execute(f"SELECT {key} FROM {table} WHERE case_id = %s ORDER BY 1", [case_id])
            for (row,) in cursor.fetchall():
                changes = {"case_id": f"{start} + n"}
                if key == "id":
                    changes["id"] = f"nextval('{table}_id_seq')"
                if table == "procedures_workitem":
                    changes |= {"organisation_id": spread, "holder_id": _holder(spread)}
                if table in ("procedures_workitem", "procedures_wait") and clocks:
                    cases = " ".join(f"WHEN {old} THEN {new}" for old, new in moved.items())
                    changes["clock_id"] = f"CASE t.clock_id {cases} END"
                cursor.execute(_copy_sql(cursor, table, key, row, changes, count))
        for table in ("procedures_case", "procedures_clock"):
            cursor.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        cursor.execute("SET session_replication_role = DEFAULT")


def _holder(spread: str) -> str:
    """Half of the open steps have a holder, one of the unit's officers."""
    first = "(SELECT min(id) FROM security_officer)"
    unit = f"({spread} - (SELECT min(id) FROM security_organisation))"
    picked = f"{first} + {unit} * {OFFICERS_EACH} + ((n / {UNITS}) % {OFFICERS_EACH})"
    return f"CASE WHEN t.state = 'open' AND n % 2 = 0 THEN {picked} ELSE t.holder_id END"


def _copy_sql(cursor: Any, table: str, key: str, row: int, changes: dict[str, str], count: int) -> str:
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    columns = [name for (name,) in cursor.fetchall()]
    chosen = ", ".join(changes.get(name, f't."{name}"') for name in columns)
    named = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table} ({named}) SELECT {chosen} FROM {table} t, generate_series(1, {count}) n "
        f"WHERE t.{key} = {row}"
    )


def load(cases: int) -> float:
    """Fill the database; return the seconds that took."""
    from django.db import connection

    start = time.perf_counter()
    desk = Desk(0)
    finished, by = desk.open()
    for data in ({"accepted_on": "2026-05-20", "outcome": "accepted"}, {}, {"outcome": "agreed"}):
        desk.step(finished, by, **data)
    waiting, by = desk.open()
    mediating, by_other = desk.open()
    desk.step(mediating, by_other, accepted_on="2026-05-20", outcome="accepted")
    clone(finished.pk, 10_000, cases)
    clone(waiting.pk, 10_000 + cases + 1, cases // OPEN_SHARE // 2)
    clone(mediating.pk, 10_000 + 2 * cases + 1, cases // OPEN_SHARE // 2)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return time.perf_counter() - start


def work(seconds: float, seed: int) -> dict[str, Any]:
    """Open cases and hand in their steps for a while; every act is one committed transaction."""
    from zhijian.engines.procedures import queries

    desk, acts, lags = Desk(seed), 0, 0
    case, by = desk.open()  # what is read once per process is read before the clock starts
    desk.step(case, by, outcome="refused")
    until = time.perf_counter() + seconds
    start, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() < until:
        case, by = desk.open()
        desk.step(case, by, accepted_on="2026-05-20", outcome="accepted")
        desk.step(case, by)
        if desk.count % 50 == 0:  # what was written is read at once
            lags += not queries.unit_inbox(by.organisation).filter(case=case, task="conclude").exists()
        desk.step(case, by, outcome="agreed")
        acts += 4
    return {
        "acts": acts,
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - cpu,
        "lags": lags,
    }


def read(seconds: float, seed: int) -> dict[str, Any]:
    """Read inboxes for a while: the first fifty steps of an officer's own and of a unit's."""
    from zhijian.engines.procedures import queries

    desk, times = Desk(seed), {"own": [], "unit": []}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        officer = desk.chance.choice(desk.officers)
        start = time.perf_counter()
        list(queries.inbox(officer, on=date(2026, 5, 19))[:50])
        middle = time.perf_counter()
        list(queries.unit_inbox(officer.organisation, officer.roles)[:50])
        times["own"].append(middle - start)
        times["unit"].append(time.perf_counter() - middle)
    return {name: _percentiles(found) for name, found in times.items()}


def _percentiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "reads": len(ordered),
        "p50_ms": round(1000 * ordered[len(ordered) // 2], 2),
        "p99_ms": round(1000 * ordered[int(len(ordered) * 0.99)], 2),
    }


def in_processes(*jobs: tuple[str, float, int]) -> list[dict[str, Any]]:
    """Run several jobs at once, each in a process of its own."""
    running = [
        subprocess.Popen(
            [sys.executable, __file__, "--job", name, "--seconds", str(seconds), "--seed", str(seed)],
            stdout=subprocess.PIPE, text=True,
        )
        for name, seconds, seed in jobs
    ]  # fmt: skip
    return [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]


def throughput(seconds: float, server: int) -> dict[str, Any]:
    before = server_seconds(server)
    alone = in_processes(("work", seconds, 1), ("work", seconds, 2))
    spent = server_seconds(server) - before
    acts = sum(one["acts"] for one in alone)
    tell(steps_per_second=_rate(alone), load=os.getloadavg()[0])
    quiet = in_processes(("read", seconds / 2, 5))
    both = in_processes(("work", seconds, 3), ("work", seconds, 4), ("read", seconds, 6))
    return {
        "steps_per_second": _rate(alone),
        "cpu_ms_per_step": {
            "two_processes": round(1000 * sum(one["cpu"] for one in alone) / acts, 2),
            "postgresql": round(1000 * spent / acts, 2),
        },
        "steps_per_second_while_inboxes_are_read": _rate(both[:2]),
        "inbox": quiet[0],
        "inbox_while_two_processes_write": both[2],
        "steps_not_read_at_once": sum(one["lags"] for one in [*alone, *both[:2]]),
    }


def tell(**found: Any) -> None:
    """Say on the way what was found, so that a run that is stopped is not lost."""
    print(json.dumps(found), file=sys.stderr, flush=True)


def server_seconds(server: int) -> float:
    """Processor seconds that the server's processes have used so far, those that ended included."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if server in (int(folder.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
        if int(folder.name) == server:
            ticks += int(fields[13]) + int(fields[14])
    return ticks / os.sysconf("SC_CLK_TCK")


def _rate(done: list[dict[str, Any]]) -> float:
    return round(sum(one["acts"] / one["seconds"] for one in done), 1)


def by_age(turns: int) -> dict[str, Any]:
    """Time a step of a case with `turns` steps behind it beside cases with about ten."""
    desk = Desk(7)
    old, by_old = desk.open(LOOP)
    for _ in range(turns):
        desk.step(old, by_old, more=True)
    young = [desk.open(LOOP) for _ in range(20)]
    for _ in range(8):
        for case, by in young:
            desk.step(case, by, more=True)
    times: dict[str, list[float]] = {"young": [], "old": []}
    for number in range(80):  # turn and turn about, so that whatever else runs here slows both
        case, by = young[number % 20]
        for name, one, who in (("young", case, by), ("old", old, by_old)):
            start = time.perf_counter()
            desk.step(one, who, more=True)
            times[name].append(time.perf_counter() - start)
    found = {name: round(1000 * median(several), 2) for name, several in times.items()}
    return {
        "age_10_ms": found["young"],
        f"age_{turns}_ms": found["old"],
        "old_to_young": round(found["old"] / found["young"], 3),
    }


def peer(most: int) -> dict[str, Any]:
    """Bare SpiffWorkflow: its own parser and serialiser, whole state out of and into a row at each step."""
    from django.db import connection, transaction
    from lxml import etree
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.util.task import TaskState

    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(loop_text().encode()))
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    workflow = BpmnWorkflow(parser.get_spec("main"))
    workflow.do_engine_steps()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_peer (id int PRIMARY KEY, state text)")
        cursor.execute("INSERT INTO bench_peer VALUES (1, %s)", [serializer.serialize_json(workflow)])
    times: list[float] = []
    for _ in range(most):
        start = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT state FROM bench_peer WHERE id = 1 FOR UPDATE")
            workflow = serializer.deserialize_json(cursor.fetchone()[0])
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data["more"] = True
            task.run()
            workflow.do_engine_steps()
            state = serializer.serialize_json(workflow)
            cursor.execute("UPDATE bench_peer SET state = %s WHERE id = 1", [state])
        times.append(time.perf_counter() - start)
    ages = sorted({age for age in (10, 100, most - 5) if age <= most - 5})
    rates = {f"age_{age}_ms": round(1000 * median(times[age - 5 : age + 5]), 2) for age in ages}
    return {**rates, "state_bytes_at_the_end": len(state)}


def start_durable_server(folder: Path) -> str:
    """The suite's server, but it waits for the disk at each commit."""
    import psycopg
    from tests.postgresql import start_server

    url = start_server(folder)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = on")
        connection.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
        connection.execute("SELECT pg_reload_conf()")
    return url


def measure(cases: int, seconds: float, peer_age: int) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import connection

    prepare()
    call_command("migrate", verbosity=0, interactive=False)
    people()
    loaded = load(cases)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size = cursor.fetchone()[0]
    tell(load_seconds=loaded, bytes=size)
    pid = int((FOLDER.parent / "postgresql" / "data" / "postmaster.pid").read_text().split()[0])
    measured = throughput(seconds, pid)
    tell(**measured)
    return {
        "load_average_of_the_machine": [round(one, 1) for one in os.getloadavg()],
        "cases": cases + 2 * (cases // OPEN_SHARE // 2),
        "open_cases": 2 * (cases // OPEN_SHARE // 2),
        "load_seconds": round(loaded, 1),
        "database_gigabytes": round(size / 1e9, 2),
        **measured,
        "step_by_age": by_age(1000),
        "bare_spiffworkflow": peer(peer_age),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--peer-age", type=int, default=200)
    parser.add_argument("--job", choices=("work", "read"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.job:
        prepare()
        print(json.dumps({"work": work, "read": read}[given.job](given.seconds, given.seed)))
        return
    with tempfile.TemporaryDirectory() as name:
        from tests.postgresql import stop_server

        global FOLDER
        FOLDER = Path(name) / "drawings"
        FOLDER.mkdir()
        os.environ |= {"ZHIJIAN_HOME": name, "BENCH_FOLDER": str(FOLDER)}
        os.environ["ZHIJIAN_DATABASE_URL"] = start_durable_server(Path(name) / "postgresql")
        try:
            print(json.dumps(measure(given.cases, given.seconds, given.peer_age)))
        finally:
            stop_server(Path(name) / "postgresql")


if __name__ == "__main__":
    main()
