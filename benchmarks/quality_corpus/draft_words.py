"""Words of drafts that come from no source: titles, headings, introductions, in four languages."""

from __future__ import annotations

# fmt: off
TITLES: dict[str, tuple[str, ...]] = {
    "en": ("What {title} means in practice", "A closer look at {title}", "Getting to know {title}"),
    "de": ("Was hinter {title} steckt", "Ein genauer Blick auf {title}", "{title} näher betrachtet"),
    "fr": ("Ce qu'il faut savoir sur {title}", "{title} vu de près", "Mieux connaître {title}"),
    "es": ("Lo que conviene saber de {title}", "{title} visto de cerca", "Conocer mejor {title}"),
}
HEADINGS: dict[str, tuple[str, ...]] = {
    "en": ("How {title} works", "What to know about {title}", "The part of {title}", "{title} in use",
           "Where {title} comes in", "More on {title}"),
    "de": ("So arbeitet {title}", "Wissenswertes zu {title}", "Die Rolle von {title}", "{title} im Einsatz",
           "Wo {title} ins Spiel kommt", "Mehr zu {title}"),
    "fr": ("Le fonctionnement de {title}", "À savoir sur {title}", "Le rôle de {title}", "{title} à l'usage",
           "La place de {title}", "Encore {title}"),
    "es": ("Cómo funciona {title}", "Qué saber sobre {title}", "El papel de {title}", "{title} en uso",
           "El lugar de {title}", "Más sobre {title}"),
}
INTRODUCTIONS: dict[str, tuple[str, ...]] = {
    "en": ("What follows is a short guide for readers who are new to the subject.",
           "Why does this matter, and what should a reader know?"),
    "de": ("Dieser Beitrag führt Schritt für Schritt in das Thema ein.",
           "Warum ist das wichtig, und was sollte man wissen?"),
    "fr": ("Voici un petit guide pour les lecteurs qui découvrent le sujet.",
           "Pourquoi est-ce important, et que faut-il en savoir ?"),
    "es": ("A continuación, una breve guía para quienes se acercan al tema.",
           "¿Por qué importa, y qué conviene saber?"),
}
CLOSINGS: dict[str, tuple[str, str, str]] = {
    "en": ("All sources are listed below.", "Read more:", "Source"),
    "de": ("Alle Quellen stehen unten.", "Mehr dazu:", "Quelle"),
    "fr": ("Toutes les sources sont indiquées ci-dessous.", "En savoir plus :", "Source"),
    "es": ("Todas las fuentes figuran abajo.", "Más información:", "Fuente"),
}
INSTRUCTIONS: dict[str, str] = {
    "en": "Write an article on “{topic}” for curious readers, in plain words, with every statement "
          "cited from the sources given.",
    "de": "Schreibe einen Artikel zum Thema „{topic}“ für neugierige Leser, in einfachen Worten, mit einem "
          "Beleg aus den Quellen für jede Aussage.",
    "fr": "Rédige un article sur le sujet « {topic} » pour des lecteurs curieux, en mots simples et avec une "
          "référence aux sources pour chaque affirmation.",
    "es": "Escribe un artículo sobre «{topic}» para lectores curiosos, con palabras sencillas, con una "
          "referencia a las fuentes en cada afirmación.",
}
"""The instruction of the brief."""
# fmt: on
