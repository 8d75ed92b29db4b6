"""Lighthouse and the Nu HTML checker on the public pages of a site that is running: by `make pages`.

Needs node, java and Chromium, and gets both checkers from npm. It is no part of `make test`: what they say
of speed depends on what else the machine does. Exit status 1 when a page has less than 100 of 100, or HTML
that is not valid.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.test_services import find_browser

LIGHTHOUSE, NU = "lighthouse@12.8.2", "vnu-jar@26.9.27"
CHROME_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-sync"
PATHS = ("/", "/archive/", "/about/", "/corrections/", "/search/?q=trees", "/search/?q=qzx", "/none/")
FIRST_OF = ("posts", "category", "tag", "author")
"""Of each kind, the page to which the front page or the newest post leads first."""
WANTED = {
    "/search/": ["is-crawlable"],  # results are not for search engines
    "/none/": ["is-crawlable", "http-status-code", "errors-in-console"],  # nor is what does not exist
}
"""What is meant to be as it is."""


def main() -> int:
    site = (sys.argv[1:] or ["http://127.0.0.1:8000"])[0].rstrip("/")
    pages = {path: fetch(site + path) for path in paths(site)}
    results = [measure(site, path) for path in pages]
    return 1 if invalid(pages) or not all(results) else 0


def paths(site: str) -> list[str]:
    found: dict[str, str] = {}
    html = fetch(f"{site}/")
    for kind in FIRST_OF:
        if match := re.search(rf'href="(/{kind}/[^"/]+/)"', html):
            found[kind] = match[1]
            html += fetch(site + match[1]) if kind == "posts" else ""
    if 'href="?page=2"' in html:
        found["older"] = "/?page=2"
    return [*PATHS, *found.values()]


def fetch(url: str) -> str:
    """The page; asked for as browsers do, so that what they get from the site's memory is compressed."""
    for coding in (*["br, gzip"] * 8, "identity"):  # each process keeps its own
        try:
            with urlopen(Request(url, headers={"Accept-Encoding": coding}), timeout=30) as answer:
                body = answer.read()
        except HTTPError as error:
            body = error.read()
    return str(body, "utf-8")


def measure(site: str, path: str) -> bool:
    """Print one line of figures; whether all scores are 100."""
    wanted = [audit for start, audits in WANTED.items() if path.startswith(start) for audit in audits]
    command = [
        "npx", "--yes", LIGHTHOUSE, site + path, "--quiet", "--output=json", "--ignore-status-code",
        f"--chrome-flags={CHROME_FLAGS}", *(f"--skip-audits={audit}" for audit in wanted),
    ]  # fmt: skip
    environ = os.environ | {"CHROME_PATH": find_browser() or ""}
    report = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, env=environ).stdout
    )
    scores = [round(100 * (category["score"] or 0)) for category in report["categories"].values()]
    print(f"{path:40} {'/'.join(map(str, scores)):16} {figures(report['audits'])}", flush=True)
    return min(scores) == 100


def figures(audits: dict[str, Any]) -> str:
    lcp, shift, blocked = (
        audits[name]["numericValue"]
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "total-blocking-time")
    )
    asked = audits["network-requests"]["details"]["items"]
    sizes = {
        kind: sum(one["transferSize"] for one in asked if one["resourceType"] == kind)
        for kind in ("Document", "Stylesheet", "Script")
    }
    return (
        f"LCP {lcp / 1000:.2f} s  CLS {shift:.3f}  TBT {blocked:.0f} ms  {len(asked)} requests  "
        + "  ".join(f"{kind} {size}" for kind, size in sizes.items())
    )


def invalid(pages: dict[str, str]) -> bool:
    """Whether the checker has an error or a warning to print about any of them."""
    with tempfile.TemporaryDirectory() as directory:
        for number, html in enumerate(pages.values()):
            Path(directory, f"{number}.html").write_text(html)
        command = ["npx", "--yes", NU, "--format", "gnu", "--skip-non-html", directory]
        said = subprocess.run(command, capture_output=True, text=True)
    print(said.stdout + said.stderr or f"Nu: nothing to say about {len(pages)} pages")
    return said.returncode != 0 or "warning" in said.stderr


if __name__ == "__main__":
    sys.exit(main())
