"""The few words a digest has that are no source's: its label and headings, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    label: str
    main_points: str
    figures: str


WORDINGS = {
    "en": Wording(
        "Research digest: assembled from the sources' own sentences, without a language model. "
        "It is material for an article, not an article ready for publication.",
        "Main points",
        "Figures",
    ),
    "de": Wording(
        "Recherche-Übersicht: aus den Sätzen der Quellen zusammengestellt, ohne Sprachmodell. "
        "Sie ist Material für einen Artikel, kein fertiger Artikel.",
        "Das Wichtigste",
        "Zahlen",
    ),
    "fr": Wording(
        "Synthèse de recherche : composée des phrases mêmes des sources, sans modèle de langue. "
        "C'est la matière d'un article, non un article prêt à être publié.",
        "L'essentiel",
        "Chiffres",
    ),
    "es": Wording(
        "Resumen de investigación: compuesto con las frases de las propias fuentes, sin modelo de lenguaje. "
        "Es material para un artículo, no un artículo listo para publicarse.",
        "Lo principal",
        "Cifras",
    ),
    "it": Wording(
        "Sintesi di ricerca: composta con le frasi delle fonti stesse, senza un modello linguistico. "
        "È materiale per un articolo, non un articolo pronto per la pubblicazione.",
        "In sintesi",
        "Cifre",
    ),
    "nl": Wording(
        "Onderzoeksoverzicht: samengesteld uit de zinnen van de bronnen zelf, zonder taalmodel. "
        "Het is materiaal voor een artikel, geen artikel dat klaar is voor publicatie.",
        "Hoofdpunten",
        "Cijfers",
    ),
    "pt": Wording(
        "Síntese de pesquisa: composta com as frases das próprias fontes, sem modelo de linguagem. "
        "É material para um artigo, não um artigo pronto para publicação.",
        "Pontos principais",
        "Números",
    ),
}


def wording(code: str) -> Wording:
    """The wording of a language, English where there is none."""
    return WORDINGS.get(code, WORDINGS["en"])


def is_digest(body: str) -> bool:
    """Whether a body says of itself that it is a digest."""
    return any(known.label in body for known in WORDINGS.values())
