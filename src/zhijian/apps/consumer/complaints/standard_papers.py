"""The ten standard documents of complaints and reports, as templates in `papers/`."""

from pathlib import Path

from zhijian.engines.documents.declaration import Template, load_folder

PAPERS: dict[str, Template] = load_folder(Path(__file__).parent / "papers")
