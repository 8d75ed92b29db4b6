"""The documents hold: links lead somewhere, what is named exists, and what is to be short is short."""

import re
from functools import cache
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.core.management import get_commands

from contentpipeline.api import PROBLEM_TYPES
from tasks.models import Incident
from tasks.pipeline.vendors import vendor_settings
from tests.test_vocabulary import WORDS

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
PROBLEM = re.compile(r'^    problem = "([a-z-]+)"', re.MULTILINE)
VARIABLE = re.compile(r"\benv(?:ironment)?\.\w+\(\s*\"([A-Z_]+)\"")
FIGURE = re.compile(r"\d ?(?:ms|µs|[KMG]i?B|%)(?!\w)|\d/s\b")
FOLDERS = "tasks|approvals|publishing|contentpipeline|benchmarks|tests|tools|templates|static"
OUR_PATH = re.compile(rf"(?:{FOLDERS})/[\w/.-]*")
OUR_NAME = re.compile(rf"(?:{FOLDERS})\.\w+\.[\w.]+(?<!\.py)")
DIFF = re.compile(r"^```diff\n(.*?)^```", re.MULTILINE | re.DOTALL)
DIFF_FILE = re.compile(r" # ([\w/]+\.\w+)")
IDENTIFIER = re.compile(r"[A-Za-z_]\w{3,}")
TEST_NAME = re.compile(r"test_[a-z0-9_]+")
PLACEHOLDER = re.compile(r"\b[A-Z]{4,}\b")
PROSE_WORDS = re.compile(rf"\b(?:{'|'.join(sorted(WORDS | {'kept', 'told', 'news'}))})\b", re.IGNORECASE)
"""Private words that the glossary has replaced."""


def prose(path):
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def names_in_code(path, pattern):
    """What a document names in backticks and matches the pattern as a whole."""
    named = {text.split(":")[0].removesuffix("()") for text in CODE.findall(prose(path))}
    return {text for text in named if pattern.fullmatch(text) and not PLACEHOLDER.search(text)}


