import pytest

from tasks.pipeline.text import digest_phrases
from tasks.pipeline.text.markdown import render, render_blocks
from tasks.pipeline.text.page_phrases import PHRASES, page_phrases

BODY = "Text [1][^a], more[^a].\n\n- [x] a\n- [ ] b\n\n[^a]: Note."
SOURCES = [{"number": 1, "url": ""}]


def test_pages_have_words_of_every_language_that_digests_have():
    assert PHRASES.keys() >= digest_phrases.PHRASES.keys()
    assert all(all(one) for one in PHRASES.values())


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        (
            "de",
            ["Quelle 1", "Fußnote 1", "Fußnoten", "Zurück zum Text: Fußnote 1 (2)", "Erledigt:", "Zu tun:"],
        ),
        ("fr-CA", ["Source 1", "Note 1", "Notes", "Retour au texte: Note 1 (2)", "Fait :", "À faire :"]),
        ("ja", ["出典 1", "脚注 1", "脚注", "本文に戻る: 脚注 1 (2)", "完了：", "未完了："]),
        (
            "nb",
            [
                "Kilde 1",
                "Fotnote 1",
                "Fotnoter",
                "Tilbake til teksten: Fotnote 1 (2)",
                "Utført:",
                "Gjenstår:",
            ],
        ),
        ("zh_TW", ["來源 1", "註腳 1", "註腳", "返回正文: 註腳 1 (2)", "已完成：", "待辦："]),
        (
            "xx",
            ["Source 1", "Footnote 1", "Footnotes", "Back to the text: Footnote 1 (2)", "Done:", "To do:"],
        ),
    ],
)
def test_what_is_read_out_is_in_the_language_of_the_text(language, labels):
    for html in (
        render(BODY, SOURCES, language=language),
        "".join(block.html for block in render_blocks(BODY, SOURCES, language=language)),
    ):
        assert [label for label in labels if f'aria-label="{label}"' not in html] == []


def test_a_code_names_the_script():
    assert page_phrases("zh-Hant-HK").source == "來源"
    assert page_phrases("sr-Latn").source == "Izvor"
    assert page_phrases("zh-Hans").source == page_phrases("zh").source == "来源"
