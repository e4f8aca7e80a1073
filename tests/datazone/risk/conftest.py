"""A small sample of the real set, prepared once, and a data set whose truth is known by construction."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from zhijian.datazone.risk import chicago, contract

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "samples" / "chicago_food_inspections"
FIRST = date(2020, 1, 1)


def entry(name, role, logical_type, **own):
    properties = {"labelEn": name, "riskRole": role, **own}
    return {
        "name": name,
        "businessName": name,
        "logicalType": logical_type,
        "customProperties": [{"property": key, "value": value} for key, value in properties.items()],
    }


def tiny_document():
    return {
        "name": "tiny",
        "version": "1.0.0",
        "description": {"purpose": "test"},
        "schema": [
            {
                "businessName": "tiny",
                "properties": [
                    entry("unit", "unit", "string"),
                    entry("decided", "decided_on", "date"),
                    entry("happened", "happened_on", "date"),
                    entry("found", "label", "integer"),
                    entry("size", "slice", "string"),
                    entry("dirt", "feature", "number", group="history", direction="increasing"),
                    entry("noise", "feature", "number", group="firm"),
                    entry("area", "feature", "number", group="place"),
                    entry("inspector", "feature", "string", group="assignment"),
                ],
            }
        ],
        "customProperties": [
            {"property": "titleEn", "value": "Tiny"},
            {"property": "purposeEn", "value": "test"},
            {"property": "windowDays", "value": 60},
        ],
    }


@pytest.fixture
def write_contract(tmp_path):
    """Write a feature contract, changed by a function, and return its path."""

    def write(change=lambda document: None):
        document = tiny_document()
        change(document)
        path = tmp_path / "tiny.odcs.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    return write


def tiny_rows(count=2_400, seed=7):
    """Visits whose chance of a finding rises with dirt and with a strict inspector, who works in the east."""
    draw = np.random.default_rng(seed)
    dirt, area = draw.normal(size=count), draw.uniform(size=count)
    is_strict = draw.uniform(size=count) < np.where(area > 0.5, 0.9, 0.1)
    chance = 1 / (1 + np.exp(1.8 - 0.7 * dirt - 1.6 * is_strict))
    days = np.sort(draw.integers(0, 480, count))
    return pa.table(
        {
            "unit": [f"u{number}" for number in range(count)],
            "decided": [FIRST + timedelta(days=int(day) // 60 * 60) for day in days],
            "happened": [FIRST + timedelta(days=int(day)) for day in days],
            "found": (draw.uniform(size=count) < chance).astype(np.int8),
            "size": np.where(draw.uniform(size=count) < 0.3, "small", "large").tolist(),
            "dirt": dirt,
            "noise": draw.normal(size=count),
            "area": area,
            "inspector": np.where(is_strict, "strict", "mild").tolist(),
        }
    )


@pytest.fixture
def tiny(write_contract):
    """2,400 visits in sixteen months that meet the contract."""
    return contract.dataset(tiny_rows(), contract.load(write_contract()))


@pytest.fixture(scope="session")
def chicago_table():
    """The first 4,000 real inspections, prepared as the contract wants them."""
    return chicago.prepare(SAMPLE, rows=4_000)
