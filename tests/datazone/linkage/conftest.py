"""A small invented province with spoilt records, of seeds that the shipped weights never saw."""

from datetime import date

import ibis
import numpy as np
import pyarrow as pa
import pytest

from zhijian.datazone.linkage import index, linking, scoring
from zhijian.datazone.synthesis.corruption import corrupt
from zhijian.datazone.synthesis.register import register_batch
from zhijian.datazone.synthesis.traits import draw_traits, make_plan

ENTITIES = 20_000


@pytest.fixture(scope="session")
def province():
    plan = make_plan(ENTITIES, 31, date(2026, 10, 31))
    return pa.Table.from_batches([register_batch(plan, draw_traits(plan, np.arange(ENTITIES)))])


@pytest.fixture(scope="session")
def records(province):
    return corrupt(ibis.duckdb.connect(), province, share=0.1, seed=32)


@pytest.fixture(scope="session")
def register(province):
    return index.build(province)


@pytest.fixture(scope="session")
def weights():
    return scoring.load()


@pytest.fixture(scope="session")
def costs():
    return linking.Costs.on(date(2026, 11, 1))
