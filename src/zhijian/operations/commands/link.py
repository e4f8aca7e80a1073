"""``zhijian link``: records without a credit code, linked to the register of market entities."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from rich.console import Console
from rich.progress import Progress

from zhijian.datazone.lake import Lake, LakeError
from zhijian.datazone.linkage import files, index, linking, register, scoring
from zhijian.infrastructure.home import current_home
from zhijian.standards.calendar import ZONE

_STAGES = {"parse": "解析名称与地址 parse", "ladders": "建立索引 index", "link": "对应 link"}
_PROBLEMS = (files.Unreadable, register.NoRegister, index.NoIndex, scoring.WeightsProblem, LakeError)


class _FileFirst(click.Group):
    """`zhijian link FILE` is short for `zhijian link file FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["file", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _PROBLEMS as problem:
            click.echo(str(problem), err=True)
            sys.exit(1)


@click.group(cls=_FileFirst)
def command() -> None:
    """Link records that name a firm without its code to the register; say how sure, and why.

    \b
    Example:
      zhijian link complaints.csv --register
    """


@command.command("file")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--register", "to_register", is_flag=True, help="Link to the register of this home.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help=".csv or .parquet; default: FILE-linked.csv"
)
@click.option("--source", help="What the records are called in the review; default: the file's name.")
@click.option(
    "--review", is_flag=True, help="Put the doubtful pairs before officers, in place of those there."
)
@click.option("--json", "is_json", is_flag=True, help="Print the counts as JSON.")
def link_file(
    file: Path, to_register: bool, output: Path | None, source: str | None, review: bool, is_json: bool
) -> None:
    """Link FILE (.csv or .parquet with name and, if known, address, representative_id, phone_id).

    Writes for each record uscc (empty where not linked), probability, weight, margin over the second best and the
    explanation. Doubtful records carry their best candidate as candidate_uscc.

    \b
    Example:
      zhijian link complaints.csv --register --review
    """
    if not to_register:
        raise click.UsageError("Say what to link to: --register.")
    target = output or file.with_name(f"{file.stem}-linked.csv")
    if target.suffix.lower() not in (".csv", ".parquet"):
        raise click.BadParameter(f"{target.name}: write .csv or .parquet.", param_hint="--output")
    records, home = files.read(file), current_home()
    lake, weights = Lake(home.lake), register.weights_of(home.root)
    ready = _register(lake, is_json)
    costs = linking.Costs.on(datetime.now(ZONE).date())
    parts, doubtful = [], []
    with Progress(console=Console(stderr=True), transient=True, disable=is_json) as bars:
        task = bars.add_task(_STAGES["link"], total=records.num_rows)
        for chunk, links in linking.link_table(records, ready, weights, costs):
            parts.append(_told(chunk, links, ready, weights))
            if review:
                name = source or file.name
                doubtful.append(register.doubtful_pairs(chunk, links, ready, weights, lake, source=name))
            bars.advance(task, chunk.num_rows)
    told = pa.concat_tables(parts)
    _write(told, target)
    if review:
        lake.write(register.DOUBTFUL_PAIRS, pa.concat_tables(doubtful))
    counts = {name: told["decision"].to_pylist().count(name) for name in linking.DECISIONS.tolist()}
    report = {"records": told.num_rows, **counts, "output": str(target), "register": len(ready)}
    click.echo(json.dumps(report, ensure_ascii=False) if is_json else _in_words(report))


@command.command()
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def prepare(is_json: bool) -> None:
    """Make the register ready for linking: once after each build or synthesis.

    \b
    Example:
      zhijian link prepare
    """
    home = current_home()
    made = _prepare(Lake(home.lake), home.root, is_json)
    report = {"entities": len(made), "folder": str(register.folder(home.root))}
    click.echo(
        json.dumps(report) if is_json else f"{len(made):,}户可供对应。/ {len(made):,} entities are ready."
    )


@command.command()
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same weights.")
@click.option("--entities", type=click.IntRange(min=1000), default=200_000, show_default=True)
def train(seed: int, entities: int) -> None:
    """Learn weights anew with Splink on this home's synthetic register, and keep them for this home.

    \b
    Example:
      zhijian link train --seed 1
    """
    from zhijian.datazone.linkage import training
    from zhijian.datazone.synthesis.corruption import corrupt

    home = current_home()
    lake = Lake(home.lake)
    table = lake.read(register.source_of(lake)).slice(0, entities)
    missing = {"representative_id", "phone_id"} - set(table.column_names)
    if missing or not all(table["is_synthetic"].to_pylist()):
        raise click.ClickException("Training needs records whose truth is known. Run: zhijian synthesize")
    records = corrupt(lake.ibis(), table, share=min(1.0, 20_000 / table.num_rows), seed=seed + 6)
    blank = pa.nulls(records.num_rows, pa.string())
    bare = records
    for name in ("representative_id", "phone_id"):  # half of what teaches says only name and address
        bare = bare.set_column(bare.column_names.index(name), name, blank)
    costs = linking.Costs.on(datetime.now(ZONE).date())
    learnt = training.train_on_truth(
        table, pa.concat_tables([records, bare]), seed=seed, source=f"zhijian link train --seed {seed}",
        share_absent=costs.share_not_on_register,
    )  # fmt: skip
    _keep(learnt)
    click.echo(f"weights learnt from {learnt.labels:,} pairs: {home.root / 'linkage' / 'weights.json'}")


@command.command()
@click.option("--json", "is_json", is_flag=True, help="Print the report as JSON.")
def retrain(is_json: bool) -> None:
    """Teach the weights what officers decided about doubtful pairs; 'not sure' teaches nothing.

    \b
    Example:
      zhijian link retrain
    """
    from zhijian.operations.cli import prepare_django

    prepare_django()
    from zhijian.datazone.linkage import training
    from zhijian.engines.linkage import queries

    told = [f.payload for f in queries.decisions() if f.payload["verdict"] != queries.UNSURE]
    if not told:
        click.echo("还没有可学的判定。/ Nothing was decided yet that could teach. See /data/links/.")
        return
    home = current_home()
    before = scoring.load()
    own = home.root / "linkage" / "trained.json"  # `train` keeps its own beside, so that decisions count once
    base = scoring.load(own) if own.exists() else before
    costs = linking.Costs.on(datetime.now(ZONE).date())
    learnt = training.learn_from_levels(
        base,
        np.array([p["levels"] for p in told], np.int8),
        np.array([p["namesakes"] for p in told]),
        np.array([p["verdict"] == queries.SAME for p in told]),
        entities=max(p["entities"] for p in told),
        share_not_on_register=costs.share_not_on_register,
    )
    scoring.save(learnt, _weights_file())
    report = {"decisions": len(told), "factors": learnt.factors, "offset_bits": learnt.offset_bits}
    click.echo(
        json.dumps(report)
        if is_json
        else f"{len(told)}条判定已学到。/ {len(told)} decisions taught the weights."
    )


def _register(lake: Lake, quiet: bool) -> index.RegisterIndex:
    """The register that was made ready; made now where there is none."""
    root = current_home().root
    try:
        return index.open_index(register.folder(root))
    except index.NoIndex:
        return _prepare(lake, root, quiet)


def _prepare(lake: Lake, root: Path, quiet: bool) -> index.RegisterIndex:
    with Progress(console=Console(stderr=True), transient=True, disable=quiet) as bars:
        task = bars.add_task(_STAGES["parse"], total=1.0)
        return register.prepare(
            lake,
            root,
            progress=lambda stage, share: bars.update(task, completed=share, description=_STAGES[stage]),
        )


def _weights_file() -> Path:
    path = current_home().root / "linkage" / "weights.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _keep(learnt: scoring.Weights) -> None:
    path = _weights_file()
    scoring.save(learnt, path.with_name("trained.json"))
    scoring.save(learnt, path)


def _told(
    chunk: pa.Table, links: linking.Links, ready: index.RegisterIndex, weights: scoring.Weights
) -> pa.Table:
    """The records with their links; the explanation names each comparison with its level and bits."""
    found = links.table(ready)
    is_linked = pa.array(links.decision == 0)
    nothing = pa.scalar(None, pa.string())
    import pyarrow.compute as pc

    candidate = pc.if_else(pa.array(links.best >= 0), found["uscc"], nothing)
    explained = linking.explanations(chunk, links, ready, weights)
    columns = {name: chunk[name] for name in chunk.column_names if name != "true_uscc"}
    return pa.table(
        columns
        | {
            "uscc": pc.if_else(is_linked, candidate, nothing),
            "decision": found["decision"],
            "probability": pc.round(found["probability"], 6),
            "weight_bits": pc.round(found["weight_bits"], 2),
            "margin_bits": pc.round(found["margin_bits"], 2),
            "candidate_uscc": candidate,
            "second_uscc": found["second_uscc"],
            "explanation": explained,
        }
    )


def _write(table: pa.Table, path: Path) -> None:
    if path.suffix.lower() == ".parquet":
        parquet.write_table(table, path)
    else:
        csv.write_csv(table, path)


def _in_words(report: dict[str, Any]) -> str:
    return (
        f"{report['records']:,}条记录对{report['register']:,}户：已对应{report['linked']:,}，待判定{report['doubtful']:,}，"
        f"未找到{report['not_found']:,}。\n{report['output']}"
    )
