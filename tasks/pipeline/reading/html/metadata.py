"""Title, author, date and language of a web page.

One rule for all pages: what the page says about itself for machines is taken before what it shows, and the
first of these that gives a usable value wins.

- Title: the headline of the main content (its first `h1`); JSON-LD `headline`; `og:title` and its like;
  `<title>`.
- Author: JSON-LD `author`; meta elements; a link with `rel="author"` or an element with `itemprop="author"`.
- Date: JSON-LD `datePublished`; meta elements; an element with `itemprop="datePublished"`, `<time pubdate>`;
  never the date of a change. It is as precise as the page tells it; `04/05/2024` may be either day and is not
  used.
- Language: `lang` of the root element; `Content-Language`; JSON-LD `inLanguage`; `og:locale`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tasks.pipeline.reading.html.tree import Element, text_within

MAX_JSON_CHARACTERS = 1_000_000
MAX_JSON_NODES = 5_000
MAX_TITLE = 300

_ARTICLES = frozenset((
    "article", "newsarticle", "blogposting", "report", "scholarlyarticle", "techarticle",
    "liveblogposting", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "reviewnewsarticle", "socialmediaposting", "medicalscholarlyarticle",
    "advertisercontentarticle", "satiricalarticle", "review", "recipe", "howto", "qapage", "faqpage",
    "medicalwebpage", "book", "dataset", "pressrelease", "discussionforumposting",
))  # fmt: skip
_PAGES = frozenset(("webpage", "itempage", "aboutpage", "collectionpage", "creativework"))
_TITLES = (
    "og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title", "title",
    "parsely-title",
)  # fmt: skip
_AUTHORS = (
    "author", "article:author", "citation_author", "dc.creator", "dcterms.creator",
        "parsely-author", "sailthru.author",
    "og:article:author", "twitter:data1:author", "byl", "dc.contributor.author",
)  # fmt: skip
_DATES = (
    "article:published_time", "og:article:published_time", "og:published_time", "citation_publication_date",
    "citation_online_date", "citation_date", "dcterms.issued", "dc.date.issued",
        "dcterms.created", "dc.date.created",
    "dc.date", "dcterms.date", "datepublished", "date.published", "publication_date",
        "publish-date", "publish_date",
    "publishdate", "pubdate", "parsely-pub-date", "sailthru.date", "article.published",
        "cxenseparse:recs:publishtime",
    "date", "dcsext.articlefirstpublished", "rnews:datepublished",
)  # fmt: skip
_ISO = re.compile(
    r"^(\d{4})(?:[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2})"
    r"(?:[T ]\s?(\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d{1,9})?)?)\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?)?)?$",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january januar janvier enero gennaio januari janeiro",
         "feb february februar février febrero febbraio februari fevereiro",
         "mar march märz mars marzo maart março", "apr april avril abril aprile",
         "may mai mayo maggio mei maio maj", "jun june juni juin junio giugno junho",
         "jul july juli juillet julio luglio julho", "aug august août agosto augustus augusti",
         "sep sept september septembre septiembre settembre setembro",
         "oct october okt oktober octobre octubre ottobre outubro",
         "nov november novembre noviembre novembro",
         "dec december dez dezember décembre diciembre dicembre dezembro desember"), 1,
    )
    for name in names.split()
}  # fmt: skip
_DAY_FIRST = re.compile(
    r"^(?:[a-z]{3,9},?\s)?(\d{1,2})(?:st|nd|rd|th|er|\.)?\s(?:de\s)?([^\W\d_]{3,10})\.?,?\s(?:de\s)?(\d{4})\b",
    re.IGNORECASE,
)
_IDEOGRAPHIC = re.compile(r"^(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_MONTH_FIRST = re.compile(
    r"^(?:[a-z]{3,9},?\s)?([a-z]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s(\d{4})\b", re.IGNORECASE
)
_MONTH_ONLY = re.compile(r"^([a-z]{3,9})\.?\s(\d{4})$", re.IGNORECASE)
_LAST_COMMA = re.compile(r",\s{0,200}([}\]])")
_TAG = re.compile(r"</?[a-zA-Z]{1,6}(?:\s[^<>]{0,100})?>")
_NO_NAMES = frozenset(("admin", "administrator", "webmaster", "root", "wpadmin", "author", "unknown"))
_SEPARATED_SITE = re.compile(r":\s|\s(?:[|–—·•»:]|[-‐]|::)\s")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z\d]{1,8}){0,4}$")


@dataclass(frozen=True)
class PageMetadata:
    headline: str = ""
    """Of the document, as the page tells machines."""
    window_title: str = ""
    author: str = ""
    published: str = ""
    language: str = ""
    description: str = ""
    site: str = ""


def metadata_of(page: Element) -> PageMetadata:
    """To be asked before scripts are removed from the page: JSON-LD is in one."""
    named = _meta(page)
    linked = _json_ld(page)
    articles = [node for node in linked if _types(node) & _ARTICLES] + [
        node for node in linked if _types(node) & _PAGES
    ]
    sites = {name.casefold() for name in (*named.get("og:site_name", ()), *named.get("application-name", ()))}
    by_id = {node["@id"]: node for node in linked if isinstance(node.get("@id"), str) and "name" in node}
    return PageMetadata(
        headline=_first(
            *(_TAG.sub("", _text(node.get("headline"))) for node in articles),
            *(_text(node.get("name")) for node in articles if _types(node) & _ARTICLES),
            *(_without_site(named.get(name, [""])[0], sites) for name in _TITLES),
        )[:MAX_TITLE],
        window_title=_window_title(page, sites),
        author=_author(page, named, articles, by_id),
        published=_published(page, named, articles),
        language=_language(page, named, articles),
        description=_first(*(named.get(name, [""])[0] for name in ("og:description", "description"))),
        site=_first(*(named.get(name, [""])[0] for name in ("og:site_name", "application-name"))),
    )


def iso_date(given: str) -> str:
    """A date in ISO 8601, as precise as it was written; empty for what is no date, or may be two."""
    given = " ".join(given.split())[:60]
    if match := _ISO.match(given) or _ISO.match(_IDEOGRAPHIC.sub(r"\1-\2-\3", given)):
        return _iso(match)
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_MONTH_FIRST, (3, 1, 2)), (_MONTH_ONLY, (2, 1, 0))):
        if match := pattern.match(given):
            year, month, day = (
                match[order[0]],
                _MONTHS.get(match[order[1]].lower()),
                match[order[2]] if order[2] else "",
            )
            if month and re.search(r"\d:\d", given):
                try:
                    return parsedate_to_datetime(given).isoformat()
                except (ValueError, TypeError, IndexError):
                    pass
            if month:
                return f"{year}-{month:02}" + (f"-{int(day):02}" if day and 1 <= int(day) <= 31 else "")
    return ""


def _iso(match: re.Match[str]) -> str:
    year, month, day, time, zone = match.groups()
    if not 1400 <= int(year) <= 2200 or not 1 <= int(month or 1) <= 12 or not 1 <= int(day or 1) <= 31:
        return ""
    date = "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])
    if not time:
        return date
    digits = time.replace(":", "")
    clock = ":".join(digits[start : start + 2] for start in (0, 2, 4) if digits[start : start + 2])
    zone = (zone or "").upper()
    if zone in ("UTC", "GMT", "Z"):
        return f"{date}T{clock}Z"
    return f"{date}T{clock}{zone if ':' in zone or len(zone) < 5 else f'{zone[:3]}:{zone[3:]}'}"


def _meta(page: Element) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for meta in page.iter("meta"):
        content = _clean(meta.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (meta.get(attribute) or "").lower().strip()
            if name and content and len(named.setdefault(name, [])) < 50:
                named[name].append(content)
    return named


def _json_ld(page: Element) -> list[dict[str, Any]]:
    """Every object of the page's JSON-LD, outer ones first."""
    found: list[dict[str, Any]] = []
    size = 0
    for script in page.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        size += len(script.text)
        if size > MAX_JSON_CHARACTERS:
            break
        text = re.sub(
            r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\s*\]\]>|\]\]>)[;\s]*$",
            "",
            script.text,
        )
        for node in _objects(_loaded(text.strip().rstrip(";"))):
            found.append(node)
            if len(found) >= MAX_JSON_NODES:
                return found
    return found


