"""Bring in what the portal uses of other people's work, trimmed to what it uses.

Unpack the npm packages side by side and name the folder:

    npm pack @tabler/core@1.4.0 htmx.org@2.0.11 @tabler/icons@3.52.0 bpmn-js@18.31.1 dmn-js@17.10.2
    python scripts/vendor_portal_assets.py FOLDER

FOLDER holds tabler-core-1.4.0/, htmx.org-2.0.11/, tabler-icons-3.52.0/, bpmn-js-18.31.1/ and dmn-js-17.10.2/;
what is not there is left as it is. Everything is written under src/zhijian/portal/static/vendor/, with each
licence beside it. The output is the same for the same input.
"""

import re
import shutil
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "src/zhijian/portal/static"
TABLER, HTMX, ICONS = "tabler-core-1.4.0", "htmx.org-2.0.11", "tabler-icons-3.52.0"
BPMN, DMN = "bpmn-js-18.31.1", "dmn-js-17.10.2"

# Classes that pages may use. A class that is not named here is not in the trimmed file.
CLASSES = set(
    """
    container-xl row col col-12 col-md-6 col-lg-4 col-lg-6 col-lg-8 g-2 g-3
    d-none d-block d-flex d-grid d-inline d-inline-block d-md-none d-md-block d-lg-none d-lg-block
    flex-wrap flex-column flex-fill align-items-center align-items-start justify-content-between
    gap-1 gap-2 gap-3 m-0 mb-0 mb-1 mb-2 mb-3 mb-4 mt-0 mt-1 mt-2 mt-3 mt-4 p-0 p-2 p-3 w-100 h-100
    text-center text-end text-nowrap text-break text-secondary text-start
    visually-hidden visually-hidden-focusable
    btn btn-primary btn-outline-primary btn-outline-secondary btn-link btn-danger btn-sm btn-lg btn-icon
    disabled active show
    card card-body card-header card-footer card-title
    form-control form-select form-label form-check form-check-input form-check-label form-check-inline
    form-hint form-control-sm form-select-sm form-control-lg is-invalid invalid-feedback required input-group
    table table-sm table-responsive table-vcenter
    list-unstyled list-inline list-inline-item
    """.split()
)
PSEUDO = re.compile(r":not\([^)]*\)")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
# Elements and attributes that no page has.
STRANGE = re.compile(
    r"\[dir=rtl\]|data-bs-theme-|\[data-bs-toggle|\[data-bs-popper|::-webkit-scroll|\.theme-|apexcharts"
)

ICON_NAMES = """
    search menu-2 alert-triangle alert-octagon circle-check award copy dice-3 gavel file-text flag lock
    download external-link chevron-right chevron-left chevron-down map-2 table x check clock player-pause
    square circle cloud-off camera photo upload user users login-2 logout language text-size building-store
    info-circle circle-x refresh printer filter history database list-check map-pin phone calendar edit
    trash plus minus arrow-right arrow-back-up eye scale message-report hash clipboard-check signature home
    wifi-off file-check ban help-circle certificate key stack-2
    """.split()


def split_rules(css: str) -> list[tuple[str, str]]:
    """Return (prelude, body) of each top-level rule; body is '' for statements such as @charset."""
    rules, start, depth, opened = [], 0, 0, 0
    quote = ""
    for position, letter in enumerate(css):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == ";" and depth == 0:
            start = position + 1
        elif letter == "{":
            opened = position if depth == 0 else opened
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                rules.append((css[start:opened].strip(), css[opened + 1 : position]))
                start = position + 1
    return rules


def split_selectors(prelude: str) -> list[str]:
    return [part.strip() for part in re.split(r",(?![^()]*\))", prelude)]


def is_kept(selector: str) -> bool:
    if STRANGE.search(selector):
        return False
    plain = PSEUDO.sub("", selector)
    return set(CLASS.findall(plain)) <= CLASSES


def trim(css: str) -> str:
    kept = []
    for prelude, body in split_rules(css):
        if prelude.startswith(("@media", "@supports")):
            inner = trim(body)
            if inner and "print" not in prelude:
                kept.append(f"{prelude}{{{inner}}}")
        elif prelude.startswith("@"):
            continue  # keyframes and font faces: no page moves or loads a font
        else:
            selectors = [one for one in split_selectors(prelude) if is_kept(one)]
            if selectors:
                kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def drop_unused_variables(css: str) -> str:
    """Leave out custom properties that nothing in the trimmed file reads."""
    while True:
        used = set(re.findall(r"var\((--[\w-]+)", css))
        thinner = re.sub(
            r"(--[\w-]+):([^;{}\"']|\"[^\"]*\"|'[^']*')*;?",
            lambda found, used=used: found.group(0) if found.group(1) in used else "",
            css,
        )
        thinner = re.sub(r"[^{}]+\{\}", "", thinner)
        if thinner == css:
            return css
        css = thinner


