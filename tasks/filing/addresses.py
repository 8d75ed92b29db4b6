"""What people paste as sources: addresses in whatever form they copied them, and texts between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.content import with_unix_lines

_BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+")
_MARKDOWN_LINK = re.compile(r"^!?\[([^\]]*)\]\(\s*<?(\S+?)>?(?:\s+\"[^\"]*\")?\s*\)[.,;]?$")
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_HOST = re.compile(
    r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}(?::\d{1,5})?(?:[/?#]\S*)?$", re.IGNORECASE
)
_NO_HOSTS = (".docx", ".pdf", ".txt", ".md", ".html", ".htm", ".csv", ".odt", ".epub", ".rtf", ".eml")
"""Ends of names of files, which look like hosts."""
_AROUND = "<>\"'“”‘’«»,;"


@dataclass(frozen=True)
class Address:
    url: str
    title: str = ""


@dataclass(frozen=True)
class PastedText:
    text: str

    @property
    def title(self) -> str:
        """Its first words, on one line."""
        line = next(line for line in self.text.splitlines() if line.strip()).strip(" #*>-\t")
        words = line[:80].rsplit(" ", 1)[0] if len(line) > 80 else line
        return words or "Pasted text"


def read_pasted(pasted: str) -> list[Address | PastedText]:
    """Addresses, each once, and runs of other lines, in their order. An address needs no https://."""
    found: list[Address | PastedText] = []
    lines: list[str] = []
    for line in with_unix_lines(pasted).split("\n"):
        addresses = _addresses_in(line)
        if addresses is None:
            lines.append(line)
            continue
        _end_text(found, lines)
        found += addresses
    _end_text(found, lines)
    return list(dict.fromkeys(found))


def _end_text(found: list[Address | PastedText], lines: list[str]) -> None:
    if text := "\n".join(lines).strip():
        found.append(PastedText(text))
    lines.clear()


def _addresses_in(line: str) -> list[Address] | None:
    """Those of a line that consists of nothing else; None for other lines."""
    rest = _BULLET.sub("", line).strip()
    if link := _MARKDOWN_LINK.match(rest):
        url = _as_url(link[2])
        return [Address(url, link[1].strip()[:300])] if url else None
    parts = [part for part in re.split(r"[\s,;|]+(?=https?://)|\s+", rest, flags=re.IGNORECASE) if part]
    urls = [_as_url(part) for part in parts]
    return [Address(url) for url in urls if url] if parts and all(urls) else None


def _as_url(part: str) -> str:
    """The address, with its scheme; empty for what is none."""
    part = part.strip(_AROUND)
    if _SCHEME.match(part):
        return part
    is_file = part.lower().endswith(_NO_HOSTS) and "/" not in part
    return f"https://{part}" if _HOST.match(part) and not is_file else ""
