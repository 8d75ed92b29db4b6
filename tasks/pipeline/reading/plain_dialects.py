"""Marked-up plain text: reStructuredText, AsciiDoc and Org become plain text with the same structure."""

from __future__ import annotations

import re

_RST = (
    (re.compile(r"``([^`\n]{1,300})``"), r"\1"),
    (re.compile(r"`([^`<>\n]{1,300}?)\s{0,3}<[^<>\n]{1,500}>`_{1,2}"), r"\1"),
    (re.compile(r":[\w:-]{1,40}:`([^`<>\n]{1,300}?)(?:\s{0,3}<[^<>\n]{1,300}>)?`"), r"\1"),
    (re.compile(r"\s?\[(?:\d{1,4}|#[\w-]{0,40}|\*)\]_"), ""),
    (re.compile(r"`([^`\n]{1,300})`_{0,2}"), r"\1"),
    (re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*\n]{1,300}?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"^\s{0,9}::\s{0,9}$", re.MULTILINE), ""),
    (re.compile(r"(?<=\S)::$", re.MULTILINE), ":"),
)
_ORG = (
    (re.compile(r"^#\+title:\s{0,9}(.{1,300})$", re.MULTILINE | re.IGNORECASE), r"= \1\n"),
    (re.compile(r"^#\+\w{1,30}.{0,500}$", re.MULTILINE), ""),
    (
        re.compile(r"^\*{1,6} (?:TODO |DONE )?(.{1,300}?)(?:\s{1,40}:[\w:@]{1,100}:)?$", re.MULTILINE),
        r"\n== \1\n",
    ),
    (re.compile(r"\[\[[^\[\]\n]{1,500}\]\[([^\[\]\n]{1,300})\]\]"), r"\1"),
    (re.compile(r"\s?\[fn:[^\[\]\n]{1,40}\]"), ""),
    (re.compile(r"(?<![\w*/=~])([*/=~])(?=[^\s*/=~])([^*/=~\n]{1,300}?)(?<=\S)\1(?![\w*/=~])"), r"\2"),
    (re.compile(r"^(?![|\n])(.{0,1000})\n(?=\|)", re.MULTILINE), r"\1\n\n"),
)
_ASCIIDOC = (
    (re.compile(r"^\[[^\]\n]{0,300}\]$", re.MULTILINE), ""),
    (re.compile(r"^:[\w!-]{1,40}:.{0,300}$", re.MULTILINE), ""),
    (re.compile(r"^//.{0,500}$", re.MULTILINE), ""),
    (re.compile(r"(?:link:)?https?://[^\s\[\]]{1,500}\[([^\[\]\n]{1,300})\]"), r"\1"),
    (re.compile(r"footnote:\w{0,40}\[[^\[\]\n]{0,500}\]"), ""),
    (re.compile(r"(?<![\w*_`])([*_`])(?=[^\s*_`])([^*_`\n]{1,300}?)(?<=\S)\1(?![\w*_`])"), r"\2"),
    (re.compile(r"^image::?.{0,500}$", re.MULTILINE), ""),
    (re.compile(r"^(={1,6} .{1,300})$", re.MULTILINE), r"\n\1\n"),
)
_MARKS = {".rst": _RST, ".org": _ORG, ".adoc": _ASCIIDOC, ".asciidoc": _ASCIIDOC}


def without_marks(text: str, suffix: str) -> str:
    """The text of a file with one of these suffixes; another text as it is."""
    if suffix in (".adoc", ".asciidoc"):
        text = _with_bars(text)
    for pattern, replacement in _MARKS.get(suffix, ()):
        text = pattern.sub(replacement, text)
    return text


def _with_bars(text: str) -> str:
    """Tables between `|===` as rows with bars, and code between `----` indented."""
    lines, in_table, in_code = list[str](), False, False
    for line in text.split("\n"):
        if line.startswith("|==="):
            in_table = not in_table
            lines.append("")
        elif re.fullmatch(r"(?:-{4,}|\.{4,})", line):
            in_code = not in_code
            lines.append("")
        elif in_table:
            if line.strip():
                lines.append(f"{line.rstrip()} |")
        else:
            lines.append(f"    {line}" if in_code else line)
    return "\n".join(lines)
