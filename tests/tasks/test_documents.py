"""Documents whose parser goes wrong, wherever they come in: each is a problem of its own source."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from tasks import actions
from tasks.engine.compute import ComputePool
from tasks.engine.worker import PipelineWorker, write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.pipeline import off_loop
from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.isolation import Limits, run_isolated
from tasks.pipeline.providers.web.pages import GuardedPages
from tasks.pipeline.reading import isolated
from tasks.pipeline.reading.isolated import read_document, read_document_blocking
from tasks.pipeline.stages.research import read_sources
from tasks.pipeline.types import Brief, GivenSource, Research
from tests import broken_parsers
from tests.factories import make_user
from tests.tasks.test_admin import BRIEF
from tests.tasks.test_pages import PAGE, Site, html

QUICK = Limits(wall_seconds=2.0, cpu_seconds=1.0, memory_bytes=200 * 1024**2)
HTML = b"<html><body><article><p>Trees cool a street.</p></article></body></html>"
SAMPLE = Path(actions.__file__).parent / "sample"
BROKEN = pytest.mark.parametrize("parser", broken_parsers.BROKEN, ids=lambda parser: parser.__name__)
SOME_BROKEN = pytest.mark.parametrize(
    "parser",
    [broken_parsers.sleeps, broken_parsers.allocates, broken_parsers.raises_odd, broken_parsers.dies],
    ids=lambda parser: parser.__name__,
)


@pytest.fixture
def computing() -> Iterator[ComputePool]:
    made = ComputePool()
    yield made
    made.close()


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Have documents read by a stand-in, within limits that a test can wait for."""

    def use(parser: Any) -> None:
        monkeypatch.setattr(isolated, "read_in_process", parser)
        monkeypatch.setattr(isolated, "LIMITS", QUICK)

    return use


# --- One document ---------------------------------------------------------------------------------------


@BROKEN
def test_whatever_a_parser_does_in_a_worker_is_a_sentence(
    use: Callable[[Any], None], computing: ComputePool, parser: Any
) -> None:
    use(parser)

    async def read() -> None:
        off_loop.run_limited.set(computing.run_limited)
        with pytest.raises(UnreadableText, match="paste its text"):
            await read_document(HTML)
        use(broken_parsers.fine)
        assert (await read_document(HTML)).title == "A title", "the next one is read"

    asyncio.run(read())


@BROKEN
def test_whatever_a_parser_does_elsewhere_is_a_sentence(use: Callable[[Any], None], parser: Any) -> None:
    use(parser)
    with pytest.raises(UnreadableText, match="paste its text"):
        read_document_blocking(HTML)


def test_what_went_wrong_is_named() -> None:
    for parser, said in (
        (broken_parsers.allocates, "more than 512 MB of memory"),
        (broken_parsers.recurses, "nested too deeply"),
        (broken_parsers.sleeps, "crashed or took too long"),
        (broken_parsers.asserts, "damaged and cannot be read (AssertionError)"),
    ):
        with pytest.raises(Exception) as caught:
            run_isolated(parser, limits=QUICK)
        assert said in str(isolated.unreadable(caught.value))  # type: ignore[arg-type]


def test_a_parsers_process_has_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere")
    _, names = run_isolated(broken_parsers.shows_environment, limits=QUICK)
    assert not {"OPENAI_API_KEY", "DATABASE_URL", "SECRET_KEY"} & set(names.split())


def test_documents_that_wait_for_their_turn_do_not_lose_their_time(
    use: Callable[[Any], None], computing: ComputePool
) -> None:
    """More hang than there are processors: the one behind them is read all the same."""
    use(broken_parsers.sleeps)

    async def read() -> Any:
        off_loop.run_limited.set(computing.run_limited)
        hanging = [asyncio.create_task(read_document(HTML)) for _ in range(2 * (os.cpu_count() or 1))]
        await asyncio.sleep(0.2)
        use(broken_parsers.fine)
        last = await read_document(HTML)
        await asyncio.gather(*hanging, return_exceptions=True)
        return last

    assert asyncio.run(read()).title == "A title"


