"""Labelled texts from a CSV, JSON Lines or Parquet file; what is wrong with a file is said by row and column."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
LONGEST_TEXT = 200_000  # characters; a longer one is a file in the wrong column
LEAST_OF_A_CLASS = 2
_SHOWN = 5


class BadLabelledFile(ValueError):
    """The file cannot be used. Says what, where and what to do."""


@dataclass(frozen=True)
class Labelled:
    """Texts with their classes, in the order of the file. `labels` is empty where none were asked for."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def counts(self) -> dict[str, int]:
        """How many texts each class has, by name of class."""
        return dict(sorted(Counter(self.labels).items()))

    def part(self, rows: Sequence[int]) -> "Labelled":
        """Return the texts of these rows."""
        return Labelled(
            tuple(self.texts[i] for i in rows), tuple(self.labels[i] for i in rows) if self.labels else ()
        )


def read(
    path: Path, *, text_columns: Sequence[str] = ("text",), label_column: str | None = "label"
) -> Labelled:
    """Read a file; several text columns are joined line by line. `label_column` None reads texts alone.

    Raises:
        BadLabelledFile: unknown format, a missing column, an empty or over-long text, a missing label, no row at all.
    """
    texts: list[str] = []
    labels: list[str] = []
    problems: list[str] = []
    for number, row in enumerate(_rows(path), start=1):
        _need_columns(path, number, row, [*text_columns, *([label_column] if label_column else [])])
        text = "\n".join(_word(row[name]) for name in text_columns).strip()
        label = _word(row[label_column]) if label_column else ""
        if problem := _problem(text, label, text_columns, label_column):
            problems.append(f"row {number}: {problem}")
        texts.append(text)
        labels.append(label)
    if problems:
        more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
        raise BadLabelledFile(
            f"{path.name}: {'; '.join(problems[:_SHOWN])}{more}. Mend or remove these rows."
        )
    if not texts:
        raise BadLabelledFile(f"{path.name} has no rows. It needs one text a row.")
    return Labelled(tuple(texts), tuple(labels) if label_column else ())


def check_classes(data: Labelled, *, least: int = LEAST_OF_A_CLASS) -> None:
    """Check that there is something to tell apart.

    Raises:
        BadLabelledFile: fewer than two classes, or a class with fewer than `least` texts.
    """
    if len(data.counts) < 2:
        raise BadLabelledFile(
            f"All {len(data)} texts are of the class '{next(iter(data.counts), '')}'. Two classes are the least."
        )
    few = [f"'{name}' ({count})" for name, count in data.counts.items() if count < least]
    if few:
        raise BadLabelledFile(
            f"Too few examples of {', '.join(few[:_SHOWN])}; each class needs {least}. Add examples, or merge the class."
        )


def _problem(text: str, label: str, text_columns: Sequence[str], label_column: str | None) -> str | None:
    if not text:
        return f"'{', '.join(text_columns)}' is empty"
    if len(text) > LONGEST_TEXT:
        return f"the text has {len(text):,} characters, at most {LONGEST_TEXT:,} are read"
    if label_column and not label:
        return f"'{label_column}' is empty"
    return None


def _word(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _need_columns(path: Path, number: int, row: Mapping[str, Any], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in row]
    if missing:
        raise BadLabelledFile(
            f"{path.name}, row {number}: no column '{', '.join(missing)}'. It has {', '.join(map(str, row))}. "
            "Name others with --text-column and --label-column."
        )


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    is_packed = suffixes[-1:] == [".gz"]
    kind = (suffixes[-2:-1] if is_packed else suffixes[-1:]) or [""]
    if kind[0] not in SUFFIXES or (is_packed and kind[0] == ".parquet"):
        raise BadLabelledFile(f"{path.name}: only {', '.join(SUFFIXES)} (text also as .gz) can be read.")
    if not path.is_file():
        raise BadLabelledFile(f"There is no file {path}.")
    try:
        if kind[0] == ".parquet":
            yield from _parquet(path)
        elif kind[0] == ".csv":
            yield from _csv(path, is_packed)
        else:
            yield from _json_lines(path, is_packed)
    except UnicodeDecodeError as problem:
        raise BadLabelledFile(
            f"{path.name} is not UTF-8 (byte {problem.start:,} of its block). Save it as UTF-8."
        ) from problem
    except (EOFError, gzip.BadGzipFile) as problem:
        raise BadLabelledFile(f"{path.name} is cut off or no gzip file: {problem}.") from problem


def _opened(path: Path, is_packed: bool) -> Any:
    if is_packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(path: Path, is_packed: bool) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(LONGEST_TEXT * 4)
    with _opened(path, is_packed) as file:
        try:
            for row in csv.DictReader(file, strict=True):
                if None in row:
                    raise BadLabelledFile(
                        f"{path.name}: a row has more cells than the header. Quote its text."
                    )
                yield row
        except csv.Error as problem:
            raise BadLabelledFile(f"{path.name} is no CSV file: {problem}.") from problem


def _json_lines(path: Path, is_packed: bool) -> Iterator[Mapping[str, Any]]:
    with _opened(path, is_packed) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as problem:
                raise BadLabelledFile(f"{path.name}, line {number} is no JSON: {problem}.") from problem
            if not isinstance(row, dict):
                raise BadLabelledFile(f"{path.name}, line {number} is no JSON object with columns as keys.")
            yield row


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=4096):
                yield from batch.to_pylist()
    except pa.ArrowInvalid as problem:
        raise BadLabelledFile(f"{path.name} is no Parquet file: {problem}.") from problem
