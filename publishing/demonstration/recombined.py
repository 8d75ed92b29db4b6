"""Any number of further texts, made of the articles' paragraphs: true sentences in a new order.

What a place, a name or a year adds makes each title one of its own, so that a search can find it.
"""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

from django.utils.text import slugify

from publishing.demonstration.articles import DemonstrationArticle, articles

PLACES = (
    "Aarhus", "Aberdeen", "Almada", "Antwerp", "Arles", "Augsburg", "Aveiro", "Basel", "Bath", "Bergen",
    "Bilbao", "Bologna", "Braga", "Bremen", "Brest", "Bristol", "Brno", "Bruges", "Cagliari", "Cardiff",
    "Chania", "Coimbra", "Cork", "Delft", "Dijon", "Dordrecht", "Dundee", "Exeter", "Faro", "Ferrara",
    "Galway", "Gdansk", "Ghent", "Girona", "Graz", "Haarlem", "Halle", "Heraklion", "Hobart", "Hull",
    "Innsbruck", "Kassel", "Kaunas", "Kiel", "Kotor", "Lausanne", "Leeds", "Leiden", "Leuven", "Limerick",
    "Linz", "Lucca", "Lugano", "Luleå", "Malmö", "Maribor", "Matera", "Mérida", "Mons", "Murcia",
    "Namur", "Nantes", "Narvik", "Odense", "Olomouc", "Ostend", "Oulu", "Oviedo", "Padua", "Parma",
    "Pécs", "Perth", "Piran", "Plymouth", "Poznan", "Pula", "Reims", "Rennes", "Riga", "Rouen",
    "Salamanca", "Salford", "Savona", "Setúbal", "Siena", "Sligo", "Split", "Stavanger", "Swansea", "Szeged",
    "Tampere", "Tartu", "Toledo", "Tours", "Trento", "Trieste", "Tromsø", "Turku", "Udine", "Umeå",
    "Uppsala", "Utrecht", "Varna", "Verona", "Vigo", "Visby", "Wexford", "Winterthur", "York", "Zadar",
)  # fmt: skip
NAMES = (
    "Abrams", "Adeyemi", "Almeida", "Andersen", "Baptiste", "Bauer", "Bianchi", "Blom", "Castellanos",
    "Chaudhry", "Costa", "Dahl", "Delacroix", "Demir", "Dvorak", "Eriksen", "Fernandes", "Fischer", "Gallo",
    "Haddad", "Hansen", "Horvat", "Ivanova", "Jansen", "Kaya", "Keller", "Kowalska", "Lambert", "Larsen",
    "Lindgren", "Marchetti", "Mbeki", "Moreau", "Nakamura", "Novak", "Okafor", "Olsen", "Papadakis",
    "Pereira", "Quinn", "Rossi", "Santos", "Schneider", "Silva", "Szabo", "Tanaka", "Vargas", "Virtanen",
    "Weber", "Yilmaz", "Zielinski",
)  # fmt: skip
ANGLES = (
    "{subject} in {place}: what {years} years have shown",
    "What {place} learned from {subject}",
    "A walk through {place}, looking for {subject}",
    "{name}’s notes on {subject}, from {place}",
    "{place} and {subject}: a short history since {year}",
    "Who looks after {subject} in {place}?",
    "{subject}, {place}, {year}",
    "Why {name} changed her mind about {subject} in {place}",
    "The price of {subject}: a letter from {place}",
    "Ten minutes with {name} of {place} on {subject}",
)
OPENINGS = (
    "{name} has kept a notebook on {subject} in {place} since {year}. It has {pages} pages by now, and the "
    "questions in it have become simpler.",
    "In {place} the talk about {subject} began in {year}, at a meeting that {pages} people came to. {name} "
    "was one of them and remembers the draught better than the speeches.",
    "Nobody in {place} planned to become an authority on {subject}. {name}, who answers {pages} letters a "
    "year about little else, least of all.",
    "It took {place} {years} years to agree about {subject}. {name} kept the minutes, all {pages} pages.",
)
CLOSINGS = (
    "The next meeting in {place} is in spring. {name} expects {pages} people, and has hired chairs.",
    "The notebook stays open. “Ask me again in {years} years,” says {name}.",
    "{place} is no model, {name} insists. It is only a place where someone wrote things down.",
)
PARTS = 5
"""Paragraphs of each text, between its opening and its closing."""
CITATION = re.compile(r"\[(\d+)\](?!\()")
FIRST_YEAR, LAST_YEAR = 1961, 2023


def recombined(number: int) -> dict[str, Any]:
    """The fields of a draft; the same number gives the same text."""
    chance = random.Random(number)
    article = chance.choice(_with_subject())
    other = chance.choice([one for one in _with_subject() if set(one.tags) & set(article.tags)])
    words = {
        "subject": article.subject, "place": chance.choice(PLACES), "name": chance.choice(NAMES),
        "year": chance.randint(FIRST_YEAR, LAST_YEAR), "years": chance.randint(3, 40),
        "pages": chance.randint(12, 400),
    }  # fmt: skip
    title = _capitalized(chance.choice(ANGLES).format(**words))
    opening = _capitalized(chance.choice(OPENINGS).format(**words))
    body, citations = _body(chance, [article, other], opening, chance.choice(CLOSINGS).format(**words))
    return {
        "title": title,
        "slug": f"{slugify(title)[:80].strip('-')}-{number}",
        "summary": opening if chance.random() < 0.5 else article.summary,
        "body": body,
        "category": article.category,
        "tags": article.tags,
        "citations": citations,
    }


@cache
def _with_subject() -> list[DemonstrationArticle]:
    return [article for article in articles() if article.subject]


@cache
def _sections(article: DemonstrationArticle) -> list[tuple[str, list[str]]]:
    """Each heading with the paragraphs below it; lists, tables and code stay with what introduces them."""
    found = []
    for part in re.split(r"^## ", article.body, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        paragraphs = [one for one in text.strip().split("\n\n") if one[0].isalpha()]
        found.append((heading, [one for one in paragraphs if not one.endswith(":")]))
    return [(heading, paragraphs) for heading, paragraphs in found if paragraphs]


def _body(
    chance: random.Random, chosen: list[DemonstrationArticle], opening: str, closing: str
) -> tuple[str, list[dict[str, Any]]]:
    """The text, and the sources that it cites, numbered in their order in the text."""
    sections = [(article, *section) for article in chosen for section in _sections(article)]
    picked = chance.sample(sections, min(PARTS, len(sections)))
    citations: dict[tuple[str, int], dict[str, Any]] = {}
    parts = [opening]
    for article, heading, paragraphs in dict.fromkeys(
        (article, heading, tuple(paragraphs)) for article, heading, paragraphs in picked
    ):
        text = "\n\n".join(chance.sample(paragraphs, min(2, len(paragraphs))))
        parts.append(f"## {heading}\n\n{_renumbered(text, article, citations)}")
    return "\n\n".join([*parts, closing]), list(citations.values())


def _renumbered(
    text: str, article: DemonstrationArticle, citations: dict[tuple[str, int], dict[str, Any]]
) -> str:
    def number(found: re.Match[str]) -> str:
        source = article.citations[int(found[1]) - 1]
        key = (article.slug, source["number"])
        return f"[{citations.setdefault(key, source | {'number': len(citations) + 1})['number']}]"

    return CITATION.sub(number, text)


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
