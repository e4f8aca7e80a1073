"""Take the pictures of docs/images from a running demonstration (`make demo`), at 1440 and 390 px.

ZHIJIAN_HOME=var .venv/bin/python scripts/screenshots.py [--site http://127.0.0.1:8000] [--to docs/images]
"""

import argparse
import json
import shutil
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from zhijian.infrastructure.home import current_home

WIDTHS = {1440: 900, 390: 844}


def sign_in(page: Page, site: str, username: str, password: str) -> None:
    """Sign in an officer, or a firm's person (`<code>/<name>`) at the firms' own door."""
    code, _, person = username.partition("/")
    if person:
        page.goto(f"{site}/my/sign-in/")
        page.fill("input[name=uscc]", code)
        page.fill("input[name=username]", person)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/my/")
        return
    page.goto(f"{site}/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/work/**")


def take(
    browser: Browser,
    site: str,
    folder: Path,
    pages: dict[str, tuple[str, str | None]],
    accounts: dict[str, str],
) -> None:
    """Save each page at both widths; `pages` gives address and account (or none)."""
    for width, height in WIDTHS.items():
        for account in sorted({name or "" for _, name in pages.values()}):
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            page = context.new_page()
            if account:
                sign_in(page, site, account, accounts[account])
            for name, (path, owner) in pages.items():
                if (owner or "") != account:
                    continue
                page.goto(f"{site}{path}", wait_until="networkidle")
                if name == "verify":
                    page.click("text=在我的设备上核验")
                    page.wait_for_selector(".answer-ok, .answer-err", timeout=60000)
                page.screenshot(path=str(folder / f"{name}-{width}.png"), full_page=True)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--to", type=Path, default=Path("docs/images"))
    parser.add_argument("--pages", type=json.loads, help="name: [path, account or null], as JSON")
    options = parser.parse_args()
    accounts = json.loads((current_home().root / "demo" / "accounts.json").read_text("utf-8"))
    options.to.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        take(browser, options.site, options.to, options.pages or default_pages(accounts), accounts)
        browser.close()


def default_pages(accounts: dict[str, str]) -> dict[str, tuple[str, str | None]]:
    """The eight pages of the documents."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhijian.infrastructure.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    from zhijian.apps.supervision.inspection.models import Check
    from zhijian.engines.facts.models import Fact

    check = Check.objects.filter(task__plan_id="GD-2026-0002").order_by("number")[0]
    penalties = Fact.objects.filter(kind="penalty.decided", public_until__gte=date(2026, 12, 31))
    shown = penalties.filter(subject__in=Check.objects.values("uscc")).order_by("-occurred_on")[0].subject
    inspector = check.inspector_first.username
    return {
        "home": ("/", None),
        "search": ("/entities/?q=食品", None),
        "entity": (f"/entities/{shown}/", None),
        "draw": ("/draws/GD-2026-0001/", None),
        "verify": ("/verify/?draw=GD-2026-0001", None),
        "data": ("/data/", None),
        "workbench": ("/work/", inspector),
        "task": (f"/work/checks/{check.pk}/", inspector),
        "entity-officer": (f"/entities/{check.uscc}/", inspector),
        "results": ("/results/", None),
    }


if __name__ == "__main__":
    main()
