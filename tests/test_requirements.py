"""What the code imports is declared: nothing rests on what another package happens to need today."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.requirement_lists import declared, directs
from tools.lockfile import ROOT, normalized

RUNTIME, DEV = "requirements.txt", "requirements-dev.txt"
TELEMETRY, TELEMETRY_FILE = "requirements-telemetry.txt", "contentpipeline/telemetry.py"
"""What is installed for a setting alone may be imported where that setting is read."""
DEV_TOOLS = ("tools/subset_fonts.py", "tools/translations.py")
"""They make files that are in the repository: an installation needs neither them nor their packages."""
FOR_DEVELOPERS = ("tests/", "benchmarks/source_corpus/", *DEV_TOOLS)
"""Where what only developers install may be imported: the corpus is made with it and compared with it."""
LAZY = "LazyModule"  # of tasks.lazy_import: imports the module whose name it gets


def is_named(node: ast.AST, name: str) -> bool:
    """Whether this is the name, or an attribute of that name, as in `typing.TYPE_CHECKING`."""
    return getattr(node, "id", getattr(node, "attr", None)) == name


def strings(node: ast.AST) -> list[str]:
    constants = (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))
    return [value for value in constants if isinstance(value, str)]


def named_in(node: ast.AST) -> list[str]:
    """The modules that this one node imports, by a statement or by a call with their name in it."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    if isinstance(node, ast.Call) and any(is_named(part, LAZY) for part in (node.func, *node.args)):
        return strings(node)
    return []


def imported(tree: ast.AST, for_types: bool = False) -> Iterator[tuple[str, bool]]:
    """Every top-level module imported anywhere in the tree, and whether only for the type checker."""
    yield from ((module.partition(".")[0], for_types) for module in named_in(tree))
    body = tree.body if isinstance(tree, ast.If) and is_named(tree.test, "TYPE_CHECKING") else []
    for child in ast.iter_child_nodes(tree):
        yield from imported(child, for_types or child in body)


def imports_tool(source: str) -> set[str]:
    """The tools of developers that are imported anywhere in the source, however it is written."""
    tools = {name.removesuffix(".py").replace("/", ".") for name in DEV_TOOLS}
    found = set()
    for node in ast.walk(ast.parse(source)):
        modules = named_in(node)
        if isinstance(node, ast.ImportFrom):
            modules += [f"{module}.{alias.name}" for module in modules for alias in node.names]
        found.update(modules)
    return tools & found


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


packages_by_module = cache(packages_distributions)


def undeclared(file: str, source: str) -> set[str]:
    """One sentence for each import whose package is not in the list that it belongs in."""
    for_tests, problems = file.startswith(FOR_DEVELOPERS), set()
    for module, for_types in imported(ast.parse(source)):
        if module in sys.stdlib_module_names or (ROOT / module).is_dir():
            continue
        packages = {normalized(name) for name in packages_by_module().get(module, [module])}
        wanted = declared(RUNTIME) | (declared(DEV) if for_tests or for_types else set())
        if for_tests or file == TELEMETRY_FILE:
            wanted |= declared(TELEMETRY)
        if not packages & wanted:
            where, name = DEV if for_tests else RUNTIME, " or ".join(sorted(packages))
            problems.add(f"{file} imports {module}: declare {name} in {where}, then run `make lock`.")
    return problems


@pytest.mark.parametrize("in_tests", [False, True], ids=[RUNTIME, DEV])
def test_every_import_is_declared(in_tests: bool) -> None:
    files = [name for name in tracked() if name.startswith(FOR_DEVELOPERS) is in_tests]
    assert len(files) > 100
    problems = sorted(set[str]().union(*(undeclared(name, (ROOT / name).read_text()) for name in files)))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "source",
    [
        "import pluggy",
        "import pluggy.hooks as h",
        "from pluggy import PluginManager",
        "def late():\n    from pluggy import PluginManager\n",
        "if TYPE_CHECKING:\n    import os\nelse:\n    import pluggy\n",
        "if not TYPE_CHECKING:\n    import pluggy\n",
        "pluggy = LazyModule('pluggy')",
        "a, b = map(LazyModule, ('os', 'pluggy.hooks'))",
    ],
)
def test_an_import_of_a_package_that_only_others_need_is_found_however_it_is_written(source: str) -> None:
    (problem,) = undeclared("tasks/some.py", source)
    assert problem.startswith("tasks/some.py imports pluggy: declare pluggy in requirements.txt")


def test_what_only_tests_have_may_be_imported_for_types_but_not_at_run_time() -> None:
    for_types = "if typing.TYPE_CHECKING:\n    from pytest import Item\n"
    assert undeclared("tasks/some.py", for_types) == set()
    assert undeclared("tasks/some.py", "from pytest import Item") != set()
    assert undeclared("tests/some.py", "from pytest import Item") == set()


def test_what_sends_traces_may_be_imported_there_alone() -> None:
    source = "def start():\n    import sentry_sdk\n    from opentelemetry.sdk.trace import TracerProvider\n"
    assert undeclared(TELEMETRY_FILE, source) == set()
    assert undeclared("tests/some.py", source) == set()
    assert len(undeclared("contentpipeline/some.py", source)) == 2


def test_imports_of_tests_belong_in_the_list_of_tests() -> None:
    (problem,) = undeclared("tests/some.py", "import pluggy")
    assert "requirements-dev.txt" in problem


def test_what_runs_everywhere_imports_no_tool_of_developers() -> None:
    files = tracked()
    assert set(DEV_TOOLS) <= set(files)
    for name in files:
        if not name.startswith(FOR_DEVELOPERS):
            assert imports_tool((ROOT / name).read_text()) == set(), name


@pytest.mark.parametrize(
    "source",
    [
        "import tools.translations",
        "from tools import lock, translations as t",
        "def late():\n    from tools.translations import main\n",
        "LazyModule('tools.translations')",
    ],
)
def test_an_import_of_such_a_tool_is_found_however_it_is_written(source: str) -> None:
    assert imports_tool(source) == {"tools.translations"}


def test_such_a_tool_may_import_what_is_declared_for_developers_and_nothing_else() -> None:
    for name in DEV_TOOLS:
        assert undeclared(name, "import babel") == set()
        assert undeclared(name, "import pluggy") != set()
    assert undeclared("tools/lock.py", "import babel") != set()


@pytest.mark.parametrize("name", [RUNTIME, TELEMETRY, DEV])
def test_each_line_pins_one_version_and_says_why(name: str) -> None:
    lines = directs(name)
    assert lines
    assert [line.text for line in lines if not (line.version and line.reason)] == []
    names = [line.name for line in lines]
    assert sorted(set(names)) == sorted(names), "each once"
