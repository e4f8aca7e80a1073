"""Run a model on DuckDB or on Spark, from small Arrow tables."""

import ibis
import pyarrow as pa

ENTITY = pa.schema(
    {
        "entity_id": pa.int64(), "uscc": pa.string(), "registered_on": pa.date32(), "industry_code": pa.string(),
        "industry_section": pa.string(), "status_code": pa.string(), "entity_kind_code": pa.string(),
        "capital_yuan": pa.decimal128(24, 2), "prefecture_code": pa.string(),
        "representative_id": pa.string(), "is_synthetic": pa.bool_(),
    }
)  # fmt: skip
FACT = pa.schema(
    {
        "entity_id": pa.int64(), "kind": pa.string(), "occurred_on": pa.date32(), "recorded_on": pa.date32(),
        "amount_yuan": pa.decimal128(18, 2), "codes": pa.string(), "ground_code": pa.string(),
        "field_code": pa.string(), "reference": pa.string(), "source": pa.string(),
        "source_key": pa.string(), "is_synthetic": pa.bool_(),
    }
)  # fmt: skip


class DuckDB:
    """Tables as Arrow memory in one DuckDB connection."""

    def __init__(self):
        self.connection = ibis.duckdb.connect()
        self._written = {}

    def table(self, name, rows, schema):
        self.connection.con.register(name, pa.Table.from_pylist(rows, schema=schema))
        return self.connection.table(name)

    def rows(self, expression):
        return expression.to_pyarrow().to_pylist()

    def rows_again(self, name, make):
        """The rows of a model that is compiled once under a name, and run on the tables as they are now."""
        return self._arrow(name, make).to_pylist()

    def keep(self, name, make):
        """Store what a model makes as a table, as a build does between two models."""
        self.connection.con.register(name, self._arrow(f"kept {name}", make))
        return self.connection.table(name)

    def _arrow(self, name, make):
        if name not in self._written:
            self._written[name] = ibis.to_sql(make(), dialect="duckdb")
        return self.connection.con.sql(self._written[name]).to_arrow_table()


class Spark:
    """The same on one local Spark session."""

    def __init__(self, session):
        self.session = session
        self.connection = ibis.pyspark.connect(session)

    def table(self, name, rows, schema):
        frame = self.session.createDataFrame(
            [tuple(row.get(f.name) for f in schema) for row in rows], _spark_schema(schema)
        )
        frame.createOrReplaceTempView(name)
        return self.connection.table(name)

    def rows(self, expression):
        return expression.to_pyarrow().to_pylist()

    def rows_again(self, name, make):
        return self.rows(make())

    def keep(self, name, make):
        frame = self.session.sql(ibis.to_sql(make(), dialect="pyspark"))
        self.session.createDataFrame(frame.collect(), frame.schema).createOrReplaceTempView(name)
        return self.connection.table(name)


def _spark_schema(schema):
    return ", ".join(f"{field.name} {_SPARK.get(field.type) or _decimal(field.type)}" for field in schema)


def _decimal(kind):
    return f"decimal({kind.precision},{kind.scale})"


_SPARK = {
    pa.int64(): "bigint", pa.string(): "string", pa.date32(): "date", pa.bool_(): "boolean", pa.int16(): "smallint",
}  # fmt: skip


def local_session():
    """A Spark session on one thread, without a web page, as quiet and small as it gets."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("zhijian-tests")
    settings = {
        "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1", "spark.driver.memory": "1g",
        "spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "false",
        # Tiny tables: compiling Java for each of them would take longer than interpreting the plans.
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false", "spark.sql.autoBroadcastJoinThreshold": "10485760",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
    }  # fmt: skip
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
