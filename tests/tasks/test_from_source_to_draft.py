"""What a source says is what the draft quotes and what the checks accept: from the file to the review."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.source_corpus import opendocument, pdf_by_hand, word_files
from benchmarks.source_corpus.article import Abilities, made
from benchmarks.source_corpus.languages import LANGUAGES
from tasks.briefs import read_source
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.factories import make_task
from tests.tasks.test_write import run

pytestmark = pytest.mark.django_db(transaction=True)

PAD = (
    "The crew of each ship signed one paper before it left the harbour of the town. "
    "The office stored these papers for ten years and then burned them in the yard. "
    "A storm in April closed the harbour for six days and damaged the old wooden pier."
)


def draft_from(path: Path, *, language: str = "en", topic: str = "The harbour") -> Draft:
    """Of a brief with this one file, by the offline writer."""
    run("write", topic, "--source", str(path))
    task = ContentTask.objects.get()
    ContentTask.objects.filter(pk=task.pk).update(language=language)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL, task.error
    return task.draft


def status_of(draft: Draft, check: str) -> str:
    results = {result["check"]: result for result in draft.quality_reports.latest("version").results}
    return results[check]["status"]


PAGES = {
    "footnote marks and exponents": (
        f"<h1>Figures</h1><p>The harbour office counted 412<sup>3</sup> ships and 10<sup>6</sup> crates in "
        f"spring. {PAD}</p>",
        "counted 412 ships and 10⁶ crates in spring. [1]",
        ("4123", "106 crates"),
    ),
    "struck-out text": (
        "<p>The harbour office counted <del>912</del><ins>412</ins> ships in the spring of the year. "
        f"{PAD}</p>",
        "counted 412 ships in the spring of the year. [1]",
        ("912",),
    ),
    "lines of the file": (
        "<p>Only one worker thread\nat a time is\ntrying to <code>request()</code>\na job of the pool.\n"
        f"{PAD}</p>",
        "signed one paper before it left the harbour of the town. [1]",
        ("at a time is trying. ", "\nat a time"),
    ),
    "a page in a form": (
        "<form><input name=q><p>The harbour office counted 412 ships in the spring of 2024. "
        f"{PAD}</p></form>",
        "counted 412 ships in the spring of 2024. [1]",
        (),
    ),
}


@pytest.mark.parametrize(("html", "quoted", "never"), PAGES.values(), ids=PAGES)
def test_a_page_is_quoted_as_it_reads(tmp_path, html, quoted, never):
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><html><body><article>{html}</article></body></html>", encoding="utf-8")
    draft = draft_from(page)
    assert quoted in draft.body
    assert [words for words in never if words in draft.body] == []
    assert status_of(draft, "figures_in_sources") != "failed"


def test_a_figure_of_a_table_counts_as_sourced(tmp_path):
    page = tmp_path / "page.html"
    rows = "".join(f"<tr><td>{year}</td><td>{ships}</td></tr>" for year, ships in ((2023, 401), (2024, 412)))
    page.write_text(
        f"<article><p>{PAD}</p><table><tr><th>Year</th><th>Ships</th></tr>{rows}</table></article>",
        encoding="utf-8",
    )
    source = read_source(str(page))
    assert "Year: 2024; Ships: 412" in source["text"]
    assert "Year: 2024" not in draft_from(page).body, "a row is no sentence"


@pytest.mark.parametrize("code", ["de", "ru", "zh", "ja"])
def test_a_word_processors_file_is_quoted_without_deletions_and_comments(tmp_path, code):
    article = made(LANGUAGES[code], "a test", word_files.OFFICE, 12)
    for suffix, data in (("docx", word_files.docx(article)), ("odt", opendocument.odt(article))):
        path = tmp_path / f"report.{suffix}"
        path.write_bytes(data)
        text = read_source(str(path))["text"]
        assert [words for words in ("of us will read", "Ignore the brief") if words in text] == []
    draft = draft_from(path, language=code, topic=article.title)
    quoted = [line for line in draft.body.splitlines() if "[1]" in line]
    assert quoted
    assert status_of(draft, "figures_in_sources") == "passed"


def test_columns_that_are_painted_row_by_row_are_read_one_after_the_other(tmp_path):
    article = made(LANGUAGES["en"], "a test", Abilities(quotations=False, tables=False, notes=False), 14)
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf_by_hand.two_columns(article))
    draft = draft_from(path, topic="Ships of the harbours")
    truth = " ".join(article.truth)
    sentences = [
        one.strip(" -") for line in draft.body.splitlines() for one in line.split("[1]") if one.strip(" -#>")
    ]
    quoted = [one for one in sentences if one.endswith(".") and "digest" not in one]
    assert len(quoted) >= 5
    assert [one for one in quoted if one not in truth] == []


@pytest.mark.parametrize(
    ("charset", "code"),
    [("cp1251", "ru"), ("cp1250", "pl"), ("gbk", "zh"), ("euc_kr", "ko"), ("utf-8", "de")],
)
def test_characters_that_are_not_declared_are_recognised(tmp_path, charset, code):
    texts = [text for text in LANGUAGES[code].sentences if "^" not in text and "<<" not in text]
    text = " ".join(one.format(a=412, d="3,5", y=2024, p=LANGUAGES[code].places[0]) for one in texts)
    path = tmp_path / "notes.txt"
    path.write_bytes(text.encode(charset))
    assert read_source(str(path))["text"] == text
    assert " [1]" in draft_from(path, language=code, topic=LANGUAGES[code].title).body


def test_a_draft_in_chinese_is_checked_by_its_sentences():
    true = (
        "港口办公室在2024年春天统计了412艘船。每艘船的船员在离港前都签了一份文件。"
        "办公室把这些文件保存了十年。四月的风暴使港口关闭了六天。风暴过后有37艘船在港外等待引航员。"
    )
    task = make_task(language="zh", topic="港口的船")
    task.sources.create(title="报告", text=true)
    write_one(task.pk)
    task.refresh_from_db()
    assert "412艘船" in task.draft.body
    assert status_of(task.draft, "claims_supported") == "passed"
    assert status_of(task.draft, "figures_in_sources") == "passed"
