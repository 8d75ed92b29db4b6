"""What systems add to Markdown: front matter, directives, templates, marks of changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRONT_MATTER = re.compile(
    r"\A\s{0,9}(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_PANDOC_TITLE = re.compile(r"\A% (.{1,500})\n(?:%(?: (.{1,500}))?\n(?:% (.{1,100})\n)?)?")
_HEADER_LINES = re.compile(r"\A((?:[A-Za-z][\w -]{1,30}:[ \t]+\S.{0,500}\n){1,20})\n")
_FIELD = re.compile(r"([A-Za-z][\w. -]{0,40}?)\s{0,9}[:=]\s{0,9}(.*)")
_DATE = re.compile(
    r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_DROPPED_LINE = re.compile(
    r"\s{0,3}:{3,}.*$|\s{0,9}\{%.{0,500}%\}\s{0,9}$|\s{0,9}\{\{[<%].{0,500}[>%]\}\}\s{0,9}$"
    r"|\([\w:.-]{1,80}\)=\s{0,9}$|=== \"[^\"]{1,100}\"\s{0,9}$"
    r"|\s{0,9}\{\{\s{0,9}(?:toc|>toc)\s{0,9}\}\}\s{0,9}$"
    r"|\s{0,3}%%.{0,500}%%\s{0,9}$|--8<--.*$|\*\[[^\]\n]{1,60}\]:\s.*$|:{1,2}[\w-]{1,30}\{[^{}\n]{0,300}\}\s{0,9}$"
)
_MODULE_LINE = re.compile(
    r"(?:import\s[^\n]{1,200}\sfrom\s+['\"][^\n]{1,200}|import\s+['\"][^\n]{1,200}|export\s+(?:const|default|function)\s[^\n]{0,300})$"
)
_TITLED_CONTAINER = re.compile(
    r"\s{0,3}:{3,}\s?[a-zA-Z-]{2,20}(?:\[([^\]\n]{1,200})\]|[ \t]+([^{}\s][^{}\n]{0,200}))$"
)
_INLINE = (
    (re.compile(r" ?\{(?:--[^\n]{1,500}?--|>>[^\n]{1,500}?<<)\}(?=[.,;:!?)])"), ""),
    (re.compile(r"\{--[^\n]{1,500}?--\}"), ""),
    (re.compile(r"\{>>[^\n]{1,500}?<<\}"), ""),
    (re.compile(r"\{\+\+([^\n]{1,500}?)\+\+\}"), r"\1"),
    (re.compile(r"\{==([^\n]{1,500}?)==\}"), r"\1"),
    (re.compile(r"\{~~[^\n]{0,500}?~>([^\n]{0,500}?)~~\}"), r"\1"),
    (re.compile(r"\{\{[<%][^\n]{1,300}?[>%]\}\}"), ""),
    (re.compile(r"(?<!\\)%%[^%\n]{1,300}%%"), ""),
)


@dataclass(frozen=True)
class FrontMatter:
    title: str = ""
    author: str = ""
    date: str = ""
    language: str = ""


def metadata_of(text: str) -> tuple[FrontMatter, str]:
    """What stands above a text about it, and the text."""
    if match := _FRONT_MATTER.match(text):
        return _metadata(_fields(match[2])), text[match.end() :]
    if match := _PANDOC_TITLE.match(text):
        author = (match[2] or "").replace(";", ",").strip()
        return FrontMatter(match[1].strip(), author, _date(match[3] or "")), text[match.end() :]
    if (match := _HEADER_LINES.match(text)) and re.match("(?:title|author|date):", match[1], re.IGNORECASE):
        return _metadata(_fields(match[1])), text[match.end() :]
    return FrontMatter(), text


def _metadata(fields: dict[str, str]) -> FrontMatter:
    def first(*names: str) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    return FrontMatter(
        title=first("title")[:300],
        author=first("author", "authors", "by")[:300],
        date=_date(first("date", "published", "pubdate", "publishdate", "created", "pub_date")),
        language=first("lang", "language")[:20],
    )


def _fields(text: str) -> dict[str, str]:
    """The simple fields of YAML and TOML: a text, or a list of texts."""
    fields, name = dict[str, str](), ""
    for line in text.split("\n"):
        item = re.match(r"\s{0,9}-\s+(?:name:\s{0,9})?(.+)", line)
        if item and name:
            fields[name] = ", ".join(filter(None, (fields[name], _unquoted(item[1]))))
        elif line[:1].isspace():
            nested = re.match(r"\s+name:\s{0,9}(.+)", line)
            if nested and name and not fields[name]:
                fields[name] = _unquoted(nested[1])
            elif name and fields[name] in (">", "|", ">-", "|-"):
                fields[name] = line.strip()
        elif field := _FIELD.fullmatch(line.strip()):
            name = field[1].lower()
            value = field[2].strip()
            values = value[1:-1].split(",") if value[:1] == "[" and value[-1:] == "]" else [value]
            fields[name] = ", ".join(filter(None, map(_unquoted, values)))
    return fields


def _unquoted(value: str) -> str:
    value = value.strip()
    if value[:1] in ("'", '"') and (end := value.find(value[0], 1)) > 0:
        inner = value[1:-1] if value[-1] == value[0] else value[1:end]
        return inner.replace("''", "'") if value[0] == "'" else inner.replace('\\"', '"')
    return re.sub(r"\s#.*$", "", value)


def _date(value: str) -> str:
    match = _DATE.match(value.strip())
    return match[0].replace(" ", "T") if match else ""


def without_directives(text: str) -> str:
    """The text without lines and marks of site generators; blocks of code stay as they are."""
    lines, fence = list[str](), ""
    for line in text.split("\n"):
        marks = _FENCE.match(line)
        if marks and not fence:
            fence = marks[1]
        elif marks and marks[1][0] == fence[0] and len(marks[1]) >= len(fence) and not line.strip(" `~\t"):
            fence = ""
        elif not fence:
            if ":::" in line and (titled := _TITLED_CONTAINER.match(line)):
                line = f"{titled[1] or titled[2]}\n"
            elif _DROPPED_LINE.match(line) or _MODULE_LINE.match(line):
                line = ""
            elif "{" in line or "%%" in line:
                for pattern, replacement in _INLINE:
                    line = pattern.sub(replacement, line)
        lines.append(line)
    return "\n".join(lines)
