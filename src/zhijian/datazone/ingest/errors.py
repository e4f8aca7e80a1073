"""What can be wrong with a delivery as a whole. Each error says what, where and how to mend it, in two languages."""

from collections.abc import Sequence

from zhijian.standards.bilingual import BilingualError


class DeliveryError(BilingualError):
    """A file that cannot be taken in. Nothing was written; the file stays as it is."""

    wording = "{zh}\n{en}"
    code = "delivery_error"

    def __init__(self, message_zh: str, message_en: str, *, line: int | None = None) -> None:
        super().__init__(message_zh, message_en)
        self.line = line

    def to_dict(self) -> dict[str, object]:
        """Return the error for programs."""
        return {
            "error": self.code,
            "message_zh": self.message_zh,
            "message_en": self.message_en,
            "line": self.line,
        }


class NotAFile(DeliveryError):
    """The path is a folder, or there is nothing."""

    code = "not_a_file"


class EmptyDelivery(DeliveryError):
    """The file has no bytes, or no row below its header."""

    code = "empty"


class UnknownFormat(DeliveryError):
    """The content is none of the formats that are read."""

    code = "unknown_format"

    @classmethod
    def of(cls, what_zh: str, what_en: str, line: int | None = None) -> "UnknownFormat":
        return cls(
            f"{what_zh}。可接收 CSV、Excel（.xlsx、.xls）、JSON Lines、Parquet，可用 gzip 压缩；请重新导出。",
            f"{what_en}. CSV, Excel (.xlsx, .xls), JSON Lines and Parquet are read, gzipped or not; "
            "export it again.",
            line=line,
        )


class TruncatedDelivery(DeliveryError):
    """A compressed file ends before its end, or its checksum fails."""

    code = "truncated"

    @classmethod
    def after(cls, line: int, *, is_damaged: bool) -> "TruncatedDelivery":
        what_zh = "压缩内容损坏" if is_damaged else "压缩文件不完整，传输可能中断"
        what_en = "The compressed content is damaged" if is_damaged else "The compressed file ends too early"
        where_zh = f"第{line}行之后无法读取" if line else "从第1行起就无法读取"
        where_en = f"nothing can be read after line {line}" if line else "not even line 1 can be read"
        return cls(
            f"{what_zh}：{where_zh}。请重新传输原文件并核对大小或校验和。",
            f"{what_en}: {where_en}. Send the file again and compare its size or checksum.",
            line=line,
        )


class WrongEncoding(DeliveryError):
    """Bytes that are neither UTF-8 nor GB18030."""

    code = "wrong_encoding"

    @classmethod
    def at(cls, line: int, sample: bytes, expected: str) -> "WrongEncoding":
        """`expected`: the encoding that the rest of the file is in, or both that are read, as `UTF-8/GB18030`."""
        shown, zh, en = sample[:12].hex(" "), expected.replace("/", " 或 "), expected.replace("/", " or ")
        return cls(
            f"第{line}行有字节（{shown}）不合 {zh} 编码。请用 UTF-8 或 GB18030 一种编码重新导出整个文件。",
            f"Line {line} has bytes ({shown}) that are not {en}. Export the whole file again in one "
            "encoding, UTF-8 or GB18030.",
            line=line,
        )

    @classmethod
    def is_big5(cls, line: int) -> "WrongEncoding":
        """`line`: the first with characters that are not ASCII."""
        return cls(
            f"文件像是 Big5（繁体）编码，从第{line}行起；按 GB18030 读会成乱码，所以没有接收。请另存为 UTF-8 后重新交付。",
            f"The file seems to be in Big5, from line {line}; read as GB18030 it would be garbled, so it is not taken. "
            "Save it in UTF-8 and deliver that.",
            line=line,
        )

    @classmethod
    def is_utf_16(cls) -> "WrongEncoding":
        return cls(
            "文件是 UTF-16 编码（Excel 的“Unicode 文本”即是），不能接收。请另存为 UTF-8 编码的 CSV 后重新交付。",
            "The file is in UTF-16 (as Excel's 'Unicode text' is), which is not read. Save it as CSV in UTF-8 and "
            "deliver that.",
            line=1,
        )


