"""Pictures on a paper, drawn as SVG: the invented seal and the QR code."""

import io
import math
from xml.sax.saxutils import escape

import segno

_RED = "#c00000"


def seal_svg(name: str) -> str:
    """Draw a round seal with a name along its edge. It is invented and says so in its middle: 示例."""
    shown = name[:24]
    spread = min(250.0, 22.0 * len(shown))  # degrees of the circle that the name takes
    letters = []
    for place, letter in enumerate(shown):
        angle = -spread / 2 + spread * (place + 0.5) / max(len(shown), 1)
        x, y = 50 + 37 * math.sin(math.radians(angle)), 50 - 37 * math.cos(math.radians(angle))
        letters.append(
            f'<text x="{x:.2f}" y="{y:.2f}" transform="rotate({angle:.2f} {x:.2f} {y:.2f})" text-anchor="middle" '
            f'dominant-baseline="central" font-size="9">{escape(letter)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100" height="100">'
        f'<circle cx="50" cy="50" r="47" fill="none" stroke="{_RED}" stroke-width="2.4"/>'
        f'<g font-family="Noto Serif SC" fill="{_RED}">{"".join(letters)}'
        f'<text x="50" y="56" text-anchor="middle" font-size="15">示例</text>'
        f'<text x="50" y="72" text-anchor="middle" font-size="7">非真实印章</text></g></svg>'
    )


def qr_svg(address: str, *, is_scalable: bool = False) -> str:
    """Draw an address as a QR code, error correction M; a scalable one takes the width that its page gives it."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=2, xmldecl=False, scale=4, omitsize=is_scalable
    )
    return out.getvalue().decode("utf-8")
