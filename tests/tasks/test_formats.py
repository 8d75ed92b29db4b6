"""The formats that a source may have: every list of them follows from the readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.pipeline.reading import formats


def test_every_reader_is_named_fetched_and_offered_for_upload() -> None:
    assert set(formats.READERS) <= formats.accepted_types()
    assert set(formats.SUFFIXES) <= set(formats.accepted_suffixes())
    assert len(formats.format_names()) == len(set(formats.READERS))
    assert all(media_type in formats.accept_header() for media_type in formats.READERS)


def test_a_format_that_is_added_is_named_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(formats.READERS, "application/x-new", "new")
    monkeypatch.setitem(formats.SUFFIXES, ".new", "application/x-new")
    assert formats.format_names()[-1] == ".new"
    assert formats.formats_in_words().endswith(" or .new")
    assert "application/x-new" in formats.accepted_types()
    assert "application/x-new;q=0.9" in formats.accept_header()
    assert ".new" in formats.accepted_suffixes()
    assert formats.type_by_name("Report.NEW") == "application/x-new"


def test_pages_are_asked_for_first() -> None:
    assert formats.accept_header().startswith("text/html, application/xhtml+xml, application/pdf, ")


@pytest.mark.parametrize(
    ("served", "declared"),
    [
        ("text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("application/octet-stream", ""),
        ("Application/Octet-Stream; charset=gbk", "; charset=gbk"),
        ("", ""),
        ("; charset=utf-8", "; charset=utf-8"),
    ],
)
def test_a_type_that_says_nothing_is_none(served: str, declared: str) -> None:
    assert formats.declared_type(served) == declared


def test_the_guide_for_operators_names_every_format() -> None:
    guide = (Path(formats.__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in formats.format_names() if name not in guide] == []