@pytest.mark.slow
def test_a_large_page_is_within_the_limits() -> None:
    page = b"<html><body><article>" + b"<p>Trees cool a street by several degrees.</p>" * 22_000
    assert len(page) > 1_000_000
    assert "Trees cool a street" in read_document_blocking(page).text


# --- All ways in ----------------------------------------------------------------------------------------


def test_one_source_that_breaks_its_parser_leaves_the_others(use: Callable[[Any], None]) -> None:
    use(broken_parsers.dies)
    sources = (
        GivenSource(number=1, text="Plain text needs no parser."),
        GivenSource(number=2, title="A page", text=HTML.decode()),
        GivenSource(number=3, title="A PDF", text="%PDF-1.7 and rubbish"),
        GivenSource(number=4, text="A second plain text."),
    )

    async def nobody(url: str) -> Any:
        raise AssertionError

    class Pages:
        fetch = staticmethod(nobody)

    research = asyncio.run(read_sources(Brief(topic="T", sources=sources), Pages()))
    assert [source.number for source in research.sources] == [1, 4]
    assert [source.number for source in research.unusable] == [2, 3]
    assert all("paste its text" in source.problem for source in research.unusable)


@pytest.mark.parametrize(
    "error", [KeyError("x"), AssertionError(), RecursionError(), MemoryError(), OSError()]
)
def test_whatever_a_reader_of_pages_raises_is_a_problem_of_that_page(error: Exception) -> None:
    class Pages:
        async def fetch(self, url: str) -> Any:
            raise error

    sources = (GivenSource(number=1, text="Usable text."), GivenSource(number=2, url="https://x.example/"))
    research: Research = asyncio.run(read_sources(Brief(topic="T", sources=sources), Pages()))
    assert [source.number for source in research.sources] == [1]
    assert research.unusable[0].problem


@pytest.mark.parametrize("kind", ["text/html", "application/pdf"])
def test_a_fetched_page_that_breaks_its_parser_is_its_own_problem(
    use: Callable[[Any], None], kind: str
) -> None:
    use(broken_parsers.sleeps)
    body = PAGE if kind == "text/html" else "%PDF-1.7 rubbish"
    site = Site(page=html(body, content_type=kind))

    async def read() -> Research:
        async with site.served() as root:
            pages = GuardedPages(allow_private_networks=True, total_seconds=1.0)
            sources = (GivenSource(number=1, text="Usable."), GivenSource(number=2, url=root + "/page"))
            return await read_sources(Brief(topic="T", sources=sources), pages)

    research = asyncio.run(read())
    assert [source.number for source in research.sources] == [1]
    assert "/page could not be used: Reading the document was stopped" in research.unusable[0].problem


@pytest.mark.django_db(transaction=True)
def test_a_task_goes_on_without_such_a_source_and_says_so(
    use: Callable[[Any], None], computing: ComputePool
) -> None:
    use(broken_parsers.allocates)
    good = (SAMPLE / "how-a-tree-cools-a-street.md").read_text()
    sources = [{"title": "Good", "text": good}, {"title": "Bad", "text": HTML.decode()}]
    task = actions.file_brief({"topic": "Street trees"}, sources, by=None)
    PipelineWorker(only=task.pk, max_in_flight=1, until_idle=True, computing=computing).run()
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL, task.error
    assert task.sources.get(number=1).problem == ""
    assert "memory" in task.sources.get(number=2).problem


