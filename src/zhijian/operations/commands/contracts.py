"""``zhijian contracts``: hold a consumer contract against the published rules for unfair standard terms."""

import json
import sys
from datetime import date, datetime
from pathlib import Path

import click

_SEVERITY = {"high": "高", "medium": "中", "low": "低"}


@click.group()
def command() -> None:
    """Unfair standard terms found in a consumer contract by published rules; an indication, no decision.

    \b
    Example:
      zhijian contracts check contract.docx
    """


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Rules in force on this day; else today."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: places, rules, articles, lawful wording.")
def check(file: Path, day: datetime | None, as_json: bool) -> None:
    """Check FILE (docx or txt). Ends with 0 whatever is found, with 1 where the file cannot be read.

    \b
    Example:
      zhijian contracts check contract.docx --json
    """
    from zhijian.apps.consumer.contracts.reading import read_file
    from zhijian.apps.consumer.contracts.screening.engine import screen
    from zhijian.apps.consumer.contracts.screening.rulebook import shipped
    from zhijian.apps.consumer.contracts.screening.shown import as_json as written
    from zhijian.engines.evidence.refusal import RefusedFile
    from zhijian.standards.calendar import ZONE

    try:
        with file.open("rb") as opened:
            text = read_file(iter(lambda: opened.read(1 << 20), b""), file.name)
    except RefusedFile as refused:
        click.echo(f"{refused.message_zh} / {refused.message_en}", err=True)
        sys.exit(1)
    on: date = day.date() if day else datetime.now(ZONE).date()
    found = screen(text, shipped(), on=on)
    if as_json:
        click.echo(json.dumps(written(found), ensure_ascii=False))
        return
    for one in found.findings:
        click.echo(
            f"{one.clause.label} [{_SEVERITY[one.rule.severity]}] {one.rule.title.zh}：{one.quote[:80]}"
        )
        click.echo(f"    {'、'.join(one.rule.articles)}")
    click.echo(
        f"{len(found.clauses)}段，{len(found.findings)}处提示（规则{found.version}）。"
        "提示不是决定，也不认定合同效力。"
    )
