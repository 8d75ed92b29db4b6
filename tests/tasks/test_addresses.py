"""Addresses that are none of a text's sources: the words stay, the addresses do not."""

from __future__ import annotations

from tasks.pipeline.text.addresses import without_unknown_addresses

KNOWN = ("https://bees.example/", "https://wiki.example/x_(y)")
UNKNOWN = {
    "See [the study](https://evil.example/a) now.": "See the study now.",
    "See [the [1] *study*](<https://evil.example/a b> 'Title').": "See the [1] *study*.",
    "See [a\nb](https://evil.example).": "See a\nb.",
    "[1](https://evil.example)": "[1]",
    "[a](/posts/x), [b](//evil.example), [c](javascript:alert(1)), [d](page.html)": "a, b, c, d",
    '[a][r] and [r].\n\n[r]: https://evil.example/ "T"': "a and r.\n\n",
    "Bees [1].\n\n[1]: https://evil.example/": "Bees [1].\n\n",
    "![alt](https://evil.example/x.png)Bees.": "Bees.",
    "[![alt](https://evil.example/x.png)](https://evil.example/)": "",
    "<a href='https://evil.example'>Bees</a> dance.": "Bees dance.",
    "Bees <img src=//evil.example/x.png> dance.": "Bees dance.",
    "See https://evil.example/a, then go.": "See, then go.",
    "See (https://evil.example/a(b)).": "See.",
    "Bees dance: <https://evil.example>": "Bees dance:",
    "HTTPS://EVIL.example/a": "",
    "https\\://evil.example/a": "",
    "**https://evil.example/** Bees.": "Bees.",
    "Visit www.evil.example or evil.com/path.": "Visit or.",
    "Bees https://evil.example/[1] dance.": "Bees [1] dance.",
    "蜜蜂见https://evil.example/路径。然后": "蜜蜂见。然后",
    "- https://evil.example/\n- Bees": "- Bees",
    "| a | https://evil.example/x |": "| a | |",
    "`https://evil.example/x` Bees.": "Bees.",
    "[mail](mailto:eve@evil.example)": "mail",
}
STAYS = (
    "See [the study](https://bees.example/) and [more](https://bees.example).",
    "Visit <https://bees.example/> or https://bees.example.",
    "[x](https://wiki.example/x_(y)), https://wiki.example/x_(y).",
    "[a][r].\n\n[r]: https://bees.example/",
    "[Below](#the-dance)",
    "Booking.com, Node.js/express, and/or, TCP/IP, 10.0.0.1/24, main.py/x, v1.2.3/x: data: yes.",
    "`curl https://evil.example/x -o f` in  code",
    "```\ncurl https://evil.example\n```\n\n~~~\nhttps://evil.example",
    "a < b and \ue0047\ue005 [x] (y) **z**",
    "Keep  double  blanks  .\n\n    and indents\n- \n",
)


def test_words_stay_and_addresses_that_are_no_sources_go() -> None:
    found = {body: without_unknown_addresses(body, KNOWN) for body in UNKNOWN}
    assert found == UNKNOWN


def test_all_else_stays_to_the_letter() -> None:
    for body in STAYS:
        assert without_unknown_addresses(body, KNOWN) == body


def test_cleaning_twice_changes_nothing_more() -> None:
    for body in (*UNKNOWN, *STAYS):
        once = without_unknown_addresses(body, KNOWN)
        assert without_unknown_addresses(once, KNOWN) == once
