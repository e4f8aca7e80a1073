"""Measure the figures of docs/benchmarks.md again."""

import json
import subprocess
import sys
from pathlib import Path

import click

FOLDER = Path(__file__).resolve().parents[4] / "benchmarks"
NAMES = ("ingest", "uscc_check", "draw", "search", "pages", "contracts")
LARGE = (
    "synthesize",
    "refresh",
    "risk",
    "linkage",
    "themes",
    "pull",
    "exchange",
    "credit_class",
    "procedures",
    "classify",
    "evaluation",
    "prepaid",
    "publicity",
    "draw_methods",
    "draw_audit",
    "inspection_numbers",
    "matching",
    "planning",
)  # minutes and gigabytes: only when named


@click.command()
@click.argument("names", nargs=-1, type=click.Choice((*NAMES, *LARGE)))
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def command(names: tuple[str, ...], as_json: bool) -> None:
    """Race against the named peers, one benchmark after the other, and print what was measured.

    Needs a home with a built register (`zhijian demo --no-serve`).

    \b
    Example:
      zhijian bench draw uscc_check
    """
    from zhijian.infrastructure.home import current_home

    arguments = {"search": ["--serving", str(current_home().serving)]}
    results: dict[str, object] = {}
    for name in names or NAMES:
        done = subprocess.run(
            [sys.executable, str(FOLDER / f"{name}.py"), *arguments.get(name, [])],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise click.ClickException(f"benchmarks/{name}.py ended with {done.returncode}")
        results[name] = json.loads(done.stdout[done.stdout.index("{") :])
        if not as_json:
            click.echo(f"{name}: {json.dumps(results[name], ensure_ascii=False, indent=1)}")
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
