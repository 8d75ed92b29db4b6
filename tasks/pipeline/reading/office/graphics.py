"""The words and figures in charts and diagrams of Office documents, from the data that is saved with them."""

from __future__ import annotations

import re

from lxml import etree

from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MAX_POINTS = 2_000


def chart_blocks(root: etree._Element) -> list[Block]:
    """The title, and a row for each category with the values of all series; none when figures are dates."""
    title = "".join(root.xpath("string(.//*[local-name()='chart']/*[local-name()='title'])").split("\n"))
    series = [_series(each) for each in root.iter(f"{CHART}ser")]
    rows: dict[str, list[str]] = {}
    for name, points in series:
        if points is None or sum(map(len, rows.values())) > MAX_POINTS:
            return []
        for category, value in points:
            row = rows.setdefault(category, [])
            row.append(f"{name}: {value}" if name else value)
    blocks = [Block(kind=BlockKind.CAPTION, text=title)] if title.strip() else []
    for category, values in rows.items():
        is_pair = len(series) == 1 and category and not series[0][0]
        text = (
            f"{category}: {values[0]}" if is_pair else "; ".join(each for each in (category, *values) if each)
        )
        blocks.append(Block(kind=BlockKind.TABLE_ROW, text=text))
    return blocks


def _series(element: etree._Element) -> tuple[str, list[tuple[str, str]] | None]:
    name = " ".join(value.text or "" for value in element.iterfind(f"{CHART}tx//{CHART}v"))
    categories = _points(element, "cat", "xVal")
    values = _points(element, "val", "yVal")
    if values is None or categories is None:
        return name, None
    return name, [(categories.get(index, ""), value) for index, value in list(values.items())[:MAX_POINTS]]


def _points(series: etree._Element, *names: str) -> dict[str, str] | None:
    """By their index; None for dates, which are saved as numbers of days."""
    for name in names:
        for data in series.iterfind(f"{CHART}{name}"):
            cache = next((each for each in data.iter() if each.tag.endswith(("Cache", "Lit"))), None)
            if cache is None:
                continue
            code = cache.findtext(f"{CHART}formatCode") or "General"
            if re.search(
                r"[dmyhs]", re.sub(r'"[^"]{0,40}"|\[[^\]]{0,20}\]|General', "", code), re.IGNORECASE
            ):
                return None
            level = cache.find(f"{CHART}lvl")
            points = (cache if level is None else level).iterfind(f"{CHART}pt")
            is_number = cache.tag.startswith(f"{CHART}num")
            return {
                point.get("idx", ""): _number(text, code) if is_number else text
                for point in points
                if (text := point.findtext(f"{CHART}v") or "")
            }
    return {}


def _number(text: str, code: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return f"{value * 100:.6g}%" if "%" in code else f"{value:.12g}"


def diagram_blocks(root: etree._Element) -> list[Block]:
    """The texts of a SmartArt diagram, each under the one it belongs to."""
    points = {point.get("modelId", ""): point for point in root.iter(f"{DIAGRAM}pt")}
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(f"{DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = int(link.get("srcOrd", "0")) if link.get("srcOrd", "0").isdigit() else 0
            children.setdefault(link.get("srcId", ""), []).append((order, link.get("destId", "")))
    ordered, waiting, seen = (
        [],
        [key for key, each in points.items() if each.get("type") == "doc"],
        set[str](),
    )
    while waiting:
        key = waiting.pop()
        if key in points and key not in seen:
            seen.add(key)
            ordered.append(points[key])
            waiting += [target for _, target in sorted(children.get(key, []), reverse=True)]
    ordered += [
        point for key, point in points.items() if key not in seen and point.get("type", "node") == "node"
    ]
    blocks = []
    for point in ordered[:MAX_POINTS]:
        if point.get("type", "node") != "node":
            continue
        for paragraph in point.iterfind(f"{DIAGRAM}t/{DRAWING}p"):
            text = "".join(each.text or "" for each in paragraph.iter(f"{DRAWING}t"))
            if text.strip():
                blocks.append(Block(kind=BlockKind.LIST_ITEM, text=text))
    return blocks
