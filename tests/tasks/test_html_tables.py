"""Tables of data become rows that name their columns; tables that are layout are read like the rest."""

from __future__ import annotations

import pytest

from tests.tasks.html_pages import FILLER, kinds, texts


def rows(table: str, *, lang: str = "en") -> list[str]:
    return [text for kind, text in kinds(f"{FILLER}{table}", lang=lang) if kind == "table_row"]


@pytest.mark.parametrize(
    ("table", "right"),
    [
        (
            "<table><caption>Ships</caption><tr><th>Year</th><th>Ships</th></tr><tr><td>2023</td>"
            "<td>401</td></tr>"
            "<tr><td>2024</td><td>412</td></tr></table>",
            ["Year: 2023; Ships: 401", "Year: 2024; Ships: 412"],
        ),
        (  # Columns to sort by, and headings repeated for narrow screens.
            "<table><tr><th><button>Port</button></th><th><button>Ships</button></th></tr><tr><td>"
            "<span>Port:</span> Bergen</td><td>412</td></tr></table>",
            ["Port: Bergen; Ships: 412"],
        ),
        (  # A heading for each row, and an empty corner.
            "<table><tr><td></td><th>2023</th><th>2024</th></tr><tr><th>Ships</th><td>401</td>"
            "<td>412</td></tr></table>",
            ["Ships; 2023: 401; 2024: 412"],
        ),
        (
            "<table><thead><tr><th>Port<th>Ships<tbody><tr><th scope=row>Bergen<td>412</table>",
            ["Port: Bergen; Ships: 412"],
        ),
        (  # Two rows of headings.
            "<table><tr><th rowspan=2>Port</th><th colspan=2>2023</th><th colspan=2>2024</th></tr>"
            "<tr><th>Ships</th><th>Crates</th><th>Ships</th><th>Crates</th></tr>"
            "<tr><td>Bergen</td><td>401</td><td>9</td><td>412</td><td>10</td></tr></table>",
            ["Port: Bergen; 2023 Ships: 401; 2023 Crates: 9; 2024 Ships: 412; 2024 Crates: 10"],
        ),
        (  # A title above the headings.
            "<table><tr><th colspan=3>By port</th></tr><tr><th>Port</th><th>2023</th><th>2024</th></tr>"
            "<tr><td>Bergen</td><td>401</td><td>412</td></tr></table>",
            ["By port", "Port: Bergen; 2023: 401; 2024: 412"],
        ),
        (  # Words above, figures below, and no header cells.
            "<table><tr><td>Year<td>Ships<tr><td>2024<td>412</table>", ["Year: 2024; Ships: 412"],
        ),
        (  # A cell that reaches down.
            "<table><tr><th>Year</th><th>Port</th><th>Ships</th></tr><tr><td"
            " rowspan=2>2024</td><td>Bergen</td>"
            "<td>412</td></tr><tr><td>Oslo</td><td>37</td></tr></table>",
            ["Year: 2024; Port: Bergen; Ships: 412", "Year: 2024; Port: Oslo; Ships: 37"],
        ),
        (  # A cell that spans columns of figures.
            "<table><tr><th>Port</th><th>2023</th><th>2024</th></tr><tr><td>Bergen</td><td"
            " colspan=2>closed</td></tr></table>",
            ["Port: Bergen; 2023, 2024: closed"],
        ),
        (  # No header cells, but words above figures.
            "<table><tr><td>Port</td><td>Ships</td></tr><tr><td>Bergen</td><td>412</td></tr><tr>"
            "<td>Oslo</td><td>37</td></tr></table>",
            ["Port: Bergen; Ships: 412", "Port: Oslo; Ships: 37"],
        ),
        (  # Bold cells are headings.
            "<table><tr><td><b>Port</b></td><td><b>Pilot</b></td></tr><tr><td>Bergen</td><td>Hansen"
            "</td></tr></table>",
            ["Port: Bergen; Pilot: Hansen"],
        ),
        ("<table><tr><td>Mon</td><td><ul><li>10:00 to"
         " 20:00</li></ul></td></tr><tr><td>Tue</td><td><ul><li>Closed</li></ul></td></tr></table>",
         ["Mon: 10:00 to 20:00", "Tue: Closed"]),
        ("<table><tr><td>Open</td><td><ul><li>Mon</li><li>Tue</li></ul></td></tr><tr><td>Shut</td>"
         "<td>Sun</td></tr></table>",
         ["Open: Mon, Tue", "Shut: Sun"]),
        (  # An infobox.
            "<table class=infobox><tr><th colspan=2>Bergen</th></tr><tr><th>Country</th><td>Norway</td></tr>"
            "<tr><th colspan=2>Area</th></tr><tr><th>Total</th><td>465 km<sup>2</sup></td></tr></table>",
            ["Bergen", "Country: Norway", "Area Total: 465 km²"],
        ),
        (  # Groups of rows.
            "<table><tr><th>Port</th><th>Ships</th></tr><tr><th"
            " colspan=2>North</th></tr><tr><td>Bodø</td><td>12</td></tr>"
            "<tr><th colspan=2>West</th></tr><tr><td>Bergen</td><td>412</td></tr></table>",
            ["North; Port: Bodø; Ships: 12", "West; Port: Bergen; Ships: 412"],
        ),
        (  # A heading of rows without rows is not lost.
            "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>Bergen</td><td>412</td></tr>"
            "<tr><th colspan=2>West</th></tr></table>",
            ["Port: Bergen; Ships: 412", "West"],
        ),
        (  # Marks in cells.
            "<table><tr><th>Port</th><th>Ships<sup>a</sup></th></tr><tr><td>Bergen</td><td>412"
            "<sup>b</sup></td></tr></table>",
            ["Port: Bergen; Ships: 412"],
        ),
        (  # The foot is shown last wherever it stands.
            "<table><thead><tr><th>Port</th><th>Ships</th></tr></thead><tfoot><tr><td>All</td>"
            "<td>449</td></tr></tfoot>"
            "<tbody><tr><td>Bergen</td><td>412</td></tr></tbody></table>",
            ["Port: Bergen; Ships: 412", "Port: All; Ships: 449"],
        ),
        (  # Empty cells say nothing.
            "<table><tr><th>Port</th><th>Ships</th><th>Crates</th></tr><tr><td>Bergen</td><td></td>"
            "<td>10</td></tr></table>",
            ["Port: Bergen; Crates: 10"],
        ),
        (
            "<div role=table><div role=row><span role=columnheader>Port</span><span"
            " role=columnheader>Ships</span></div>"
            "<div role=row><span role=cell>Bergen</span><span role=cell>412</span></div></div>",
            ["Port: Bergen; Ships: 412"],
        ),
        ("<table><tr><td>Ships</td><td>412</td></tr></table>", ["Ships: 412"]),
        (
            "<table><tr><th>Jahr:</th><th>Schiffe</th></tr><tr><td>2024</td><td>1.412</td></tr></table>",
            ["Jahr: 2024; Schiffe: 1.412"],
        ),
        ("<table><tr><th>年</th><th>船</th></tr><tr><td>2024年</td><td>412隻</td></tr>"
         "</table>", ["年: 2024年; 船: 412隻"]),
        (  # A header row again, half way down.
            "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>Bergen</td><td>412</td></tr>"
            "<tr><th>Port</th><th>Crates</th></tr><tr><td>Oslo</td><td>37</td></tr></table>",
            ["Port: Bergen; Ships: 412", "Port: Oslo; Crates: 37"],
        ),
        (  # Figures in every row, and years above.
            "<table><tr><td></td><td>2023</td><td>2024</td></tr><tr><td>Ships</td><td>401</td>"
            "<td>412</td></tr>"
            "<tr><td>Crates</td><td>9</td><td>10</td></tr></table>",
            ["Ships; 2023: 401; 2024: 412", "Crates; 2023: 9; 2024: 10"],
        ),
    ],
)  # fmt: skip
def test_a_row_names_the_column_of_each_cell(table: str, right: list[str]) -> None:
    assert rows(table) == right