def _loaded(text: str) -> list[Any]:
    """A list of one value, or none; templates often leave a comma after the last one."""
    for attempt in (text, _LAST_COMMA.sub(r"\1", text)):
        try:
            return [json.loads(attempt, strict=False)]
        except (ValueError, RecursionError):
            continue
    return []


def _objects(waiting: list[Any]) -> Iterator[dict[str, Any]]:
    position = 0
    while position < len(waiting) and position < 4 * MAX_JSON_NODES:
        value = waiting[position]
        position += 1
        if isinstance(value, dict):
            yield value
            waiting.extend(each for each in value.values() if isinstance(each, dict | list))
        elif isinstance(value, list):
            waiting.extend(each for each in value if isinstance(each, dict | list))


def _types(node: dict[str, Any]) -> set[str]:
    given = node.get("@type")
    names = given if isinstance(given, list) else [given]
    return {name.rpartition("/")[2].rpartition(":")[2].lower() for name in names if isinstance(name, str)}


def _window_title(page: Element, sites: set[str]) -> str:
    """Without the name of the site after it, where the page tells that name."""
    element = next(
        (
            each
            for each in page.iter("title")
            if each.getparent() is not None and each.getparent().tag == "head"
        ),
        None,
    )
    if element is None:
        return ""
    return _without_site(_clean(text_within(element))[:MAX_TITLE], sites)


