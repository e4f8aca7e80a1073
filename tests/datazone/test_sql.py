"""A value written into a query is that value again, whatever quotes it has."""

import duckdb
import pytest

from zhijian.datazone.sql import literal


@pytest.mark.parametrize("text", ["", "广州", "it's", "''", "'; drop table t; --", "a\\'b", "two\nlines"])
def test_an_engine_reads_back_what_was_written(text):
    assert duckdb.sql(f"select {literal(text)}").fetchall() == [(text,)]
