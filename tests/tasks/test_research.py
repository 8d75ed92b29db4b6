"""Reading sources: given texts are cleaned, URLs are read together, unusable ones are listed."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest

from tasks.pipeline.errors import LeaseLost, ProviderError, ProviderUnavailable
from tasks.pipeline.providers import FetchedPage
from tasks.pipeline.providers.memory_archive import MemoryArchive
from tasks.pipeline.stages.research import read_sources
from tasks.pipeline.types import BlockKind, Brief, GivenSource, Research

FETCHED_AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ADDRESS = "http://x.example/"


class Pages:
    """Answers from a dictionary; an exception as the answer is raised."""

    def __init__(self, answers=None, delay=0.0, content_type="text/plain", name="page"):
        self.answers, self.delay, self.at_once, self.most = answers or {}, delay, 0, 0
        self.content_type, self.name, self.finished = content_type, name, 0

    async def fetch(self, url):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        self.finished += 1
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        body = answer if isinstance(answer, bytes) else answer.encode()
        return FetchedPage(body, f"{url}#final", self.content_type, FETCHED_AT, name=self.name)


def read(*sources, pages=None, archive=None):
    return asyncio.run(read_sources(Brief(topic="T", sources=sources), pages or Pages(), archive))


def test_given_texts_are_cleaned():
    research = read(GivenSource(number=1, title="Mine", text="# H\n\nSome **bold** words."))
    (source,) = research.sources
    assert (source.number, source.title, source.text) == (1, "Mine", "H\n\nSome bold words.")


def test_urls_are_read_at_once_but_not_all():
    urls = [f"http://x.example/{n}" for n in range(9)]
    pages = Pages(dict.fromkeys(urls, "Text."), delay=0.02)
    research = read(*(GivenSource(number=n + 1, url=url) for n, url in enumerate(urls)), pages=pages)
    assert [source.number for source in research.sources] == list(range(1, 10))
    assert 1 < pages.most <= 4


def test_the_editors_title_beats_the_pages():
    pages = Pages({"http://x.example/": "Text."})
    research = read(GivenSource(number=1, title="Mine", url="http://x.example/"), pages=pages)
    assert research.sources[0].title == "Mine"


def test_unusable_sources_are_listed_with_a_sentence():
    pages = Pages(
        {"http://a.example/": ProviderError("No."), "http://b.example/": ProviderUnavailable("Later.")}
    )
    research = read(
        GivenSource(number=1, text="Usable text here."),
        GivenSource(number=2, url="http://a.example/"),
        GivenSource(number=3, url="http://b.example/"),
        GivenSource(number=4, title="Nothing"),
        pages=pages,
    )
    assert [(one.number, one.problem) for one in research.unusable] == [
        (2, "No."),
        (3, "Later."),
        (4, "The source has neither text nor a URL; give one of them."),
    ]
    assert research.unusable[2].title == "Nothing"


def test_when_nothing_is_usable_now_the_stage_is_worth_another_try():
    pages = Pages(
        {"http://a.example/": ProviderError("No."), "http://b.example/": ProviderUnavailable("Later.")}
    )
    sources = [GivenSource(number=1, url="http://a.example/"), GivenSource(number=2, url="http://b.example/")]
    with pytest.raises(ProviderUnavailable, match="Later"):
        read(*sources, pages=pages)
    assert read(sources[0], pages=pages).sources == ()


def test_a_brief_without_sources_gives_empty_research():
    assert read().sources == ()


def test_cancelling_stops_the_pages_under_way():
    pages = Pages({"http://a.example/": "x"}, delay=30)

    async def cancelled():
        source = GivenSource(number=1, url="http://a.example/")
        task = asyncio.create_task(read_sources(Brief(topic="T", sources=(source,)), pages))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(cancelled(), 2))


# --- What is kept of a source ---------------------------------------------------------------------------


def test_a_fetched_page_is_archived_with_its_reading_and_named_by_its_hash():
    archive, words = MemoryArchive(), "Schöne Bäume. They give shade to the streets."
    pages = Pages({ADDRESS: words}, content_type="text/plain; charset=utf-8")
    (source,) = read(GivenSource(number=4, url=ADDRESS), pages=pages, archive=archive).sources
    page, reading = archive.saved[4]
    assert (page.body, page.fetched_at, page.final_url) == (words.encode(), FETCHED_AT, f"{ADDRESS}#final")
    assert (reading.text, reading.charset) == (words, "utf-8")
    assert source.sha256 == hashlib.sha256(words.encode()).hexdigest()
    assert (source.reader, source.kinds) == (reading.reader, reading.kinds)


def test_a_page_that_cannot_be_read_is_archived_without_a_reading():
    archive = MemoryArchive()
    pages = Pages({ADDRESS: b"%PDF-1.7 rubbish"}, content_type="application/pdf")
    research = read(GivenSource(number=1, url=ADDRESS), pages=pages, archive=archive)
    page, reading = archive.saved[1]
    assert (page.body, reading) == (b"%PDF-1.7 rubbish", None)
    assert research.unusable[0].problem.startswith(f"{ADDRESS} could not be used: ")


def test_a_page_that_cannot_be_fetched_leaves_nothing():
    archive = MemoryArchive()
    read(
        GivenSource(number=1, url=ADDRESS), pages=Pages({ADDRESS: ProviderError("Closed.")}), archive=archive
    )
    assert archive.saved == {}


@pytest.mark.parametrize("served", ["application/octet-stream", "application/octet-stream; charset=x", ""])
def test_bytes_of_no_declared_type_are_read_as_what_they_are(served):
    page = "<html><head><title>Trees</title></head><body><p>Trees cool a street.</p></body></html>"
    archive, pages = MemoryArchive(), Pages({ADDRESS: page}, content_type=served, name="download")
    (source,) = read(GivenSource(number=1, url=ADDRESS), pages=pages, archive=archive).sources
    assert (source.title, source.text) == ("Trees", "Trees cool a street.")
    assert archive.saved[1][1].media_type == "text/html"


def test_bytes_of_no_declared_type_that_are_no_text_are_a_problem_of_their_source():
    pages = Pages({ADDRESS: bytes(range(256)) * 40}, content_type="application/octet-stream")
    (unusable,) = read(GivenSource(number=1, url=ADDRESS), pages=pages).unusable
    assert "could not be used" in unusable.problem


def test_a_typed_text_is_archived_with_a_reading_that_names_no_charset():
    archive = MemoryArchive()
    (source,) = read(GivenSource(number=1, text="# Bäume\n\nSie spenden Schatten."), archive=archive).sources
    page, reading = archive.saved[1]
    assert page.body.decode() == "# Bäume\n\nSie spenden Schatten."
    assert (page.final_url, page.fetched_at) == ("", None)
    assert (reading.media_type, reading.charset, reading.charset_from) == ("text/markdown", "", "")
    assert source.text == reading.text


def test_a_typed_page_is_read_in_its_characters_whatever_charset_it_names():
    page = '<html><head><meta charset="windows-1251"></head><body><p>Größere Bäume kühlen.</p></body></html>'
    (source,) = read(GivenSource(number=1, text=page)).sources
    assert source.text == "Größere Bäume kühlen."


def test_a_text_from_a_file_is_not_read_again_as_if_it_were_typed():
    text = "# 412 is the number\n\n* of ships *\n\nHarbour | Ships"
    kinds = (BlockKind.PARAGRAPH, BlockKind.PARAGRAPH, BlockKind.TABLE_ROW)
    archive = MemoryArchive()
    given = GivenSource(number=2, title="Count", text=text, kinds=kinds, warnings=("Page 2 is missing.",),
                        sha256="ab" * 32, reader="pdf 9")  # fmt: skip
    (source,) = read(given, archive=archive).sources
    assert (source.text, source.kinds, source.warnings) == (text, kinds, ("Page 2 is missing.",))
    assert (source.sha256, source.reader) == ("ab" * 32, "pdf 9")
    assert archive.saved == {}, "it was stored when the brief was filed"


def test_an_archive_that_refuses_ends_the_stage_and_the_other_pages():
    class Refuses:
        async def save(self, number, page, reading):
            raise LeaseLost("Gone.")

    urls = [f"http://x.example/{n}" for n in range(9)]
    pages = Pages(dict.fromkeys(urls, "Text for a source."), delay=0.05)
    given = tuple(GivenSource(number=n + 1, url=url) for n, url in enumerate(urls))

    async def run():
        with pytest.raises(LeaseLost):
            await read_sources(Brief(topic="T", sources=given), pages, Refuses())
        finished = pages.finished
        await asyncio.sleep(0.2)
        return finished

    assert asyncio.run(run()) == pages.finished <= 4


def test_a_saved_output_from_before_sources_had_kinds_is_still_read():
    saved = {
        "sources": [{"number": 1, "title": "Old", "url": "", "text": "One.\n\nTwo."}],
        "unusable": [],
        "notes": [],
    }
    (source,) = Research.model_validate(saved).sources
    assert source.blocks == [(BlockKind.PARAGRAPH, "One."), (BlockKind.PARAGRAPH, "Two.")]
    assert (source.warnings, source.sha256, source.reader) == ((), "", "")
