"""`zhijian new system` writes a system whose own test passes, in a copy of the sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from zhijian.operations import scaffold
from zhijian.operations.commands.new import command

ROOT = Path(__file__).resolve().parents[2]
SAID = [
    "system", "consumer/repair_shops", "--plan", "S44", "--title-zh", "家电维修点名录", "--title-en",
    "Register of repair shops", "--article", "《消费者权益保护法》第十六条", "--column", "brand:text:维修品牌:Brand",
    "--column", "level_code:code:星级:Stars:one=一星/One star,five=五星/Five stars", "--column",
    "fee_yuan:money:上门费:Call-out fee",
]  # fmt: skip


@pytest.fixture
def copy(tmp_path):
    """The sources without what they do not need, apart from the living ones."""
    ignore = shutil.ignore_patterns("__pycache__", "vendor", "*.pyc")
    for part in ("src", "tests"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_new_system_runs_its_own_journey_from_application_to_proof(copy, empty_tables):
    made = CliRunner().invoke(command, [*SAID, "--root", str(copy)])
    assert made.exit_code == 0, made.output
    assert "migrations/0001_repair_shops.py" in made.output
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("ZHIJIAN", "PYTEST"))
    }
    environment |= {"PYTHONPATH": str(copy / "src"), "ZHIJIAN_TEST_TABLES": str(empty_tables)}
    tests = ["tests/apps/consumer/repair_shops", "-q", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *tests],
        cwd=copy, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    assert "..." in run.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({1: "consumer/worry_free"}, "exists already"),
        ({1: "consumer/Repair Shops"}, "small letters"),
        ({3: "S999"}, "no system S999"),
        ({9: "some law"}, "--article"),
        ({11: "brand:colour:品牌:Brand"}, "is no column"),
        ({11: "key:text:编号:Number"}, "every register has them"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_to_change_and_nothing_is_written(tmp_path, change, words):
    (tmp_path / "src/zhijian/apps/consumer/worry_free").mkdir(parents=True)
    said = [change.get(number, one) for number, one in enumerate(SAID)]
    made = CliRunner().invoke(command, [*said, "--root", str(tmp_path)])
    assert made.exit_code == 1 and words in made.output
    assert not (tmp_path / "tests").exists()


def test_the_declaration_that_is_written_is_python_with_every_column_once():
    spec = scaffold.SystemSpec(
        "consumer", "repair_shops", "S44", "名录", "Register", "《消费者权益保护法》第十六条", (scaffold.column("brand:text:品牌:Brand"),)
    )  # fmt: skip
    for path, text in scaffold.files(spec).items():
        if path.endswith(".py"):
            compile(text, path, "exec")
    assert scaffold.files(spec)["src/zhijian/apps/consumer/repair_shops/models.py"].count("brand =") == 1
