"""The words of a digest that are not from its sources: label and headings, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DigestPhrases:
    label: str
    main_points: str
    figures: str


PHRASES = {
    "en": DigestPhrases(
        "Research digest: assembled from the sources' own sentences, without a language model. "
        "It is material for an article, not an article ready for publication.",
        "Main points",
        "Figures",
    ),
    "de": DigestPhrases(
        "Recherche-Übersicht: aus den Sätzen der Quellen zusammengestellt, ohne Sprachmodell. "
        "Sie ist Material für einen Artikel, kein fertiger Artikel.",
        "Das Wichtigste",
        "Zahlen",
    ),
    "fr": DigestPhrases(
        "Synthèse de recherche : composée des phrases mêmes des sources, sans modèle de langue. "
        "C'est la matière d'un article, non un article prêt à être publié.",
        "L'essentiel",
        "Chiffres",
    ),
    "es": DigestPhrases(
        "Resumen de investigación: compuesto con las frases de las propias fuentes, sin modelo de lenguaje. "
        "Es material para un artículo, no un artículo listo para publicarse.",
        "Lo principal",
        "Cifras",
    ),
    "it": DigestPhrases(
        "Sintesi di ricerca: composta con le frasi delle fonti stesse, senza un modello linguistico. "
        "È materiale per un articolo, non un articolo pronto per la pubblicazione.",
        "In sintesi",
        "Cifre",
    ),
    "nl": DigestPhrases(
        "Onderzoeksoverzicht: samengesteld uit de zinnen van de bronnen zelf, zonder taalmodel. "
        "Het is materiaal voor een artikel, geen artikel dat klaar is voor publicatie.",
        "Hoofdpunten",
        "Cijfers",
    ),
    "pt": DigestPhrases(
        "Síntese de pesquisa: composta com as frases das próprias fontes, sem modelo de linguagem. "
        "É material para um artigo, não um artigo pronto para publicação.",
        "Pontos principais",
        "Números",
    ),
}


def phrases_for(code: str) -> DigestPhrases:
    """The phrases of a language, English where there are none."""
    return PHRASES.get(code, PHRASES["en"])


def is_digest(body: str) -> bool:
    """Whether a body has the label of a digest."""
    return any(known.label in body for known in PHRASES.values())
