"""The same refresh on Spark, for a province that has outgrown one machine.

The models are the same functions; Spark runs them and writes the Parquet files, and the lake publishes them as it
publishes its own. The folder of the lake must be one that every worker sees.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis
from ibis.expr.types import Table

from zhijian.datazone.lake import Lake, QueryMode
from zhijian.datazone.models import Kind, Model
from zhijian.datazone.refresh import Progress, Refresh, RefreshReport, alone, connection

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
}


def session(master: str, **settings: str) -> Any:
    """Return a Spark session on `master`, such as ``spark://host:7077`` or ``local[2]``.

    Raises:
        ImportError: PySpark is not installed.
    """
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("zhijian")
    for key, value in {**SETTINGS, **settings}.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def refresh_on_spark(
    lake: Lake, spark: Any, *, as_of: date, at: datetime, progress: Progress | None = None
) -> RefreshReport:
    """Build every table anew on a Spark session, and publish them together; nights may follow on one machine.

    Raises:
        RefreshRunning: another refresh is at work.
        NothingToRefresh: there are no entities.
    """
    with alone(lake), connection(lake, "1GB", 1) as con, lake.transaction() as transaction:
        work = _OnSpark(lake, transaction, con, as_of, at, progress or (lambda table, share: None))
        work.spark, work.backend = spark, ibis.pyspark.connect(spark)
        return work.run(full=True)


@dataclass
class _OnSpark(Refresh):
    spark: Any = None
    backend: Any = None

    def table(self, name: str) -> Table:
        files = self.transaction.files(name)
        frame = self.spark.read.parquet(*files) if files else self._no_rows(name)
        frame.createOrReplaceTempView(name)
        return self.backend.table(name)

    def _no_rows(self, name: str) -> Any:
        """An empty table has no file that Spark could read its columns from."""
        from ibis.backends.pyspark.datatypes import PySparkSchema

        schema = self.transaction.table(self.con, name).schema()
        return self.spark.createDataFrame([], PySparkSchema.from_ibis(schema))

    def known_identifiers(self) -> Table:
        if self.lake.exists("entity_identifiers"):
            return self.table("entity_identifiers")
        self.spark.createDataFrame([], "uscc string, entity_id bigint").createOrReplaceTempView(
            "no_identifiers"
        )
        return self.backend.table("no_identifiers")

    def keep(self, name: str, expression: Table) -> Table:
        frame = self.spark.sql(ibis.to_sql(expression, dialect="pyspark")).cache()
        frame.createOrReplaceTempView(f"held_{name}")
        return self.backend.table(f"held_{name}")

    def write_rows(self, model: Model, expression: Table, mode: QueryMode) -> None:
        schema = expression.schema()
        typed = expression.select(**{name: expression[name].cast(kind) for name, kind in schema.items()})
        staged = self.transaction.stage(model.table)
        frame = self.spark.sql(ibis.to_sql(typed, dialect="pyspark"))
        frame.write.mode("append").parquet(str(staged))
        self.transaction.write_staged(
            model.table,
            staged,
            schema.to_pyarrow(),
            at=self.at,
            key=model.key if model.kind is Kind.ROWS else (),
        )
