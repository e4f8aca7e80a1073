"""The demonstration: the main job, end to end, on real input."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from zhijian.operations.cli import prepare_django
from zhijian.standards.calendar import statutory_day

Step = Callable[[], None]


@click.command()
@click.option("--serve/--no-serve", default=True, help="serve the site when the main job is done")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="address and port of the site")
def command(serve: bool, bind: str) -> None:
    """Load real data, run the main job, and serve the site.

    A second run finds everything done, changes nothing, and says so.

    \b
    Example:
      zhijian demo --no-serve
    """
    from zhijian.infrastructure.home import current_home
    from zhijian.operations.demo.identity import sign_in_by_password

    sign_in_by_password(current_home(), os.environ)
    prepare_django()
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    started = time.monotonic()
    Demonstration(console).run()
    console.print(f"\n[bold]done in {time.monotonic() - started:.0f} s[/]")
    if serve:
        from zhijian.operations.commands.serve import serve_site

        console.print(f"\nserving on [bold]http://{bind}/[/]  (Ctrl-C to stop)")
        serve_site(bind, workers=2)


class Demonstration:
    """The stages in their order. Each says what it did; `changed` remembers whether any did something."""

    def __init__(self, console: Console) -> None:
        from zhijian.datazone.lake import Lake
        from zhijian.infrastructure.home import current_home

        self.console = console
        self.home = current_home()
        self.lake = Lake(self.home.lake)
        self.changed = False

    def run(self) -> None:
        self._prepare()
        self._take_in()
        self._build_and_rate()
        self._draw()
        self._inspect()
        self._registers()
        self._replace()
        self._complain()
        self._evaluate()
        self._seal()
        self._count_boards()
        self._reckon_inspections()
        self._verify()
        self._tell_departments()
        self._accounts()
        if not self.changed:
            self.console.print("\n[bold]Everything was done already: this run changed nothing.[/]")

    @contextmanager
    def _stage(self, title: str, total: int) -> Iterator[Step]:
        """Show a bar for one stage, with a function that moves it on by one."""
        columns = (
            TextColumn("{task.description:<46}"),
            BarColumn(28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=total)
            yield lambda: progress.advance(task)
            progress.update(task, completed=total)

    def _note(self, text: str, changed: bool) -> None:
        self.changed = self.changed or changed
        self.console.print(f"  {text}" + ("" if changed else "  [dim](already there)[/]"), highlight=False)

    def _prepare(self) -> None:
        from django.core.management import call_command

        from zhijian.apps.supervision.inspection import services as inspection
        from zhijian.operations.demo import days
        from zhijian.operations.seed.officers import create_units_and_officers

        with self._stage("1 数据库、单位、人员  database, units, officers", 3) as step:
            call_command("migrate", verbosity=0, interactive=False)
            step()
            made = create_units_and_officers(certificates_until=days.CERTIFICATES_UNTIL)
            step()
            items = inspection.publish_item_list(by=None, at=days.DELIVERED)
        self._note(
            f"{made['units']} units, {made['officers']} officers, {items} inspection items added",
            any(made.values()) or bool(items),
        )

    def _take_in(self) -> None:
        from zhijian.operations.demo import data

        with self._stage("2 接收与校验  ingest under contract", 5) as step:
            taken = data.take_in(self.lake, self.home, step)
        table = Table(
            "delivery", "rows in", "clean", "quarantine", "score", "top reasons", box=None, padding=(0, 2)
        )
        for report in taken.reports:
            refused = sorted((r for r in report.rules if r["severity"] == "error"), key=lambda r: -r["count"])
            reasons = "；".join(f"{r['title_zh']} {r['count']}" for r in refused[:3] if r["count"])
            table.add_row(
                report.file_name, f"{report.rows_in:,}", f"{report.rows_clean:,}", f"{report.rows_quarantined:,}",
                f"{report.score:.1f}", reasons,
            )  # fmt: skip
        self.console.print(table)
        self._note("deliveries kept as they came, by their hash", taken.changed)

    def _build_and_rate(self) -> None:
        from zhijian.operations.demo import data

        with self._stage("3 主体库、分类、事实、服务库  build, rate, record, serve", 5) as step:
            built = data.build(self.lake)
            step()
            rated = data.rate_everyone(self.lake)
            step()
            themes = data.refresh_themes(self.lake)
            step()
            counts = data.record_delivered_facts(self.lake)
            step()
            served = data.serve(self.lake, self.home)
        self._note(
            f"{served.entity_count:,} market entities, {served.version_count:,} versions",
            not served.is_unchanged,
        )
        classes = "  ".join(f"{code} {count:,}" for code, count in rated.classes.items())
        self._note(
            f"classes {classes}  (B with insufficient data: {rated.insufficient:,}; internal, rule {rated.rule_version})",
            rated.changed,
        )
        answered = sum(themes.rows.values())
        self._note(f"thematic libraries: {answered:,} rows of counts (/themes/)", themes.mode != "unchanged")
        self._note(f"{counts.recorded + counts.known:,} delivered facts in the log", counts.recorded > 0)
        self.changed = self.changed or bool(getattr(built, "changed", False))
        self._link()

    def _link(self) -> None:
        from zhijian.operations.demo import links

        counts, new = links.link_complaints(self.lake, self.home)
        told = "  ".join(f"{decision} {count}" for decision, count in counts.items())
        self._note(
            f"complaints without a code, linked to the register: {told}  (zhijian link, /data/links/)", new
        )

    def _draw(self) -> None:
        from django.utils import timezone

        from zhijian.engines.draws.queries import state_of
        from zhijian.operations.demo import ceremony, planning

        prepared = planning.prepare(self.lake, now=timezone.now())
        self._note(
            "items, inspectors, objects and tags that draws read (/registers/inspection_items/)", prepared
        )
        plans = ceremony.plans()
        self.draws: dict[str, Any] = {}
        news = []
        with self._stage("4 抽签：冻结、承诺、揭示、抽取  three draws", 3 * len(plans)) as step:
            for name, plan in plans.items():
                self.draws[name], new = ceremony.hold(plan, self.lake, self.home, step)
                news.append(new)
        for (_, draw), new in zip(self.draws.items(), news, strict=True):
            state = state_of(draw)
            self._note(
                f"{draw.plan_id} {draw.title}: {state.drawn['drawn']} of {state.frozen['objects']:,} drawn, "
                f"{state.frozen['inspectors']} inspectors in the pool, seed {state.drawn['seed'][:8]}…",
                new,
            )

    def _inspect(self) -> None:
        from zhijian.engines.registers.market_entities import EntityRegister
        from zhijian.operations.demo import fieldwork, joint

        register = EntityRegister(self.home.serving)
        task, new = fieldwork.dispatch(self.draws["by_risk"], register)
        self.open_task, new_open = fieldwork.dispatch(self.draws["plain"], register)
        with self._stage("5 检查、确认、公示  inspect, confirm, publish", task.drawn_count) as step:
            done = fieldwork.carry_out(task, step)
        outcomes = fieldwork.publish_outcomes(self.draws["by_risk"])
        published, joined = joint.carry_out(self.draws["by_risk"])
        self._note(
            f"{task.drawn_count} checks of {task.plan_id} carried out and published",
            bool(new or done or outcomes),
        )
        self._note(f"{published} results of two departments that came along (/joint/GD-2026-0001/)", joined)
        self._note(
            f"{self.open_task.drawn_count} checks of {self.open_task.plan_id} are open for you to try",
            new_open,
        )

        self._sign_in_firms(register)

    def _sign_in_firms(self, register: Any) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import business

        new = business.seed(register, self.open_task, now=timezone.now())
        self._note("three invented firms whose people may sign in (/my/)", new)

    def _registers(self) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import (
            commitments,
            credit,
            days,
            guidance,
            key_files,
            listing,
            registers,
            repair,
        )
        from zhijian.security.models import Officer

        at = registers.open_moment(days.REGISTERS_KEPT, now=timezone.now())
        counts, new = registers.take_in_demonstration(at=at)
        new |= credit.staff()
        new |= credit.fill(Officer.objects.get(username=registers.KEEPER), at=at)
        new |= guidance.seed(Officer.objects.get(username=registers.KEEPER), now=timezone.now())
        new |= listing.seed(now=timezone.now())
        new |= repair.seed(now=timezone.now())
        new |= commitments.seed(now=timezone.now())
        new |= key_files.seed(now=timezone.now())
        told = "  ".join(f"{name} {count}" for name, count in counts.items())
        self._note(f"registers of the consumer field: {told}  (/registers/)", new)

    def _tell_departments(self) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import measures, registers
        from zhijian.security.models import Officer

        keeper = Officer.objects.get(username=registers.KEEPER)
        new = measures.seed(self.lake, keeper, now=timezone.now())
        self._note("a department told of measures against a listed firm (/work/measures/answers/)", new)

    def _replace(self) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import replacing

        new = replacing.seed(self.open_task, now=timezone.now())
        self._note(
            "an inspector with a tie replaced in the drawn order, one left for you (/work/replacements/)", new
        )

        self._on_site(timezone.now())

    def _on_site(self, now: datetime) -> None:
        from zhijian.apps.supervision.inspection.models import InspectionTask
        from zhijian.operations.demo import follow_ups, onsite

        done = InspectionTask.objects.get(plan_id=self.draws["by_risk"].plan_id)
        counts = {
            "films": onsite.film(done, now=now),
            "papers of checks": onsite.hand_over(done, now=now),
            "answers of firms": onsite.answer_for_firms(done),
            "reports looked at": onsite.look_at_reports(self.open_task),
            "checks for leads": onsite.go_for_leads(done, now=now),
            "objections decided": onsite.object_twice(self.open_task, now=now),
            "follow-ups closed": follow_ups.seed(done, self.open_task, now=now),
        }
        check = self.open_task.checks.order_by("number").first()
        planned = check is not None and onsite.plan_a_day(check, now=now)
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        self._note(
            f"on site: {told or 'films, answers, leads, objections'}; the round of a day (/work/round/)",
            any(counts.values()) or planned,
        )

    def _complain(self) -> None:
        from django.utils import timezone

        from zhijian.engines.registers.market_entities import EntityRegister
        from zhijian.operations.demo import bay_area, complaints, contracts, odr, warnings

        total = complaints.total()
        with self._stage("5b 投诉举报  complaints and reports", total) as step:
            people = complaints.staff()
            handed_in = complaints.seed(EntityRegister(self.home.serving), step)
            signals = complaints.judge(self.home.root) if handed_in else None
            made = contracts.seed(now=timezone.now())
            rooms = odr.seed()
            transfers = bay_area.seed()
            warned = warnings.seed()
        there = f"{total} invented complaints and reports in {len(complaints.COUNTIES)} counties, each at its own stage (/work/cases/)"
        told = f"; {signals} signals of more than chance (/work/analysis/)" if signals is not None else ""
        self._note(there + told, bool(people or handed_in or made or rooms or transfers or warned))

    def _evaluate(self) -> None:
        from zhijian.operations.demo import evaluations

        made, risks = evaluations.seed(), evaluations.assess_risks()
        self._note(
            "invented evaluations with proof, screened (/consumer/evaluation/); risks of goods (/consumer/quality/)",
            bool(made or risks),
        )

        self._measure_the_plan()

    def _measure_the_plan(self) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import plan

        new = plan.seed(self.home.media, now=timezone.now())
        self._note(
            "the plan with invented values, three evaluations and their findings (/plan/indicators/, /work/plan/)",
            new,
        )

    def _seal(self) -> None:
        from zhijian.operations.demo import sealing

        with self._stage("6 封存  seal each day", 1):
            sealed = sealing.seal_days(until=date(2026, 11, 20))
        self._note(f"{sealed.total} facts sealed, root {sealed.root[:16]}…", sealed.new > 0)
        self._sample()

    def _sample(self) -> None:
        from django.utils import timezone

        from zhijian.operations.demo import fieldwork

        count, new = fieldwork.sample_again(now=timezone.now())
        told = (
            f"{count} finished inspections drawn and done again by others"
            if new
            else "a quality sample is drawn"
        )
        self._note(f"{told} (/work/audit/quality/)", new)

    def _count_boards(self) -> None:
        from zhijian.apps.plan.board import keeping
        from zhijian.portal import board_counting

        at = datetime.now(UTC)
        day = statutory_day(at) - timedelta(days=1)
        known = keeping.newest(board_counting.PROVINCE)
        kept = board_counting.keep_night(self.lake, day=day, at=at)
        self._note(f"{kept} leader's boards up to {day} (/work/leader/, /wall/)", known is None)

    def _reckon_inspections(self) -> None:
        from zhijian.apps.supervision.inspection import kept_figures
        from zhijian.apps.supervision.inspection.models import KeptFigures

        is_first = not KeptFigures.objects.exists()
        kept = kept_figures.keep_known_scopes(self.lake, at=datetime.now(UTC))
        self._note(
            f"{kept} figures of how inspections do (/results/visits/, /work/audit/targeting/)", is_first
        )

    def _verify(self) -> None:
        from zhijian.operations.demo import sealing

        with self._stage("7 核验  verify as anybody can", len(self.draws) + 1) as step:
            lines = sealing.verify_everything(self.draws.values(), self.home, step)
        for line in lines:
            self.console.print(f"  {line}", highlight=False)

    def _accounts(self) -> None:
        from zhijian.operations.demo import (
            bay_area,
            business,
            complaints,
            credit,
            identity,
            joint,
            listing,
            measures,
            plan,
        )
        from zhijian.operations.seed.officers import ACCOUNTS, open_accounts

        check = (
            self.open_task.checks.select_related("inspector_first", "inspector_second")
            .order_by("number")
            .first()
        )
        inspectors = [check.inspector_first.username, check.inspector_second.username] if check else []
        purposes = {name: f"{zh} / {en}" for name, _, _, zh, en in ACCOUNTS}
        purposes |= (
            complaints.ACCOUNTS
            | credit.ACCOUNTS
            | listing.ACCOUNTS
            | bay_area.ACCOUNTS
            | joint.ACCOUNTS
            | measures.ACCOUNTS
            | plan.ACCOUNTS
        )
        purposes |= {name: f"检查任务 {check.number} / check {check.number}" for name in inspectors if check}
        key = identity.leader_with_app(self.home, at=datetime.now(UTC))
        purposes[identity.LEADER] = "登录还要动态口令 / also needs the code of an app"
        passwords = open_accounts([*purposes], self.home.root / "demo" / "accounts.json")
        table = Table("demo account", "password", "to try", box=None, padding=(0, 2))
        for name, purpose in purposes.items():
            table.add_row(name, passwords[name], purpose)
        for row in business.open_accounts(self.home.root / "demo" / "accounts.json"):
            table.add_row(*row)
        self.console.print(table)
        self.console.print(f"  {identity.LEADER}: app key {key} (demo/totp.json)", highlight=False)
