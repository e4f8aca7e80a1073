"""A line at the foot of each page of a PDF that this platform made. Never for files from outside: see `pdf_text`."""

import ctypes
import io

import pypdfium2
import pypdfium2.raw as pdfium

_SIZE, _LEFT, _BOTTOM = 7.0, 28.0, 14.0  # points


def marked_pdf(data: bytes, line: str) -> bytes:
    """Return the PDF with a line of ASCII at the foot of every page."""
    text = line.encode("ascii", "replace").decode("ascii")
    document = pypdfium2.PdfDocument(data)
    try:
        for number in range(len(document)):
            page = document[number]
            item = pdfium.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", _SIZE)
            letters = ctypes.create_string_buffer(f"{text}\0".encode("utf-16-le"))
            pdfium.FPDFText_SetText(item, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)))
            pdfium.FPDFPageObj_Transform(item, 1, 0, 0, 1, _LEFT, _BOTTOM)
            pdfium.FPDFPage_InsertObject(page.raw, item)
            pdfium.FPDFPage_GenerateContent(page.raw)
            page.close()
        out = io.BytesIO()
        document.save(out)
    finally:
        document.close()
    return out.getvalue()
