"""``zhijian risk``: learn the chance that a violation is found, score everyone, and judge the model."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from zhijian.datazone.lake import Lake, LakeError
from zhijian.infrastructure.home import current_home
from zhijian.operations import options
from zhijian.operations.cli import prepare_django

SAMPLE = Path(__file__).resolve().parents[4] / "data" / "samples" / "chicago_food_inspections"
CHICAGO = "chicago_food_inspections"


@click.group()
def command() -> None:
    """Learn the chance of a violation from any data set that meets a feature contract; score, judge.

    \b
    Example:
      zhijian risk evaluate --chicago
    """


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End with the message of what was wrong with the input, not a traceback."""
    from zhijian.datazone.risk.contract import BadDataset, BadRiskContract
    from zhijian.datazone.risk.evaluation import TooShort
    from zhijian.datazone.risk.province import NothingToLearn

    try:
        yield
    except (BadDataset, BadRiskContract, TooShort, NothingToLearn, LakeError, ValueError) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)


def _folder() -> Path:
    folder = current_home().root / "risk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@command.command("prepare")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--decide", type=click.Choice(["plan", "visit"]), default="plan", show_default=True)
@click.option("--source", type=click.Path(path_type=Path, exists=True, file_okay=False), default=SAMPLE)
def prepare(target: Path, decide: Any, source: Path) -> None:
    """Write the Chicago set as its feature contract wants it, every history known on the day of decision.

    \b
    Example:
      zhijian risk prepare chicago.parquet
    """
    import pyarrow.parquet as pq

    from zhijian.datazone.risk import chicago

    table = chicago.prepare(source, decide=decide)
    pq.write_table(table, target)
    click.echo(f"{target}：{table.num_rows:,}行，{table.num_columns}列。")


