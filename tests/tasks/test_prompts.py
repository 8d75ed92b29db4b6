"""The instructions of language models: files with versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.pipeline import prompts
from tasks.pipeline.prompts import all_prompts, known_hashes, prompt


def test_no_prompt_changes_without_its_version() -> None:
    """For a changed text: raise `version`, add a line to `changes`, and add the hash under the new label."""
    known = known_hashes()
    found = {one.label: one.sha256 for one in all_prompts()}
    assert found == {label: known.get(label) for label in found}


def test_every_version_has_its_hash_and_says_what_changed() -> None:
    for one in all_prompts():
        assert one.text
        assert all(change.strip() for change in one.changes)
        for version in range(1, one.version + 1):
            assert f"{one.name} {version}" in known_hashes()


def test_a_change_of_what_is_sent_with_a_prompt_is_a_change_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "FOLDER", tmp_path)
    head = '+++\nversion = 1\nchanges = ["First."]\n'
    (tmp_path / "letter.md").write_text(f'{head}includes = ["rule"]\n+++\nWrite.\n', encoding="utf-8")
    prompt.cache_clear()
    hashes = set()
    try:
        for rule in ("Be brief.", "Be kind."):
            (tmp_path / "rule.md").write_text(f"{head}+++\n{rule}\n", encoding="utf-8")
            prompt.cache_clear()
            hashes.add(prompt("letter").sha256)
        (tmp_path / "letter.md").write_text("+++\nversion = 2\nchanges = []\n+++\n", encoding="utf-8")
        prompt.cache_clear()
        with pytest.raises(ValueError, match="version 2 and names 0 changes"):
            prompt("letter")
    finally:
        prompt.cache_clear()
    assert len(hashes) == 2
