"""What may be handed in for which purpose. Everything else is refused, whatever its name says."""

from dataclasses import dataclass

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURES = frozenset({JPEG, PNG})


@dataclass(frozen=True)
class Purpose:
    """Kinds of file that are taken, the greatest size, and how both are called."""

    mimes: frozenset[str]
    limit_bytes: int
    what_zh: str  # 这张照片
    what_en: str
    takes_zh: str  # 照片（JPG、PNG）或PDF
    takes_en: str
    mend_zh: str
    mend_en: str


PHOTO = Purpose(
    frozenset({JPEG, PNG, PDF}),
    20 * 1024 * 1024,
    "这张照片",
    "The photo",
    "照片（JPG、PNG）或PDF",
    "a photo or PDF",
    "请换一张，或用“拍照”直接拍。已填的内容都在。",
    "Choose another, or take one here. Your answers are kept.",
)
PAPER = Purpose(
    frozenset({JPEG, PNG, PDF, DOCX, XLSX}),
    20 * 1024 * 1024,
    "这个文件",
    "The file",
    "照片（JPG、PNG）、PDF、Word（docx）或Excel（xlsx）",
    "a photo (JPG, PNG), PDF, Word (docx) or Excel (xlsx)",
    "请拆成几份，或另存为PDF再交。已填的内容都在。",
    "Split it, or save it as PDF. Your answers are kept.",
)