class LineTooLong(DeliveryError):
    """A line longer than the limit: usually a lost line break or a file of another kind."""

    code = "line_too_long"

    @classmethod
    def at(cls, line: int, limit_bytes: int) -> "LineTooLong":
        return cls(
            f"第{line}行超过{_size(limit_bytes)}的上限。请检查换行是否丢失；确有需要时可调高上限（--max-line-bytes）。",
            f"Line {line} is longer than the limit of {_size(limit_bytes)}. Look for lost line breaks; raise the "
            "limit (--max-line-bytes) if the line is right.",
            line=line,
        )


class DecompressionBomb(DeliveryError):
    """A file that would grow beyond all measure when unpacked."""

    code = "decompression_bomb"

    @classmethod
    def of(cls, packed_bytes: int, unpacked_bytes: int, limit: str) -> "DecompressionBomb":
        return cls(
            f"文件压缩后{_size(packed_bytes)}，解压将超过{_size(unpacked_bytes)}，超出上限（{limit}），已停止读取。"
            "请交付未经重复压缩的原始导出文件。",
            f"The file has {_size(packed_bytes)} and would unpack to more than {_size(unpacked_bytes)}, beyond the "
            f"limit ({limit}); reading was stopped. Deliver the plain export.",
        )


class BadHeader(DeliveryError):
    """Columns that the contract requires are missing, or one column came twice."""

    code = "bad_header"

    @classmethod
    def missing(cls, missing: Sequence[tuple[str, str, str | None]], found: Sequence[str]) -> "BadHeader":
        """`missing`: id, Chinese label and the nearest header, if one is near."""
        zh = "；".join(
            f"缺少“{label}”（{name}）" + (f"，最接近的表头是“{near}”" if near else "")
            for name, label, near in missing
        )
        en = "; ".join(
            f"column {name!r} ({label}) is missing" + (f", the nearest header is {near!r}" if near else "")
            for name, label, near in missing
        )
        return cls(
            f"{zh}。文件中的表头：{'、'.join(found)}。请补上该列，或把表头改为上述名称。",
            f"{en[0].upper()}{en[1:]}. Headers found: {', '.join(found)}. Add the column or rename the header.",
            line=1,
        )

    @classmethod
    def twice(cls, name: str, label: str, headers: Sequence[str]) -> "BadHeader":
        return cls(
            f"“{label}”（{name}）有{len(headers)}列：{'、'.join(headers)}。请只保留一列。",
            f"Column {name!r} ({label}) came {len(headers)} times: {', '.join(headers)}. Keep one.",
            line=1,
        )


class ManySheets(DeliveryError):
    """A workbook with content on more than one sheet: which of them is meant is not ours to guess."""

    code = "many_sheets"

    @classmethod
    def named(cls, sheets: Sequence[str]) -> "ManySheets":
        return cls(
            f"工作簿有{len(sheets)}张有内容的工作表：{'、'.join(sheets)}。一次只接收一张；请把每张要交付的表各存为一个文件，"
            "其余的表删去。",
            f"The workbook has {len(sheets)} sheets with content: {', '.join(sheets)}. One is read at a time; save each "
            "sheet to deliver as a file of its own and remove the others.",
        )


class NotEnoughSpace(DeliveryError):
    """The disk is full, or would be."""

    code = "not_enough_space"

    @classmethod
    def needing(cls, needed_bytes: int, free_bytes: int, where: str) -> "NotEnoughSpace":
        return cls(
            f"磁盘空间不足：{where} 约需{_size(needed_bytes)}，现余{_size(free_bytes)}。未写入任何内容；"
            "请腾出空间后重新交付同一文件。",
            f"Not enough disk space: {where} needs about {_size(needed_bytes)}, {_size(free_bytes)} are free. "
            "Nothing was written; make room and deliver the same file again.",
        )


class IngestBusy(DeliveryError):
    """Another delivery is being taken in."""

    code = "busy"

    @classmethod
    def held(cls, holder: str) -> "IngestBusy":
        return cls(
            f"另一次导入正在进行（{holder}）。请等它完成后重试，或去掉 --no-wait 排队等候。",
            f"Another ingest is at work ({holder}). Try again when it has ended, or wait by leaving out --no-wait.",
        )


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    if count < 1024**2:
        return f"{count / 1024:.1f} KiB"
    return f"{count / 1024**2:.1f} MiB" if count < 1024**3 else f"{count / 1024**3:.1f} GiB"