@command.command("fit")
@click.argument("dataset", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--contract", "contract_name", help="A published feature contract, or the path of one.")
@click.option(
    "--variant",
    type=click.Choice(["with", "without", "placeless", "adjusted"]),
    default="adjusted",
    show_default=True,
)
@click.option(
    "--province", is_flag=True, help="Learn from the lake: who was inspected in the twelve months to --as-of."
)
@click.option("--as-of", callback=options.day, help="With --province: the last day of the outcome.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def fit_model(
    dataset: Path | None,
    contract_name: str | None,
    variant: str,
    province: bool,
    as_of: date | None,
    is_json: bool,
) -> None:
    """Learn a model and keep it under ZHIJIAN_HOME/risk/.

    `adjusted` compares each visit with what its inspector finds on average, so that the firm is learned and not the
    inspector; `with` reads who is sent like any feature; `without` leaves it out; `placeless` leaves places out too.

    \b
    Example:
      zhijian risk fit chicago.parquet --contract chicago_food_inspections
      zhijian risk fit --province --as-of 2026-10-31
    """
    from zhijian.datazone.risk import contract as contracts
    from zhijian.datazone.risk import province as whole
    from zhijian.datazone.risk.learner import Settings, fit

    with _plain_errors():
        if province:
            if as_of is None:
                raise click.UsageError(
                    "--province needs --as-of, the last day of the outcome, e.g. 2026-10-31."
                )
            model, report = whole.fit_province(Lake(current_home().lake), as_of=as_of)
        else:
            if dataset is None or contract_name is None:
                raise click.UsageError("Give DATASET.parquet and --contract, or --province --as-of DAY.")
            rows = contracts.read(dataset, contracts.load(contract_name))
            model = fit(rows, variant=variant, settings=Settings())
            report = {"rows": len(rows), "violations": int(rows.label.sum())}
    target = _folder() / f"{model.contract}.model.json"
    target.write_text(model.to_json(), encoding="utf-8")
    shown = {"model": str(target), "variant": model.variant, **report}
    click.echo(
        json.dumps(shown, ensure_ascii=False) if is_json else "\n".join(f"{k}: {v}" for k, v in shown.items())
    )


@command.command("score")
@click.argument("dataset", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--contract", "contract_name", help="The contract whose model scores the data set.")
@click.option(
    "--target", type=click.Path(path_type=Path), help="Where unit, chance and rank are written (Parquet)."
)
@click.option("--province", is_flag=True, help="Score every entity into mart_risk_score.")
@click.option(
    "--as-of", callback=options.day, help="With --province: the day as of which everyone is scored."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def score(
    dataset: Path | None,
    contract_name: str | None,
    target: Path | None,
    province: bool,
    as_of: date | None,
    is_json: bool,
) -> None:
    """Score with the model that `fit` kept: a data set into a file, or every entity of the lake.

    \b
    Example:
      zhijian risk score --province --as-of 2026-10-31
    """
    from zhijian.datazone.risk import contract as contracts
    from zhijian.datazone.risk import province as whole
    from zhijian.datazone.risk.learner import Model
    from zhijian.datazone.risk.scoring import score_dataset

    name = whole.CONTRACT if province else contract_name
    if name is None or (province and as_of is None) or (not province and (dataset is None or target is None)):
        raise click.UsageError("Give DATASET.parquet, --contract and --target, or --province --as-of DAY.")
    with _plain_errors():
        contract = contracts.load(name)
        path = _folder() / f"{contract.name}.model.json"
        if not path.is_file():
            raise ValueError(
                f"No model of {contract.name} was learned in this home. Run `zhijian risk fit` first."
            )
        model = Model.from_json(path.read_text(encoding="utf-8"))
        if province:
            assert as_of is not None
            report = whole.score_province(Lake(current_home().lake), model, as_of=as_of)
        else:
            assert dataset is not None and target is not None
            report = score_dataset(contracts.read(dataset, contract), model, target)
    click.echo(
        json.dumps(report, ensure_ascii=False)
        if is_json
        else "\n".join(f"{k}: {v}" for k, v in report.items())
    )


@command.command("evaluate")
@click.argument("dataset", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--contract", "contract_name", help="A published feature contract, or the path of one.")
@click.option(
    "--chicago", is_flag=True, help="The real data set that ships: both conventions, eight windows."
)
@click.option(
    "--province",
    is_flag=True,
    help="The lake's own inspections: each origin learns from what was known by then and is judged on the twelve months after.",
)
@click.option("--as-of", callback=options.day, help="With --province: the last day that is judged.")
@click.option("--windows", type=click.IntRange(min=1), help="Default: 8; of a province 3 origins.")
@click.option(
    "--held-out",
    type=click.IntRange(min=0),
    help="Last windows never used for choosing. Default: 2; of a province 1.",
)
@click.option(
    "--repeats", type=click.IntRange(min=0), default=200, show_default=True, help="Of the bootstrap."
)
@click.option("--card", "target", type=click.Path(path_type=Path), help="Where the card is written.")
@click.option("--json", "is_json", is_flag=True, help="Print the card as JSON.")
def evaluate(
    dataset: Path | None,
    contract_name: str | None,
    chicago: bool,
    province: bool,
    as_of: date | None,
    windows: int | None,
    held_out: int | None,
    repeats: int,
    target: Path | None,
    is_json: bool,
) -> None:
    """Judge by rolling origin against business as usual, ridge logistic and lottery; write the model card.

    Everything is told with and without who is sent, and how much of the gain that explains.

    \b
    Example:
      zhijian risk evaluate --chicago --json
      zhijian risk evaluate --province --as-of 2025-12-31
    """
    from zhijian.datazone.risk import card as cards
    from zhijian.datazone.risk import chicago as real
    from zhijian.datazone.risk import contract as contracts
    from zhijian.datazone.risk import province as whole

    if not (chicago or (province and as_of) or (dataset and contract_name)):
        raise click.UsageError(
            "Give DATASET.parquet and --contract, or --chicago, or --province --as-of DAY."
        )
    windows, held_out = (
        windows or (3 if province else 8),
        (1 if province else 2) if held_out is None else held_out,
    )
    with _plain_errors():
        also: dict[str, Any] = {}
        how: dict[str, Any] = {}
        if chicago:
            contract = contracts.load(CHICAGO)
            rows = contracts.dataset(real.prepare(SAMPLE), contract)
            also = {"visit": contracts.dataset(real.prepare(SAMPLE, decide="visit"), contract)}
        elif province:
            assert as_of is not None
            lake = Lake(current_home().lake)
            rows = whole.training_set(lake, as_of=as_of, years=windows + 1)
            how = {"settings": whole.SETTINGS, "by_decision": True, "is_synthetic": whole.is_synthetic(lake)}
        else:
            assert dataset is not None and contract_name is not None
            rows = contracts.read(dataset, contracts.load(contract_name))
        words = (
            "zhijian risk evaluate --chicago"
            if chicago
            else f"zhijian risk evaluate --province --as-of {as_of}"
            if province
            else f"zhijian risk evaluate DATASET.parquet --contract {contract_name}"
        )
        with click.progressbar(length=windows, label="时间窗 windows", file=sys.stderr) as bar:
            card = cards.evaluate(
                rows,
                windows=windows,
                held_out=held_out,
                repeats=repeats,
                also=also,
                command=words,
                **how,
                progress=lambda stage, share: bar.update(1),
            )
    path = target or _folder() / f"{card['name']}.card.json"
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1), encoding="utf-8")
    click.echo(json.dumps(card, ensure_ascii=False) if is_json else _in_words(card, path))


@command.command("drawn")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def drawn(is_json: bool) -> None:
    """Judge the scores of the lake by the results of draws, each weighed by one over its chance of being drawn.

    So the verdict is about everybody and not about those to whom risk steered. `equal_visits` is how many visits of
    equal chance would tell as much.

    \b
    Example:
      zhijian risk drawn --json
    """
    prepare_django()
    from zhijian.apps.supervision.inspection.dispatching import drawn_visits
    from zhijian.datazone.risk.province import judged_by_draw

    with _plain_errors():
        found = judged_by_draw(Lake(current_home().lake), drawn_visits())
    click.echo(json.dumps(found) if is_json else "\n".join(f"{k}: {v:.3f}" for k, v in found.items()))


def _in_words(card: dict[str, Any], path: Path) -> str:
    lines = [f"{card['title_zh']} / {card['title_en']}  →  {path}"]
    for part, told in card["summary"].items():
        lines.append(
            f"\n{part}: AUC · AUC within inspector · days earlier [95%] · on own calendar · first half · top tenth"
        )
        for name, row in told.items():
            days = row["days_earlier"]
            lines.append(
                f"  {name:16} {row['auc']['value']:.3f} · {row['auc_within_assignment']['value']:.3f} · "
                f"{days['value']:5.2f} [{days['low']:.2f}, {days['high']:.2f}] · {row['days_earlier_own_calendar']['value']:5.2f} · "
                f"{row['first_half_share']['value']:.1%} · {row['precision_at_tenth']['value']:.1%}"
            )
        share = card["assignment"][part]
        if share and share["by_assignment_alone"] is not None:
            lines.append(
                f"  谁去查单独就有 assignment alone: {share['by_assignment_alone']:.0%} of the gain; "
                f"lost without the inspector {share['lost_without']:.0%}, without places too {share['lost_placeless']:.0%}, "
                f"adjusted {share['lost_adjusted']:.0%}"
            )
    return "\n".join(lines)
