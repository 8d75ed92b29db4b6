"""Defects that are no part of an article: placeholders, notes, leaks of a model's work, personal data."""

from __future__ import annotations

import json
from dataclasses import replace

from benchmarks.quality_corpus.defect_kinds import ANYWHERE, STRUCTURE, DefectKinds, Setting
from benchmarks.quality_corpus.defect_words import (
    CHAT,
    EDITOR_NOTES,
    PERSONAL,
    PLACEHOLDERS,
    REASONING,
)
from benchmarks.quality_corpus.seeded_draft import DraftSentence, SeededDraft, raw

KINDS = DefectKinds(STRUCTURE)


def _within_sentence(name: str, forms: dict[str, tuple[str, ...]]) -> None:
    """A kind whose words stand before the end of a sentence; "" has the forms of all languages."""

    @KINDS.add(name)
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        words = setting.chance.choice(forms.get(draft.language) or forms[""])
        for spot in setting.spots(draft):
            old = draft.sentence(spot)
            if old.text.endswith("."):
                return draft.with_sentence(spot, replace(old, text=f"{old.text[:-1]} {words}."))
        return None


def _own_sentence(name: str, forms: dict[str, tuple[str, ...]]) -> None:
    """A kind that is a sentence of its own between two others."""

    @KINDS.add(name)
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        words = setting.chance.choice(forms.get(draft.language) or forms[""])
        for spot in setting.spots(draft):
            return draft.with_sentence(spot, draft.sentence(spot), DraftSentence(words))
        return None


def _own_line(name: str, forms: dict[str, tuple[str, ...]]) -> None:
    @KINDS.add(name)
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        words = setting.chance.choice(forms.get(draft.language) or forms[""])
        return draft.with_block(setting.block(draft), raw(words))


for _name, _forms in PLACEHOLDERS.items():
    _within_sentence(f"placeholder {_name}", _forms)
_own_line(
    "lorem ipsum", {"": ("Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",)}
)
_own_line(
    "placeholder for an image",
    {
        "": (
            "[Image: a busy market square]",
            "![Image description](image-url)",
            "[Insert chart here]",
            "<image 1>",
        )
    },
)
_own_sentence("note to the editor", EDITOR_NOTES)
_own_sentence("reasoning in the text", REASONING)
_own_sentence("words of a chat", CHAT)
_own_line("comment in HTML", {"": ("<!-- check this with the press office -->", "<!-- TODO: shorten -->")})
_own_line(
    "marks of a model's thoughts",
    {"": (
        "<think>The reader may not know this yet.</think>", "</think>", "[THINK]Now the second part.[/THINK]",
        "<|im_end|>", "<|channel|>analysis<|message|>",
        "<|start_header_id|>assistant<|end_header_id|>", "[/INST]",
    )},
)  # fmt: skip
_own_line(
    "marks of the enclosure",
    {"": (
        "<<<end 4f1d2c3b4a596877>>>", "<<<begin 4f1d2c3b4a596877: source 2>>>", "<<<END 90ab12cd34ef5678>>>",
    )},
)  # fmt: skip


@KINDS.add("echo of the brief")
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return draft.with_block(setting.block(draft), raw(draft.brief.brief))


@KINDS.add("envelope in JSON", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    body = draft.rendered()
    whole = json.dumps({"title": draft.head.title, "body": body}, ensure_ascii=False)
    forms = [whole, f'{body}\n\n", "tags": ["guide"]}}', f'"body": "{body}', f"```json\n{whole}\n```"]
    return replace(draft, body=setting.chance.choice(forms))


@KINDS.add("fence around the article", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    return replace(draft, body=f"```markdown\n{draft.rendered()}\n```")


@KINDS.add("greeting before the article", ANYWHERE)
def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
    greetings = {
        "en": "Sure! Here is the article you asked for:",
        "de": "Gerne! Hier ist der gewünschte Artikel:",
        "fr": "Bien sûr ! Voici l'article demandé :",
        "es": "¡Claro! Aquí tienes el artículo que pediste:",
    }
    return draft.with_block(0, raw(greetings[draft.language]))


def _in_head(name: str, forms: dict[str, tuple[str, str]]) -> None:
    """With words before and after the title or a teaser, which is cut so that it is no longer than before."""

    @KINDS.add(name, ("title", "summary", "seo_title", "seo_description"))
    def _(draft: SeededDraft, setting: Setting) -> SeededDraft | None:
        before, after = forms[draft.language]
        old = str(getattr(draft.head, setting.place))
        length = max(20, len(old) - len(before) - len(after))
        text = old if len(old) <= length else old[:length].rsplit(" ", 1)[0].rstrip(",;:")
        return draft.with_head(**{setting.place: f"{before}{text}{after}"})


_in_head(
    "placeholder in title or teaser",
    {
        "en": ("", " [insert name]"),
        "de": ("", " [Name einfügen]"),
        "fr": ("", " [nom à compléter]"),
        "es": ("", " [insertar nombre]"),
    },
)
_in_head(
    "reasoning in title or teaser",
    {
        "en": ("Here's the revised version: ", ""),
        "de": ("Hier ist die überarbeitete Fassung: ", ""),
        "fr": ("Voici la version révisée : ", ""),
        "es": ("Aquí está la versión revisada: ", ""),
    },
)
for _name, _forms in PERSONAL.items():
    _within_sentence(f"personal data: {_name}", _forms)