def vendor_tabler(packages: Path) -> None:
    target = STATIC / "vendor" / TABLER
    target.mkdir(parents=True, exist_ok=True)
    css = (packages / TABLER / "dist/css/tabler.min.css").read_text("utf-8")
    head = css[css.index("/*!") : css.index("*/") + 2].replace("/*!", "/*! Trimmed.", 1)
    body = drop_unused_variables(trim(re.sub(r"/\*.*?\*/", "", css, flags=re.S)))
    (target / "tabler.css").write_text(f'@charset "UTF-8";\n{head}\n' + body.replace("}", "}\n"), "utf-8")
    licence = (packages / ICONS / "LICENSE").read_text("utf-8")  # the core package ships the word MIT only
    holders = "Copyright (c) 2018-2025 The Tabler Authors\nCopyright (c) 2018-2025 codecalm.net Paweł Kuna"
    (target / "LICENSE").write_text(re.sub(r"Copyright \(c\) .*", holders, licence, count=1), "utf-8")


def vendor_htmx(packages: Path) -> None:
    target = STATIC / "vendor" / HTMX
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(packages / HTMX / "dist/htmx.min.js", target / "htmx.min.js")
    shutil.copyfile(packages / HTMX / "LICENSE", target / "LICENSE")


def vendor_icons(packages: Path) -> None:
    target = STATIC / "vendor" / ICONS
    target.mkdir(parents=True, exist_ok=True)
    symbols = []
    for name in sorted(set(ICON_NAMES)):
        source = (packages / ICONS / f"icons/outline/{name}.svg").read_text("utf-8")
        shapes = "".join(re.findall(r"<(?:path|circle|rect|line)[^>]*/>", source)[1:])
        shapes = re.sub(r"\s+", " ", shapes).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    text = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (target / "sprite.svg").write_text(text, "utf-8")
    shutil.copyfile(packages / ICONS / "LICENSE", target / "LICENSE")


def vendor_modeller(packages: Path, name: str, script: str, styles: tuple[str, ...], font: str) -> None:
    """Take a modeller whole: its script unchanged with its mark, its styles as one file, its font as woff2 only."""
    source, target = packages / name, STATIC / "vendor" / name
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "dist" / script, target / script)
    shutil.copyfile(source / "LICENSE", target / "LICENSE")
    shutil.copyfile(source / f"dist/assets/{font}-font/font/{font}.woff2", target / f"{font}.woff2")
    icons = (source / f"dist/assets/{font}-font/css/{font}.css").read_text("utf-8")
    icons = re.sub(r"/\*.*?\*/", "", icons, flags=re.S).replace('@charset "utf-8";', "")
    face = f"src: url('{font}.woff2') format('woff2');"
    icons = re.sub(r"src: url.*?format\('svg'\);", face, icons, flags=re.S)
    parts = [(source / f"dist/assets/{style}").read_text("utf-8") for style in styles]
    (target / f"{font}.css").write_text("\n".join([icons, *parts]).strip() + "\n", "utf-8")


VENDORS = {
    TABLER: vendor_tabler,
    HTMX: vendor_htmx,
    ICONS: vendor_icons,
    BPMN: lambda packages: vendor_modeller(
        packages, BPMN, "bpmn-modeler.production.min.js", ("diagram-js.css", "bpmn-js.css"), "bpmn"
    ),
    DMN: lambda packages: vendor_modeller(
        packages,
        DMN,
        "dmn-modeler.production.min.js",
        (
            "diagram-js.css",
            "dmn-js-shared.css",
            "dmn-js-drd.css",
            "dmn-js-boxed-expression.css",
            "dmn-js-boxed-expression-controls.css",
            "dmn-js-decision-table.css",
            "dmn-js-decision-table-controls.css",
            "dmn-js-literal-expression.css",
        ),
        "dmn",
    ),
}

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    for package, bring_in in VENDORS.items():
        if (folder / package).is_dir():
            bring_in(folder)
