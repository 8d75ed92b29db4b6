"""Reading sources: given texts are cleaned, URLs are read together, unusable ones are listed."""

import asyncio

import pytest

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.stages.research import read_sources
from tasks.pipeline.types import Brief, GivenSource, SourceText


class Pages:
    """Answers from a dictionary; an exception as the answer is raised."""

    def __init__(self, answers=None, delay=0.0):
        self.answers, self.delay, self.at_once, self.most = answers or {}, delay, 0, 0

    async def read(self, url, *, number):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(self.delay)
        self.at_once -= 1
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return SourceText(number=number, title="Page", url=url, text=answer)


def read(*sources, pages=None):
    return asyncio.run(read_sources(Brief(topic="T", sources=sources), pages or Pages()))


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
