"""What the scores are judged by, kept apart: no model reads it."""

import numpy as np
import pyarrow as pa

from zhijian.datazone.synthesis import columns
from zhijian.datazone.synthesis.draws import poisson
from zhijian.datazone.synthesis.register import uscc_column
from zhijian.datazone.synthesis.traits import ACTIVITY_STATES, Plan, Traits, true_hazard

SCHEMA = pa.schema(
    {
        "uscc": pa.string(),
        "hazard": pa.float64(),
        "activity_state": pa.string(),
        "violations_next_12_months": pa.int32(),
        "is_synthetic": pa.bool_(),
    }
)


def truth_batch(plan: Plan, traits: Traits) -> pa.RecordBatch:
    """Return true hazard (violations a year), activity state, and violations in the year after the last day."""
    hazard = true_hazard(plan, traits)
    following = poisson(plan.seed, "next 12 months", traits.number, hazard)
    arrays = [
        uscc_column(traits),
        pa.array(hazard),
        columns.words(ACTIVITY_STATES, traits.activity),
        pa.array(following.astype(np.int32)),
        columns.constant(True, pa.bool_(), len(traits)),
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
