"""A kind of document: its title, its word in the number, and its text with places for data.

Declared in a YAML file beside the application that issues it:

    title: {zh: 投诉受理决定书, en: Decision to accept a complaint}
    word: 消受            # 文种代字, between the office's word and the year: 穗天市监消受〔2026〕12号
    basis: 《市场监督管理投诉举报处理办法》第十四条
    addressee: "{{ name }}"
    paragraphs:
      - "您于{{ received_on }}…"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment

from zhijian.engines.documents.errors import DocumentRefused

_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_KEYS = {"title", "word", "basis", "addressee", "paragraphs"}


@dataclass(frozen=True)
class Template:
    """A kind of document. `texts` are the addressee and the paragraphs, with places in double braces."""

    code: str
    title_zh: str
    title_en: str
    word: str
    basis: str
    addressee: str
    paragraphs: tuple[str, ...]

    @property
    def places(self) -> frozenset[str]:
        """The names of the data that the text asks for."""
        texts = "\n".join((self.addressee, *self.paragraphs))
        return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(texts)))

    def written(self, data: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Return the addressee and the paragraphs with the data in their places; an empty paragraph is left out.

        Raises:
            DocumentRefused: data are missing.
        """
        missing = sorted(name for name in self.places if name not in data)
        if missing:
            raise DocumentRefused(
                f"“{self.title_zh}”还缺：{'、'.join(missing)}。",
                f"'{self.code}' still needs: {', '.join(missing)}.",
            )
        try:
            texts = [
                _plain(_ENVIRONMENT.from_string(text).render(data))
                for text in (self.addressee, *self.paragraphs)
            ]
        except TemplateError as problem:
            raise DocumentRefused(
                f"“{self.title_zh}”的模板写错了：{problem}", f"The template '{self.code}' is wrong: {problem}"
            ) from problem
        return texts[0], [text for text in texts[1:] if text]


def _plain(text: str) -> str:
    """One line without controls."""
    return "".join(c for c in re.sub(r"\s*\n\s*", "", text.strip()) if c.isprintable() or c == "\u3000")


@cache
def load_folder(folder: Path) -> dict[str, Template]:
    """Read every template of a folder; a file's stem is its code.

    Raises:
        DocumentRefused: a file lacks something, or has what is not known.
    """
    return {path.stem: _load(path) for path in sorted(folder.glob("*.yaml"))}


def _load(path: Path) -> Template:
    declared = yaml.safe_load(path.read_text("utf-8"))
    if set(declared) != _KEYS or not declared["paragraphs"]:
        wrong = ", ".join(sorted(set(declared) ^ _KEYS)) or "paragraphs"
        raise DocumentRefused(
            f"模板 {path.name} 不完整：{wrong}", f"The template {path.name} is not whole: {wrong}"
        )
    template = Template(
        code=path.stem,
        title_zh=declared["title"]["zh"],
        title_en=declared["title"]["en"],
        word=declared["word"],
        basis=declared["basis"],
        addressee=declared["addressee"],
        paragraphs=tuple(declared["paragraphs"]),
    )
    try:
        _ = template.places
    except TemplateError as problem:
        raise DocumentRefused(f"模板 {path.name} 写错了：{problem}", f"{path.name}: {problem}") from problem
    return template