def _without_site(title: str, sites: set[str]) -> str:
    parts = _SEPARATED_SITE.split(title)
    if len(parts) > 1 and parts[-1].casefold() in sites:
        title = title[: title.rindex(parts[-1])].rstrip(" |–—·•»:-‐")
    elif len(parts) > 1 and parts[0].casefold() in sites:
        title = title[title.index(parts[0]) + len(parts[0]) :].lstrip(" |–—·•»:-‐")
    return title


def _author(
    page: Element,
    named: dict[str, list[str]],
    articles: list[dict[str, Any]],
    by_id: dict[str, dict[str, Any]],
) -> str:
    for node in articles:
        if names := _names(node.get("author") or node.get("creator"), by_id):
            return ", ".join(names)
    for name in _AUTHORS:
        if names := [author for given in named.get(name, ()) if (author := _author_name(given))]:
            return ("; " if name == "citation_author" else ", ").join(dict.fromkeys(names))
    for path in (
        "//a[@rel='author']",
        "//*[@itemprop='author']//*[@itemprop='name']",
        "//*[@itemprop='author']",
    ):
        names = [
            author for element in page.xpath(path)[:10] if (author := _author_name(text_within(element, 200)))
        ]
        if names:
            return ", ".join(dict.fromkeys(names))
    return ""


def _names(given: Any, by_id: dict[str, dict[str, Any]]) -> list[str]:
    names: list[str] = []
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, dict):
            each = each.get("name") or by_id.get(str(each.get("@id")), {}).get("name")
        if isinstance(each, list):
            each = each[0] if each else ""
        name = _author_name(_text(each))
        if name and name not in names and len(names) < 20:
            names.append(name)
    return names


def _author_name(given: str) -> str:
    name = re.sub(r"^(?:by|von|par|por|di|door)\s(?=[^\W\d_])", "", _clean(given), flags=re.IGNORECASE)
    is_name = (
        name
        and name.casefold() not in _NO_NAMES
        and len(name) <= 120
        and not re.match(r"^(?:https?:|www\.|@|/)", name)
        and re.search(r"[^\W\d_]", name)
    )
    return name.strip(" ,;") if is_name else ""


def _published(page: Element, named: dict[str, list[str]], articles: list[dict[str, Any]]) -> str:
    given = [_text(node.get("datePublished")) for node in articles]
    given += [_text(node.get("dateCreated")) for node in articles]
    given += [date for name in _DATES for date in named.get(name, ())]
    for element in page.xpath("//*[@itemprop='datePublished'] | //time[@pubdate]")[:5]:
        given += [element.get("datetime") or element.get("content") or text_within(element, 60)]
    return _first(*(iso_date(date) for date in given))


def _language(page: Element, named: dict[str, list[str]], articles: list[dict[str, Any]]) -> str:
    root = page.getroottree().getroot()
    given = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    body = page.find("body")
    given += [
        body.get("lang") if body is not None else "",
        *named.get("content-language", ()),
        *named.get("language", ()),
    ]
    given += [_text(node.get("inLanguage")) for node in articles] + named.get("og:locale", [])
    return _first(
        *(each.strip().replace("_", "-") for each in given if each and _LANGUAGE.match(each.strip()))
    )


def _text(value: Any) -> str:
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    return _clean(value) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return " ".join(html.unescape(text[:5_000]).split())


def _first(*values: str) -> str:
    return next((value for value in values if value), "")
