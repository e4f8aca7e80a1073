"""Pictures for the yearly report, drawn as SVG for print: pass rates with their interval, counts as bars. Pure."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_WIDTH, _ROW, _NAME, _ROOM = 640, 34, 190, 110
_FONT = 'font-family="Noto Serif SC" font-size="14"'


def intervals(rows: Sequence[tuple[str, float, float, float, str]], *, target: float | None = None) -> str:
    """Draw (name, share, low, high, printed) from 0 to 1, with a line at the target."""
    across = _WIDTH - _NAME - _ROOM
    parts = []
    for number, (name, share, low, high, text) in enumerate(rows):
        middle = 8 + _ROW * number + _ROW / 2
        parts.append(
            f'<text x="0" y="{middle + 5:.0f}" {_FONT}>{escape(name)}</text>'
            f'<rect x="{_NAME}" y="{middle - 8:.0f}" width="{across * share:.1f}" height="16" fill="#8fb5d6"/>'
            f'<path d="M{_NAME + across * low:.1f} {middle:.0f}H{_NAME + across * high:.1f}" stroke="#17202b" stroke-width="1.5"/>'
            f'<text x="{_NAME + across * high + 8:.1f}" y="{middle + 5:.0f}" {_FONT}>{escape(text)}</text>'
        )
    height = 16 + _ROW * len(rows)
    if target is not None:
        x = _NAME + across * target
        parts.append(
            f'<path d="M{x:.1f} 4V{height - 4}" stroke="#8f1d17" stroke-width="1.5" stroke-dasharray="5 4"/>'
        )
    return _whole(height, parts)


def bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """Draw (name, value, printed) from 0."""
    most = max((value for _, value, _ in rows), default=0) or 1
    across = _WIDTH - _NAME - _ROOM
    parts = []
    for number, (name, value, text) in enumerate(rows):
        middle = 8 + _ROW * number + _ROW / 2
        width = across * value / most
        parts.append(
            f'<text x="0" y="{middle + 5:.0f}" {_FONT}>{escape(name)}</text>'
            f'<rect x="{_NAME}" y="{middle - 8:.0f}" width="{width:.1f}" height="16" fill="#8fb5d6"/>'
            f'<text x="{_NAME + width + 8:.1f}" y="{middle + 5:.0f}" {_FONT}>{escape(text)}</text>'
        )
    return _whole(16 + _ROW * len(rows), parts)


def _whole(height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">'
        f'<g fill="#17202b">{"".join(parts)}</g></svg>'
    )