@pytest.mark.django_db(transaction=True)
def test_a_task_whose_only_source_breaks_its_parser_says_which_and_why(use: Callable[[Any], None]) -> None:
    use(broken_parsers.raises_odd)
    task = actions.file_brief({"topic": "Trees"}, [{"title": "Bad", "text": HTML.decode()}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error_kind) == (Status.FAILED, "stage_failed")
    assert "Bad: " in task.error or "Source 1: " in task.error
    assert "paste its text" in task.error


@pytest.mark.django_db
@SOME_BROKEN
def test_an_upload_that_breaks_its_parser_is_refused_next_to_its_field(
    use: Callable[[Any], None], client: Any, parser: Any
) -> None:
    use(parser)
    client.force_login(make_user("walter", "Writers", is_staff=True))
    upload = SimpleUploadedFile("page.html", HTML)
    answer = client.post(
        reverse("admin:tasks_contenttask_add"), BRIEF | {"sources-1-url": "", "sources-1-file": upload}
    )
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "page.html: " in page
    assert "paste its text" in page
    assert "Shade cools." in page, "what was typed is still there"
    assert not ContentTask.objects.exists()


# --- manage.py write ------------------------------------------------------------------------------------


def encrypted(path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=SAMPLE / "choosing-and-placing-trees.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)


BAD_FILES: dict[str, Any] = {
    "directory": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "empty.txt": lambda path: path.touch(),
    "blank.md": lambda path: path.write_text(" \n\t\n"),
    "huge.txt": lambda path: path.write_bytes(b"a" * 10_000_001),
    "rubbish": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "rubbish.pdf": lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40),
    "cut.pdf": lambda path: path.write_bytes((SAMPLE / "choosing-and-placing-trees.pdf").read_bytes()[:900]),
    "encrypted.pdf": encrypted,
    "text.pdf": lambda path: path.write_text("No PDF at all."),
    "archive.docx": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40),
    "missing.txt": lambda path: None,
    "x" * 300: lambda path: None,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", BAD_FILES, ids=lambda name: name[:20])
def test_write_says_in_a_sentence_what_is_wrong_with_a_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    BAD_FILES[name](path)
    with pytest.raises(CommandError) as caught:
        call_command("write", "Trees", "--source", str(path))
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")
    assert not ContentTask.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_write_says_so_when_it_may_not_read_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("Not for everybody.")
    path.chmod(stat.S_IWUSR)
    # The superuser may read everything.
    refused = pytest.raises(CommandError, match="cannot be read: Permission denied")
    with nullcontext() if os.access(path, os.R_OK) else refused:
        call_command("write", "Trees", "--source", str(path))


@pytest.mark.django_db(transaction=True)
@SOME_BROKEN
def test_write_prints_a_sentence_whatever_a_parser_does(
    use: Callable[[Any], None], tmp_path: Path, parser: Any
) -> None:
    use(parser)
    path = tmp_path / "page.html"
    path.write_bytes(HTML)
    with pytest.raises(CommandError, match="paste its text"):
        call_command("write", "Trees", "--source", str(path))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("brief", "said"),
    [
        ("topic = 5", "topic must be a text"),
        ("topic = 'x'\ntags = 5", "tags must be a list"),
        ("topic = 'x'\ntags = ['a', 5]", "tags must be a list"),
        ("topic = 'x'\ntarget_words = inf", "target_words must be a number"),
        ("topic = 'x'\nbudget_usd = nan", "budget_usd must be a number"),
        ("topic = 'x'\nrun_after = 10:00:00", "run_after must be a time"),
        ("topic = 'x'\ndue_at = 0001-01-01T00:00:00+23:59", "due_at must be a time"),
        ('topic = "a\\u0000b"', "topic must be a text"),
        ("topic = 'x'\nsources = 5", "sources must be tables"),
        ("topic = 'x'\nsources = [1]", "sources must be tables"),
        ("topic = 'x'\n[[sources]]\nfile = 5", "file of a source must be a text"),
        ("topic = 'x'\n[[sources]]\nfile = 'no.txt'", "no.txt cannot be read"),
        ('topic = "x"\n[[sources]]\ntext = "a\\u0000b"', "text of a source must be a text"),
        ("topic = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_a_brief_file_that_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, brief: str, said: str
) -> None:
    path = tmp_path / "brief.toml"
    path.write_text(brief)
    with pytest.raises(CommandError, match=said):
        call_command("write", "--brief", str(path))
    assert not ContentTask.objects.exists()
