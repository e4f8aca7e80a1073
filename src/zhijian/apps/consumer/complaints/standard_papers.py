"""The ten standard documents of complaints and reports, as templates in `papers/`, and beside them those of rewards."""

from pathlib import Path

from zhijian.engines.documents.declaration import Template, load_folder

PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
REWARD_PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "rewards" / "papers")
ALL_PAPERS: dict[str, Template] = PAPERS | REWARD_PAPERS
