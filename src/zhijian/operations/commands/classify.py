"""``zhijian classify``: learn classes of texts from any labelled file, tell new texts, judge a model."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_COLUMNS = (
    click.option(
        "--text-column",
        "text_columns",
        multiple=True,
        default=("text",),
        show_default=True,
        help="Column of the text; given twice, the columns are joined.",
    ),
    click.option("--label-column", default="label", show_default=True, help="Column of the class."),
)


def _columns(function: Any) -> Any:
    for option in reversed(_COLUMNS):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Learn classes of texts from a CSV, JSON Lines or Parquet file; tell new texts, with confidence and reasons; judge.

    \b
    Example:
      zhijian classify fit messages.csv --model messages.npz
    """


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End with the message of what was wrong with the input, not a traceback."""
    from zhijian.datazone.classify.model import BadModel
    from zhijian.datazone.classify.reading import BadLabelledFile

    try:
        yield
    except (BadLabelledFile, BadModel) as problem:
        click.echo(str(problem), err=True)
        sys.exit(1)


@command.command("fit")
@click.argument("file", type=_FILE)
@click.option(
    "--model",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where the model goes (.npz); its card lies beside it as .card.json.",
)
@_columns
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def fit_model(
    file: Path, target: Path, text_columns: tuple[str, ...], label_column: str, seed: int, as_json: bool
) -> None:
    """Learn a model. What is to be chosen is chosen by folds inside FILE; the same file and seed give the same model.

    \b
    Example:
      zhijian classify fit messages.csv --model messages.npz
      zhijian classify fit news.jsonl --text-column title --text-column body --label-column topic --model news.npz
    """
    from zhijian.datazone.classify import model as models
    from zhijian.datazone.classify.card import card_of
    from zhijian.datazone.classify.learner import fit
    from zhijian.datazone.classify.reading import read

    with _plain_errors():
        data = read(file, text_columns=text_columns, label_column=label_column)
        model, _ = fit(data, seed=seed)
    models.save(model, target)
    card = card_of(model, command=f"zhijian classify fit {file.name} --seed {seed}")
    target.with_suffix(".card.json").write_text(json.dumps(card, ensure_ascii=False, indent=1), "utf-8")
    if as_json:
        click.echo(json.dumps(card, ensure_ascii=False))
        return
    shown = model.facts["inner_folds"]
    click.echo(
        f"{target}：{len(data):,}条文本，{len(model.classes)}类，{model.space.width:,}个词元；"
        f"训练集内交叉验证：正确率 {shown['accuracy']:.3f}，宏平均F1 {shown['macro_f1']:.3f}"
        "（用于选择参数，偏乐观；请用 evaluate 检验）。"
    )


@command.command("predict")
@click.argument("file", type=_FILE)
@click.option("--model", "source", type=_FILE, required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write JSON lines here.")
@click.option("--text-column", "text_columns", multiple=True, default=("text",), show_default=True)
@click.option(
    "--abstain-below",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Confidence under which no class is told.",
)
def predict(
    file: Path, source: Path, out: Path | None, text_columns: tuple[str, ...], abstain_below: float
) -> None:
    """Tell every text of FILE: label (null where the model abstains), confidence, ranking, and the n-grams that decided.

    \b
    Example:
      zhijian classify predict new.csv --model messages.npz --abstain-below 0.5 --out told.jsonl
    """
    from zhijian.datazone.classify import model as models
    from zhijian.datazone.classify.reading import read

    with _plain_errors():
        model = models.load(source)
        data = read(file, text_columns=text_columns, label_column=None)
    lines = [
        json.dumps(_line(number, told), ensure_ascii=False)
        for number, told in enumerate(model.predict(data.texts, least_confidence=abstain_below), start=1)
    ]
    if out is None:
        click.echo("\n".join(lines))
        return
    out.write_text("\n".join(lines) + "\n", "utf-8")
    click.echo(f"{out}：{len(lines):,}条。")


def _line(number: int, told: Any) -> dict[str, Any]:
    return {
        "row": number,
        "label": told.label,
        "best": told.best,
        "confidence": round(told.confidence, 4),
        "ranking": [[name, round(chance, 4)] for name, chance in told.ranking[:5]],
        "reasons": [
            {"ngram": reason.ngram, "view": reason.view, "weight": round(reason.weight, 4)}
            for reason in told.reasons
        ],
    }


@command.command("evaluate")
@click.argument("file", type=_FILE)
@click.option(
    "--model", "source", type=_FILE, help="Judge this model on FILE; without it, FILE is cut in folds."
)
@click.option(
    "--train", type=_FILE, help="With --model: fit the plain baselines on this file, to stand beside."
)
@_columns
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    file: Path,
    source: Path | None,
    train: Path | None,
    text_columns: tuple[str, ...],
    label_column: str,
    folds: int,
    seed: int,
    as_json: bool,
) -> None:
    """Judge on texts that the model did not see, beside plain linear models, with intervals by bootstrap.

    Without --model, every fold is told by a model that was fitted and tuned on the other folds alone.

    \b
    Example:
      zhijian classify evaluate messages.csv
      zhijian classify evaluate test.csv --model messages.npz --train messages.csv
    """
    from zhijian.datazone.classify import evaluation
    from zhijian.datazone.classify import model as models
    from zhijian.datazone.classify.reading import read

    with _plain_errors():
        data = read(file, text_columns=text_columns, label_column=label_column)
        if source is not None:
            known = read(train, text_columns=text_columns, label_column=label_column) if train else None
            card = evaluation.held_out(models.load(source), data, train=known, seed=seed)
        else:
            card = evaluation.cross_validate(data, folds=folds, seed=seed)
    if as_json:
        click.echo(json.dumps(card, ensure_ascii=False))
        return
    for name, result in card["results"].items():
        low, high = result["interval_95"]["macro_f1"]
        click.echo(
            f"{_NAMES.get(name, name)}：正确率 {result['accuracy']:.3f}，"
            f"宏平均F1 {result['macro_f1']:.3f}（95%区间 {low:.3f}–{high:.3f}）"
        )
    click.echo(f"期望校准误差 {card['calibration']['expected_calibration_error']:.3f}")


_NAMES = {"model": "模型", "logistic": "基线：字符n元逻辑回归", "machine": "基线：字符n元线性支持向量机"}
