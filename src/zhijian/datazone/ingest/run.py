"""Take in one delivery: from the file somebody handed over to rows in the lake, whole or not at all."""

# ruff: noqa: S608 - names in the SQL come from published contracts and column numbers, texts are quoted

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhijian.datazone import contracts, quality
from zhijian.datazone.contracts import Contract, Field
from zhijian.datazone.ingest import columns, custody, reading, refusals, source
from zhijian.datazone.ingest.custody import Delivery
from zhijian.datazone.ingest.errors import NotEnoughSpace
from zhijian.datazone.ingest.judging import Judging
from zhijian.datazone.ingest.report import IngestReport, Measures, measure
from zhijian.datazone.ingest.source import Limits, Source
from zhijian.datazone.lake import Lake, Transaction
from zhijian.datazone.sql import literal
from zhijian.infrastructure.files import replace_file
from zhijian.standards.calendar import ZONE, statutory_day

STAGES = ("wait", "receive", "unpack", "read", "judge", "measure", "keep", "write", "refuse", "publish")
Progress = Callable[[str, float], None]
_WORK_ON_DISK_FROM_BYTES = 512 << 20


def ingest(
    lake: Lake,
    contract_name: str,
    path: Path,
    *,
    by: str,
    at: datetime,
    source: str,
    is_synthetic: bool = False,
    progress: Progress | None = None,
    wait: bool = True,
    limits: Limits | None = None,
    also: Callable[[Transaction], None] | None = None,
) -> IngestReport:
    """Apply a published contract to a file and publish its rows; return the quality report.

    Clean rows are appended to ``standard_<contract>``, refused ones to ``standard_quarantine``, the report to
    ``standard_deliveries``: the three become visible in one instant. The file itself is kept under its SHA-256.
    A file that was taken in before under the same contract changes nothing; its first report comes back with
    `already_delivered`.

    Args:
        by: who delivers, as the record shall say.
        at: when, with a time zone; "not in the future" is judged by its day in China.
        source: where the data come from, kept with every row.
        is_synthetic: the rows are invented and must be shown as 合成数据.
        progress: called with a stage of `STAGES` and the share done, 0 to 1.
        wait: wait for another ingest that is at work, instead of refusing.
        also: more that is written in the same transaction: a pull's raw rows and its watermark.

    Raises:
        UnknownContract: there is no contract of that name.
        DeliveryError: the file cannot be taken in; nothing was written.
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must carry a time zone; give an aware datetime.")
    run = Run(
        lake,
        contracts.load(contract_name, lake.contracts),
        Path(path),
        by,
        at,
        source,
        is_synthetic,
        progress,
        limits or Limits(),
        also,
    )
    return run.take_in(wait=wait)


class Run:
    """One call of `ingest`, as a sequence of steps."""

    def __init__(
        self,
        lake: Lake,
        contract: Contract,
        path: Path,
        by: str,
        at: datetime,
        source_name: str,
        is_synthetic: bool,
        progress: Progress | None,
        limits: Limits,
        also: Callable[[Transaction], None] | None = None,
    ) -> None:
        self.lake, self.contract, self.path, self.by, self.at = lake, contract, path, by, at
        self.source_name, self.is_synthetic, self.limits = source_name, is_synthetic, limits
        self._progress, self._also = progress, also

    def take_in(self, *, wait: bool) -> IngestReport:
        source.refuse_what_is_no_file(self.path)
        custody.refuse_if_full(self.lake, self.path)
        with self._full_disk_explained(), self._alone(wait), custody.staging(self.lake) as folder:
            started = time.perf_counter()
            self._tell("receive")
            staged = folder / "original"
            sha256, size = custody.receive(self.path, staged)
            earlier = quality.find_report(self.lake, self.contract.name, sha256)
            if earlier is not None:
                if self._also is not None:
                    with self.lake.transaction() as transaction:
                        self._also(transaction)
                return replace(IngestReport.from_dict(earlier), already_delivered=True)
            return self._take_in_new(self._delivery(sha256, size), staged, folder, started)

    def judge_only(self) -> list[dict[str, Any]]:
        """Judge the file and return the rows that would go to quarantine, one for each broken rule; write nothing."""
        with self._alone(wait=True), custody.staging(self.lake) as folder:
            staged = folder / "original"
            sha256, _ = custody.receive(self.path, staged)
            prepared = source.prepare(staged, folder, self.limits)
            with self._work(prepared, folder) as con:
                headers = reading.load(con, prepared, self.limits)
                places, _ = columns.match(self.contract, headers)
                today = statutory_day(self.at)
                judging = Judging(con, self.contract, places, self.lake, self.at, today, self.is_synthetic)
                judging.run()
                batches = refusals.quarantine_rows(judging, headers, sha256)
                return [row for batch in batches for row in batch.to_pylist()]

    def _take_in_new(self, delivery: Delivery, staged: Path, folder: Path, started: float) -> IngestReport:
        self._tell("unpack")
        prepared = source.prepare(staged, folder, self.limits)
        with self._work(prepared, folder) as con:
            self._tell("read")
            headers = reading.load(con, prepared, self.limits)
            places, ignored = columns.match(self.contract, headers)
            self._tell("judge")
            today = statutory_day(self.at)
            judging = Judging(con, self.contract, places, self.lake, self.at, today, self.is_synthetic)
            judging.run()
            self._tell("measure")
            measures = measure(judging)
            self._tell("keep")
            with custody.kept(self.lake, staged, delivery) as kept, self.lake.transaction() as transaction:
                self._write(transaction, judging, delivery, headers, measures)
                report = self._report(delivery, prepared, measures, places, ignored, started)
                replace_file(kept / "quality.json", report.to_json().encode())
                transaction.write(quality.DELIVERIES, _delivery_row(report, self.at), mode="append")
                if self._also is not None:
                    self._also(transaction)
                self._tell("publish")
        return report

    def _write(
        self,
        transaction: Transaction,
        judging: Judging,
        delivery: Delivery,
        headers: list[str],
        measures: Measures,
    ) -> None:
        noted = {"delivery_sha256": delivery.sha256, "contract": self.contract.name}
        self._tell("write")
        if measures.rows_clean:
            rows = self._clean_rows(judging, delivery)
            transaction.write(self.contract.table, rows, mode="append", properties=noted)
        self._tell("refuse")
        if measures.rows_clean < measures.rows_in:
            batches = self._refused_rows(judging, headers, delivery)
            refused = pa.RecordBatchReader.from_batches(refusals.SCHEMA, batches)
            transaction.write(refusals.QUARANTINE, refused, mode="append", properties=noted)

    def _refused_rows(
        self, judging: Judging, headers: list[str], delivery: Delivery
    ) -> Iterator[pa.RecordBatch]:
        return refusals.quarantine_rows(judging, headers, delivery.sha256)

    def _clean_rows(self, judging: Judging, delivery: Delivery) -> Any:
        values = [
            f"{self._value(judging, field, delivery)} as {field.column}" for field in self.contract.fields
        ]
        there = {field.column for field in self.contract.fields}
        added = {
            "is_synthetic": "true" if self.is_synthetic else "false",
            "delivery_sha256": f"'{delivery.sha256}'",
            "source_line": "source_line::bigint",
            "source": literal(self.source_name),
        }
        values += [f"{value} as {column}" for column, value in added.items() if column not in there]
        judging.con.execute("set timezone = 'UTC'")
        return judging.con.sql(
            f"select {', '.join(values)} from judged anti join refused using (source_line) order by source_line"
        ).to_arrow_reader(100_000)

    def _value(self, judging: Judging, field: Field, delivery: Delivery) -> str:
        value = judging.value(field)
        if field.default is None:
            return value
        if field.default.startswith("uuid5:"):
            _, namespace, names = field.default.split(":")
            parts = [self._value(judging, self.contract.field(name), delivery) for name in names.split(",")]
            return f"coalesce({value}, {_uuid5(namespace, parts)})"
        known = {
            "delivered_at": f"'{delivery.delivered_at}'::timestamptz",
            "delivery_source": literal(self.source_name),
        }
        if field.default == "delivery_is_synthetic":
            return judging.is_invented()
        return f"coalesce({value}, {known[field.default]})"

    def _delivery(self, sha256: str, size: int) -> Delivery:
        return Delivery(
            sha256=sha256,
            file_name=self.path.name,
            file_bytes=size,
            contract=self.contract.name,
            contract_version=self.contract.version,
            delivered_at=self.at.isoformat(),
            delivered_by=self.by,
            source=self.source_name,
            is_synthetic=self.is_synthetic,
        )

    def _report(
        self,
        delivery: Delivery,
        prepared: Source,
        measures: Measures,
        places: dict[str, int],
        ignored: list[str],
        started: float,
    ) -> IngestReport:
        seconds = time.perf_counter() - started
        return IngestReport(
            contract=delivery.contract,
            contract_version=delivery.contract_version,
            table=self.contract.table,
            delivery_sha256=delivery.sha256,
            file_name=delivery.file_name,
            file_bytes=delivery.file_bytes,
            format=prepared.format,
            encoding=prepared.encoding,
            is_gzipped=prepared.is_gzipped,
            delivered_at=delivery.delivered_at,
            delivered_by=delivery.delivered_by,
            source=delivery.source,
            is_synthetic=delivery.is_synthetic,
            rows_in=measures.rows_in,
            lines_in=prepared.lines,
            rows_clean=measures.rows_clean,
            rows_quarantined=measures.rows_in - measures.rows_clean,
            rules=measures.rules,
            fields=measures.fields,
            cleaned=measures.cleaned,
            ignored_columns=ignored,
            missing_columns=[field.name for field in self.contract.fields if field.name not in places],
            validity=round(measures.validity, 6),
            completeness=round(measures.completeness, 6),
            uniqueness=round(measures.uniqueness, 6),
            score=measures.score,
            score_definition_zh=quality.SCORE_DEFINITION_ZH,
            score_definition_en=quality.SCORE_DEFINITION_EN,
            seconds=round(seconds, 3),
            rows_per_second=int(measures.rows_in / seconds),
        )

    @contextmanager
    def _work(self, prepared: Source, folder: Path) -> Iterator[reading.Connection]:
        """Open a DuckDB to work in: in memory, or on disk for a large file."""
        is_large = prepared.path.stat().st_size >= _WORK_ON_DISK_FROM_BYTES
        with duckdb.connect(str(folder / "work.duckdb") if is_large else ":memory:") as con:
            con.execute(f"set enable_progress_bar = false; set timezone = '{ZONE.key}'")
            con.execute("set temp_directory = ?", [str(folder / "spill")])
            yield con

    @contextmanager
    def _alone(self, wait: bool) -> Iterator[None]:
        holder = {
            "by": self.by,
            "file": self.path.name,
            "contract": self.contract.name,
            "since": self.at.isoformat(timespec="seconds"),
        }
        with custody.only_ingest(self.lake, holder, wait=wait, on_wait=lambda other: self._tell("wait")):
            yield

    @contextmanager
    def _full_disk_explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            if custody.is_disk_full(problem):
                needed = custody.needed_bytes(self.path)
                free = custody.free_bytes(self.lake.root)
                raise NotEnoughSpace.needing(max(needed, free + 1), free, str(self.lake.root)) from problem
            raise

    def _tell(self, stage: str) -> None:
        if self._progress is not None:
            self._progress(stage, STAGES.index(stage) / len(STAGES))


def _delivery_row(report: IngestReport, at: datetime) -> pa.Table:
    return pa.table(
        {
            "contract": [report.contract],
            "delivery_sha256": [report.delivery_sha256],
            "file_name": [report.file_name],
            "file_bytes": pa.array([report.file_bytes], pa.int64()),
            "delivered_at": pa.array([at], pa.timestamp("us", "UTC")),
            "delivered_by": [report.delivered_by],
            "source": [report.source],
            "is_synthetic": [report.is_synthetic],
            "rows_in": pa.array([report.rows_in], pa.int64()),
            "rows_clean": pa.array([report.rows_clean], pa.int64()),
            "rows_quarantined": pa.array([report.rows_quarantined], pa.int64()),
            "score": [report.score],
            "report": [json.dumps(report.to_dict(), ensure_ascii=False)],
        }
    )


def _uuid5(namespace: str, parts: list[str]) -> str:
    """Return the SQL of the UUIDv5 of the JSON list of the parts and revision 0: a first fact's id everywhere."""
    name = " || ',' || ".join(f"coalesce(to_json({part})::varchar, '\"\"')" for part in parts)
    digest = f"sha1(unhex('{namespace.replace('-', '')}') || encode('[' || {name} || ',0]'))"
    variant = "substr('89ab89ab89ab89ab', strpos('0123456789abcdef', h[17]), 1)"
    return (
        f"(list_transform([{digest}], lambda h: h[1:8] || '-' || h[9:12] || '-5' || h[14:16] || '-' || {variant} "
        "|| h[18:20] || '-' || h[21:32]))[1]"
    )
