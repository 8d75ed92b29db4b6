"""What becomes of documents that try to instruct the model which reads them."""

from __future__ import annotations

import re

import pytest

from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.stages.digest import _write
from tasks.pipeline.stages.prompt_parts import Enclosure
from tasks.pipeline.text.model_instructions import speaks_to_a_model
from tasks.pipeline.types import Brief, Research, SourceText
from tests.conftest import BASE_DIR
from tests.tasks.injections import BRAND, HONEST, MORE, Injection, injections

TABLE = BASE_DIR / "docs" / "injection.md"
ALL = injections()


@pytest.fixture(scope="module")
def sources():
    """Each document as a source, by how it attacks."""
    return {one.how: read_bytes(one.data, name=one.name).as_source(1) for one in ALL}


def text_of(source) -> str:
    return f"{source.title}\n{source.text}"


def test_there_are_enough_of_them():
    assert len(ALL) >= 60
    assert len({one.how for one in ALL}) == len(ALL)


def test_what_is_hidden_is_not_read_and_what_stands_there_is_named_to_the_editor(sources, subtests):
    for one in ALL:
        with subtests.test(one.how):
            source = sources[one.how]
            assert "412 ships" in source.text
            assert (BRAND in text_of(source)) is one.is_read
            warned = [warning for warning in source.warnings if "speaks to language models" in warning]
            assert len(warned) == one.is_read


def test_a_digest_quotes_none_of_them(sources, subtests):
    for one in ALL:
        with subtests.test(one.how):
            source = sources[one.how]
            research = Research(
                sources=(source, SourceText(number=2, title="Ships", text=f"{HONEST}\n\n{MORE}"))
            )
            article = _write(Brief(topic="Ships in Bergen", target_words=120), research)
            assert BRAND not in article.body + article.summary + article.seo_description


def test_a_model_is_shown_them_between_marks_that_no_document_can_know(sources, subtests):
    for one in (one for one in ALL if one.is_read):
        with subtests.test(one.how):
            enclosure = Enclosure()
            prompt = enclosure.sources([sources[one.how]])
            inside = re.findall(
                rf"<<<begin {enclosure.nonce}: [^>]+>>>\n(.*?)\n<<<end {enclosure.nonce}>>>",
                prompt,
                re.DOTALL,
            )
            assert any(BRAND in text for text in inside)
            outside = re.sub(
                rf"<<<begin {enclosure.nonce}.*?<<<end {enclosure.nonce}>>>", "", prompt, flags=re.DOTALL
            )
            assert BRAND not in outside


def test_what_people_say_about_instructions_is_no_attack(subtests):
    ordinary = (
        "The compiler ignores all previous declarations of the macro.",
        "Follow the instructions above to reset the device.",
        "You are now ready to install the package.",
        "System messages: errors are printed to the console.",
        "Language models should be evaluated with care.",
        "The user can override the default system settings.",
        "Wenn Sie Fragen haben, lesen Sie die Anweisungen.",
        "Si vous avez une question, lisez les instructions précédentes.",
        "请按照以上说明操作。",
        HONEST,
    )
    for text in ordinary:
        with subtests.test(text):
            assert not speaks_to_a_model(text)


def test_the_table_of_the_documentation_says_what_each_does():
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", TABLE.read_text(), re.MULTILINE))
    assert {how: rows.get(how) for how in (one.how for one in ALL)} == {one.how: outcome(one) for one in ALL}


def outcome(one: Injection) -> str:
    return "read as data, named to the editor, not quoted" if one.is_read else "not read"