def anchors(path):
    """The fragments that lead to a heading, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in HEADING.findall(prose(path))
    }


def is_there(document, link):
    place, _, fragment = link.partition("#")
    target = (document.parent / place).resolve() if place else document
    return target.exists() and (not fragment or fragment in anchors(target))


def dead_links(path):
    links = {link for link in LINK.findall(prose(path)) if not re.match(r"[a-z]+:", link)}
    return {link for link in links if not is_there(path, link)}


def missing_paths(path):
    return {text for text in names_in_code(path, OUR_PATH) if not (BASE_DIR / text).exists()}


def missing_names(path):
    return {text for text in names_in_code(path, OUR_NAME) if not is_importable(text)}


def missing_tests(path):
    return {name for name in names_in_code(path, TEST_NAME) if f"def {name}(" not in all_tests()}


@cache
def all_tests():
    return "".join(path.read_text(encoding="utf-8") for path in (BASE_DIR / "tests").rglob("test_*.py"))


def stale_lines(recipe):
    """Lines of its diffs that are to be in a file already, and are not; those with "…" are shortened."""
    stale, text = set(), ""
    for line in "\n".join(DIFF.findall(recipe.read_text(encoding="utf-8"))).splitlines():
        if named := DIFF_FILE.match(line):
            text = (BASE_DIR / named[1]).read_text("utf-8") if (BASE_DIR / named[1]).is_file() else ""
        elif text and line[:1] in {" ", "-"} and "…" not in line and line[1:].strip() not in text:
            stale.add(line)
    return stale


def is_importable(dotted):
    try:
        resolve_name(dotted)
    except (AttributeError, ImportError):
        return False
    return True


def wrong_in_documents(find):
    """What is found in each document, without those where it is nothing."""
    return {str(path.relative_to(BASE_DIR)): found for path in DOCUMENTS if (found := find(path))}


def test_every_relative_link_leads_to_a_file_and_a_heading():
    assert wrong_in_documents(dead_links) == {}


def test_every_file_function_and_test_that_is_named_exists():
    assert wrong_in_documents(missing_paths) == {}
    assert wrong_in_documents(missing_tests) == {}
    assert wrong_in_documents(missing_names) == {}


def test_what_is_gone_is_noticed(tmp_path):
    document = tmp_path / "document.md"
    document.write_text(
        "`tasks/models/` and `tasks/gone.py`, a new `tasks/NAME.py`, `/api/tasks/`; `tasks.actions.gone`,"
        " `tasks.actions.cancel`; `test_gone_since`;\n"
        "[a](b.md), [b](#here), [c](#there), [d](https://example.org/)\n\n# Here\n"
    )
    assert missing_paths(document) == {"tasks/gone.py"}
    assert missing_names(document) == {"tasks.actions.gone"}
    assert missing_tests(document) == {"test_gone_since"}
    assert dead_links(document) == {"b.md", "#there"}


def test_every_command_that_is_named_exists():
    known = set(get_commands())
    assert wrong_in_documents(lambda path: set(COMMAND.findall(path.read_text("utf-8"))) - known) == {}


def test_every_variable_of_the_environment_is_described():
    sources = [path for app in ("contentpipeline", "tasks") for path in (BASE_DIR / app).rglob("*.py")]
    read = {name for path in sources for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    read |= {setting.name for setting in vendor_settings()}
    assert {"SECRET_KEY", "REDIS_URL", "ALERT_EMAILS", "ANTHROPIC_API_KEY"} <= read
    assert read - set(CODE.findall(prose(DOCS / "settings.md"))) == set()


def test_every_alert_has_a_playbook_by_its_name():
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    playbooks = text.partition("## Playbooks\n")[2].partition("\n## ")[0]
    for kind in Incident.Kind:
        steps = playbooks.partition(f"### {kind.label}\n")[2].partition("\n### ")[0]
        assert re.search(r"^1\. .+^2\. ", steps, re.MULTILINE | re.DOTALL), kind.label


def test_every_problem_of_the_api_is_described():
    rows = re.findall(r"^\| (`[^|]+) \| \d", (DOCS / "api" / "errors.md").read_text("utf-8"), re.MULTILINE)
    described = {name for row in rows for name in CODE.findall(row)}
    sources = [
        path for app in ("tasks", "approvals", "publishing") for path in (BASE_DIR / app).rglob("*.py")
    ]
    named = {name for path in sources for name in PROBLEM.findall(path.read_text(encoding="utf-8"))}
    assert len(named) >= 4
    assert {name for _, name in PROBLEM_TYPES.values()} | named == described


def test_documents_use_the_words_of_the_glossary():
    assert wrong_in_documents(lambda path: set(PROSE_WORDS.findall(CODE.sub("", prose(path))))) == {}


@pytest.mark.parametrize(("name", "most_words"), [("docs/architecture.md", 2000), ("README.md", 900)])
def test_the_map_and_the_front_page_are_short(name, most_words):
    assert len((BASE_DIR / name).read_text(encoding="utf-8").split()) <= most_words


def test_the_map_has_one_diagram_and_no_measurements():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert text.count("```mermaid") == 1
    assert FIGURE.findall(text) == []
    assert FIGURE.findall((DOCS / "measurements.md").read_text(encoding="utf-8"))


def test_every_decision_says_its_context_choice_and_costs(subtests):
    for number, path in enumerate(DECISIONS, start=1):
        with subtests.test(path.name):
            text = prose(path)
            title, *headings = HEADING.findall(text)
            assert path.name.startswith(f"{number:04}-")
            assert title.startswith(f"{number:04}. ")
            assert headings == ["Context", "Choice", "Costs"]
            assert re.search(r"^Date: \d{4}-\d\d-\d\d", text, re.MULTILINE)
            assert all(section.strip() for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])


@pytest.mark.parametrize(("folder", "pages"), [("decisions", DECISIONS), ("howto", RECIPES)])
def test_an_index_lists_all_pages_of_its_folder(folder, pages):
    assert pages
    assert {path.name for path in pages} - set(LINK.findall(prose(DOCS / folder / "README.md"))) == set()


def test_recipes_name_what_is_in_the_code():
    files = [path for folder in FOLDERS.split("|") for path in (BASE_DIR / folder).rglob("*")]
    sources = [path.read_text("utf-8") for path in files if path.suffix in {".py", ".sql", ".html"}]
    words = set(re.findall(r"\w+", "\n".join(sources)))
    unknown = {
        path.name: set(filter(IDENTIFIER.fullmatch, CODE.findall(prose(path)))) - words for path in RECIPES
    }
    assert {name: found for name, found in unknown.items() if found} == {}
    assert {path.name: found for path in RECIPES if (found := stale_lines(path))} == {}


def test_a_stale_line_of_a_recipe_is_noticed(tmp_path):
    recipe = tmp_path / "recipe.md"
    recipe.write_text(
        "```diff\n # tasks/lifecycle.py\n class Status(models.TextChoices):\n-    GONE\n+    NEW\n```\n"
    )
    assert stale_lines(recipe) == {"-    GONE"}


def test_recipes_are_short():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in RECIPES}
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
