"""The documents hold: links lead somewhere, what is named exists, and what is to be short is short."""

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.core.management import get_commands

BASE_DIR = Path(__file__).resolve().parent.parent
DOCS = BASE_DIR / "docs"
DOCUMENTS = sorted([*BASE_DIR.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
RECIPES = sorted(path for path in (DOCS / "howto").glob("*.md") if path.name != "README.md")

FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"manage\.py ([a-z][a-z_]*)")
FIGURE = re.compile(r"\d ?(?:ms|µs|[KMG]i?B|%)(?!\w)|\d/s\b")
OUR_FOLDERS = ("tasks", "approvals", "publishing", "contentpipeline", "benchmarks", "tests", "tools")
PLACEHOLDER = re.compile(r"[*<>{}…]|[A-Z]{4,}")
REMOVED_WORDS = re.compile(r"\b(?:kept|told|news|anew|whoever|somebody|beside)\b", re.IGNORECASE)
"""Private words that the glossary has replaced."""

NOT_MADE_YET = {"docs/screenshots/desk.png", "docs/screenshots/diff.png", "docs/screenshots/site.png"}
"""Pictures that README names and that are still missing."""


def prose(path):
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def name_of(path):
    return str(path.relative_to(BASE_DIR))


def anchor(heading):
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    return {anchor(heading) for heading in HEADING.findall(prose(path))}


def is_there(document, link):
    place, _, fragment = link.partition("#")
    target = (document.parent / place).resolve() if place else document
    return target.exists() and (not fragment or fragment in anchors(target))


def named_paths(path):
    """The project's own files and folders that a document names in backticks."""
    named = {text.split(":")[0] for text in CODE.findall(prose(path))}
    return {text for text in named if re.match(rf"(?:{'|'.join(OUR_FOLDERS)})/[\w/.*<>{{}}…-]*$", text)}


def missing_paths(path):
    return {
        text for text in named_paths(path) if not PLACEHOLDER.search(text) and not (BASE_DIR / text).exists()
    }


def is_importable(dotted):
    try:
        resolve_name(dotted)
    except (AttributeError, ImportError):
        return False
    return True


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_relative_link_leads_to_a_file_and_a_heading(path):
    links = {link for link in LINK.findall(prose(path)) if not re.match(r"[a-z]+:", link)}
    missing = {link for link in links if not is_there(path, link)}
    assert missing - NOT_MADE_YET == set()


def test_what_is_not_made_yet_is_missing_indeed():
    assert not [name for name in NOT_MADE_YET if (BASE_DIR / name).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_file_that_is_named_exists(path):
    assert missing_paths(path) == set()


def test_a_file_that_is_gone_is_noticed(tmp_path):
    document = tmp_path / "document.md"
    document.write_text("`tasks/models/` and `tasks/gone.py`, a new `tasks/NAME.py`, `/api/tasks/`.\n")
    assert missing_paths(document) == {"tasks/gone.py"}
    assert not is_there(document, "b.md#c")
    assert is_there(DOCS / "architecture.md", "reliability.md#processes")
    assert not is_there(DOCS / "architecture.md", "reliability.md#nothing-of-the-kind")


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_function_that_is_named_by_its_module_exists(path):
    dotted = {text.removesuffix("()") for text in CODE.findall(prose(path))}
    ours = {text for text in dotted if re.fullmatch(rf"(?:{'|'.join(OUR_FOLDERS)})\.\w+\.[\w.]+", text)}
    assert {text for text in ours if not text.endswith(".py") and not is_importable(text)} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_command_that_is_named_exists(path):
    named = set(COMMAND.findall(path.read_text(encoding="utf-8")))
    assert named - set(get_commands()) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_documents_use_the_words_of_the_glossary(path):
    assert set(REMOVED_WORDS.findall(CODE.sub("", prose(path)))) == set()


@pytest.mark.parametrize(("name", "most_words"), [("docs/architecture.md", 2000), ("README.md", 900)])
def test_the_map_and_the_front_page_stay_short(name, most_words):
    assert len((BASE_DIR / name).read_text(encoding="utf-8").split()) <= most_words


def test_the_map_has_one_diagram_and_no_measurements():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert text.count("```mermaid") == 1
    assert FIGURE.findall(text) == []
    assert FIGURE.findall((DOCS / "measurements.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DECISIONS, ids=name_of)
def test_every_decision_says_its_context_choice_and_costs(path):
    text = prose(path)
    title, *headings = HEADING.findall(text)
    assert title.startswith(f"{path.name[:4]}. ")
    assert headings == ["Context", "Choice", "Costs"]
    assert re.search(r"^Date: \d{4}-\d\d-\d\d", text, re.MULTILINE)
    sections = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)


def test_decisions_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize(("folder", "pages"), [("decisions", DECISIONS), ("howto", RECIPES)])
def test_an_index_lists_all_pages_of_its_folder(folder, pages):
    index = DOCS / folder / "README.md"
    assert pages
    assert {path.name for path in pages} <= set(LINK.findall(prose(index)))


@pytest.mark.parametrize("path", RECIPES, ids=name_of)
def test_recipes_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 60
