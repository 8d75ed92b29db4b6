"""Words of structural defects, in four languages; under "" those that look the same in all."""

from __future__ import annotations

# fmt: off
PLACEHOLDERS: dict[str, dict[str, tuple[str, ...]]] = {
    "to be inserted": {
        "en": ("[insert example here]", "[add link]", "[your company name]", "[name of the author]"),
        "de": ("[hier Beispiel einfügen]", "[Name des Autors]", "[Link einfügen]", "[Firmenname]"),
        "fr": ("[insérer un exemple]", "[nom de l'auteur]", "[ajouter le lien]", "[nom de l'entreprise]"),
        "es": ("[insertar ejemplo]", "[nombre del autor]", "[añadir enlace]", "[nombre de la empresa]"),
    },
    "in braces": {"": ("{first_name}", "{{ company }}", "{{title}}", "{city}", "${product}", "%(name)s")},
    "for a figure": {"": ("[X%]", "[XX]", "XX %", "[number]", "$X million", "[YEAR]", "X,XXX")},
    "of underscores": {"": ("______", "____ ____", "(______)", "\\_\\_\\_\\_\\_\\_")},
    "TK": {"": ("TK", "TK: name of the harbour", "[TK]", "TKTK", "(figure TK)")},
    "TODO": {"": ("TODO", "[TODO: check]", "(TBD)", "FIXME", "TBC", "[TBA]", "XXX")},
    "for a citation": {
        "": ("[citation needed]", "[?]", "[n]", "[source]", "[ref]", "[#]", "[citation]"),
    },
    "in angle brackets": {"": ("<insert link>", "<your name>", "<company>", "&lt;city&gt;")},
}
EDITOR_NOTES: dict[str, tuple[str, ...]] = {
    "en": ("(Note to editor: please check this with the author.)", "[Editor: is this still true?]",
           "NB for the editor: this paragraph could be cut.", "Fact-check this before publishing."),
    "de": ("(Anmerkung für die Redaktion: bitte prüfen.)", "[Redaktion: stimmt das noch?]",
           "Hinweis an die Redaktion: Dieser Absatz kann gekürzt werden.",
           "Bitte vor der Veröffentlichung prüfen!"),
    "fr": ("(Note pour la rédaction : à vérifier.)", "[Rédaction : est-ce encore vrai ?]",
           "Note à l'éditeur : ce paragraphe peut être coupé.", "À vérifier avant publication."),
    "es": ("(Nota para el editor: comprobar esto.)", "[Redacción: ¿sigue siendo cierto?]",
           "Nota a la redacción: este párrafo se puede acortar.", "Verificar antes de publicar."),
}
REASONING: dict[str, tuple[str, ...]] = {
    "en": ("Okay, the user wants an article, so I need to keep it short.",
           "Let me think about what comes next.",
           "Wait, the second source says otherwise, so I should leave that out.",
           "The brief asks for plain words, so I will now rewrite this section."),
    "de": ("Okay, der Nutzer möchte einen Artikel, also halte ich mich kurz.",
           "Ich überlege, was als Nächstes kommt.",
           "Der Auftrag verlangt einfache Worte, also schreibe ich diesen Abschnitt jetzt um."),
    "fr": ("D'accord, l'utilisateur veut un article, je dois donc rester bref.",
           "Réfléchissons à ce qui vient ensuite.",
           "La consigne demande des mots simples, je vais donc réécrire cette section."),
    "es": ("Bien, el usuario quiere un artículo, así que debo ser breve.", "Déjame pensar qué viene ahora.",
           "El encargo pide palabras sencillas, así que voy a reescribir esta sección."),
}
CHAT: dict[str, tuple[str, ...]] = {
    "en": ("As an AI language model, I cannot verify this.", "Let me know if you would like another version.",
           "I hope this helps!", "I'm sorry, but I can't assist with that."),
    "de": ("Als KI-Sprachmodell kann ich das nicht überprüfen.",
           "Sag mir Bescheid, wenn du Änderungen möchtest.",
           "Ich hoffe, das hilft dir weiter!", "Es tut mir leid, aber dabei kann ich nicht helfen."),
    "fr": ("En tant que modèle de langage, je ne peux pas le vérifier.",
           "Dites-moi si vous souhaitez une autre version.",
           "J'espère que cela vous aide !", "Je suis désolé, mais je ne peux pas vous aider."),
    "es": ("Como modelo de lenguaje, no puedo comprobarlo.", "Avísame si quieres otra versión.",
           "¡Espero que te sirva!", "Lo siento, pero no puedo ayudarte con eso."),
}
PERSONAL: dict[str, dict[str, tuple[str, ...]]] = {
    "e-mail": {"": ("(maria.kovacs82@gmail.com)", "(j.meyer@firma-meyer.de)", "(pierre.dubois@orange.fr)")},
    "phone": {"": ("(+49 171 2345678)", "(phone: 0151 23456789)", "(+1 415-555-2671)",
    "(tel. +33 6 12 34 56 78)")},
    "IBAN": {"": ("(DE89 3704 0044 0532 0130 00)", "(FR1420041010050500013M02606)",
    "(GB29 NWBK 6016 1331 9268 19)")},
    "card": {"": ("(4111 1111 1111 1111)", "(5555-5555-5555-4444)", "(378282246310005)")},
}
QUOTATION_MARKS: dict[str, tuple[str, str]] = {
    "en": ("“", "”"), "de": ("„", "“"), "fr": ("« ", " »"), "es": ("«", "»"),
}
INVENTED_QUOTATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (("As one of the authors puts it,",
           "we never thought that so many people would come to rely on it."),
           ("A maintainer sums it up:", "the old way was slow, painful and full of surprises.")),
    "de": (("Einer der Autoren sagt dazu:",
           "Wir hätten nie gedacht, dass sich so viele Menschen darauf verlassen."),
           ("Ein Beteiligter fasst zusammen:", "Früher war das langsam, mühsam und voller Überraschungen.")),
    "fr": (("L'un des auteurs le dit ainsi :", "nous n'aurions jamais pensé que tant de gens y tiendraient."),
           ("Un responsable résume :", "avant, c'était lent, pénible et plein de surprises.")),
    "es": (("Uno de los autores lo dice así:", "nunca pensamos que tanta gente llegaría a confiar en esto."),
           ("Un responsable resume:", "antes era lento, penoso y lleno de sorpresas.")),
}
FOREIGN_PARAGRAPH: dict[str, str] = {
    "en": "The harbour was quiet that morning, and only a few boats had left before the wind turned. "
          "People stood on the quay and waited for the weather to change.",
    "de": "Der Hafen war am Morgen still, und nur wenige Boote waren ausgelaufen, ehe der Wind drehte. "
          "Die Leute standen am Kai und warteten auf besseres Wetter.",
    "it": "Il porto era tranquillo quella mattina, e solo poche barche erano uscite prima del vento. "
          "La gente stava sul molo e aspettava che il tempo cambiasse.",
}
# fmt: on