def test_a_caption_stands_before_the_rows() -> None:
    table = "<table><caption>Ships <b>by year</b></caption><tr><th>Year<th>Ships<tr><td>2024<td>412</table>"
    assert kinds(f"{FILLER}{table}")[-2:] == [
        ("caption", "Ships by year"),
        ("table_row", "Year: 2024; Ships: 412"),
    ]


LAYOUTS = [
    "<table><tr><td>{0}</td></tr></table>",
    "<table><tr><td><ul><li><a href=/>Home</a></li></ul></td><td>{0}</td></tr></table>",
    "<table><tr><td><table><tr><td>{0}</td></tr></table></td></tr></table>",
    "<table role=presentation><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>{0}</td></tr></table>",
    "<table width=100%><tr><td colspan=2>Harbour"
    " office</td></tr><tr><td>Menu</td><td><h2>News</h2>{0}</td></tr></table>",
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_that_is_layout_is_read_as_blocks(layout: str) -> None:
    found = kinds(layout.format(f"{FILLER}<p>It counted 412 ships.</p>"))
    assert ("paragraph", "It counted 412 ships.") in found
    assert ("paragraph", "A storm in April closed the harbour for six days.") in found
    assert not any(kind == "table_row" for kind, _ in found)


def test_a_table_of_data_inside_layout_keeps_its_rows() -> None:
    data = "<table><tr><th>Year<th>Ships<tr><td>2024<td>412</table>"
    found = kinds(f"<table><tr><td>{FILLER}{data}</td></tr></table>")
    assert ("table_row", "Year: 2024; Ships: 412") in found


def test_line_numbers_next_to_a_listing_are_left_out() -> None:
    listing = (
        "<table class=highlighttable><tr><td class=linenos><pre>1\n2</pre></td>"
        "<td class=code><pre>run()\nstop()</pre></td></tr></table>"
    )
    assert kinds(f"{FILLER}{listing}")[-1] == ("code", "run() stop()")


@pytest.mark.parametrize(
    "span", ["colspan=99999999", "rowspan=99999999", "colspan=-4", "rowspan=0", "colspan=x"]
)
def test_impossible_spans_do_no_harm(span: str) -> None:
    table = f"<table><tr><th>Year<th>Ships<tr><td {span}>2024<td>412<tr><td>2025<td>37</table>"
    assert "2024" in " ".join(texts(f"{FILLER}{table}"))
