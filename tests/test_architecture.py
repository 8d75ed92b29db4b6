"""The map of the apps, held by the imports themselves: calls go down, events go up."""

import ast
from pathlib import Path

import pytest

from tests.source_tree import (
    BASE_DIR,
    SOURCES,
    cycles,
    handwritten_modules,
    import_graph,
    imported_by,
    imports_of,
    modules,
    tree_of,
)

FORBIDDEN = {
    "tasks": {"approvals", "publishing", "contentpipeline"},
    "approvals": {"publishing", "contentpipeline"},
    "publishing": {"contentpipeline"},
}
"""What the modules of an app must not import."""

DJANGO = {
    "django",
    "django_q",
    "rest_framework",
    "simple_history",
    "approvals",
    "publishing",
    "contentpipeline",
}
DJANGO_FREE = "tasks/pipeline"

IS_ALLOWED: set[tuple[str, str]] = set()
"""Exceptions, as (file, imported module), each with its reason next to it."""


def forbidden_among(imported, forbidden):
    """Imports of a forbidden module or of anything inside it."""
    return {
        module
        for module in imported
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    }


def violations_in(forbidden, *places):
    found = {}
    for path in modules(*places):
        name = str(path.relative_to(BASE_DIR))
        bad = forbidden_among(imported_by(path), forbidden)
        if bad := {module for module in bad if (name, module) not in IS_ALLOWED}:
            found[name] = bad
    return found


def reachable_from(*places):
    """The project's own files that these import, and what those import in turn."""
    waiting, found = [path.relative_to(BASE_DIR) for path in modules(*places)], set()
    while waiting:
        path = waiting.pop()
        if str(path) in found:
            continue
        found.add(str(path))
        for module in imported_by(BASE_DIR / path):
            place = Path(*module.split("."))
            files = (place.with_suffix(".py"), place / "__init__.py")
            waiting += [file for file in files if (BASE_DIR / file).is_file()]
    return sorted(found)


@pytest.mark.parametrize("app", FORBIDDEN)
def test_no_app_imports_one_above_it(app):
    assert violations_in(FORBIDDEN[app], app) == {}


def test_the_pipeline_knows_nothing_of_django():
    assert violations_in(DJANGO, DJANGO_FREE) == {}


def test_nothing_that_the_pipeline_borrows_from_the_project_knows_django_either():
    borrowed = reachable_from(DJANGO_FREE)
    assert "tasks/pipeline/types.py" in borrowed
    assert violations_in(DJANGO, *borrowed) == {}


def test_the_project_has_no_models_of_its_own():
    assert not (BASE_DIR / "contentpipeline" / "models.py").exists()
    assert not (BASE_DIR / "contentpipeline" / "migrations").exists()


def test_no_module_hides_behind_a_name_that_says_nothing():
    vague = {"services.py", "utils.py", "helpers.py"}
    assert not [
        path for path in modules("tasks", "approvals", "publishing", "contentpipeline") if path.name in vague
    ]


# --- Rooms ----------------------------------------------------------------------------------------------

MAY_USE_BENCHMARKS = ("benchmarks", "tools", "contentpipeline/management/commands/bench.py")
IMPORTED_COMMANDS = {("approvals/audit/dashboard.py", "approvals.management.commands.audit")}
"""To become empty: `formula_safe` belongs next to the export of the audit trail."""


def users_of(package):
    """Modules outside of it that import it or anything inside it, with what they import."""
    found = {}
    for path in modules(*SOURCES):
        name = str(path.relative_to(BASE_DIR))
        used = forbidden_among(imported_by(path), {package})
        if used:
            found[name] = used
    return found


def test_benchmarks_are_used_by_their_command_tests_and_tools_alone():
    assert [name for name in users_of("benchmarks") if not name.startswith(MAY_USE_BENCHMARKS)] == []


def test_nothing_imports_from_a_management_command():
    found = {
        (name, module)
        for app in ("tasks", "approvals", "publishing", "contentpipeline")
        for name, used in users_of(f"{app}.management.commands").items()
        for module in used
        if not name.startswith(f"{app}/management/")
    }
    assert {pair for pair in found if not _is_below(pair, IMPORTED_COMMANDS)} == set()


def _is_below(pair, exceptions):
    return any(pair[0] == name and pair[1].startswith(module) for name, module in exceptions)


def test_what_changes_django_q2_is_in_one_folder():
    """Its documented interface may be used anywhere: `async_task`, models and the settings."""
    internals = {f"django_q.{name}" for name in ("cluster", "pusher", "queues", "worker", "signals", "conf")}
    found = violations_in(internals, *SOURCES)
    typed_only = {"contentpipeline/processes/cluster.py"}
    assert {name for name in found if not name.startswith("contentpipeline/djangoq/")} <= typed_only


def test_no_module_imports_itself_through_others():
    assert cycles(import_graph()) == []


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, [["b", "c"]]),
        ({"c": {"a"}, "a": {"b"}, "b": {"c"}}, [["a", "b", "c"]]),
    ],
)
def test_the_checker_finds_cycles(graph, found):
    assert cycles(graph) == found


# --- Sizes ----------------------------------------------------------------------------------------------

MAX_MODULE_LINES, MAX_FUNCTION_LINES = 350, 50
TOO_LONG = {"tasks/engine/runner.py"}
"""To become empty: one line too many."""


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_too_long_to_be_read_at_once():
    found = {str(path.relative_to(BASE_DIR)): lines_of(path) for path in handwritten_modules()}
    long = {name: lines for name, lines in found.items() if lines > MAX_MODULE_LINES}
    assert long.keys() <= TOO_LONG, long


def test_no_function_is_too_long_to_be_read_at_once():
    assert {
        f"{path.relative_to(BASE_DIR)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in handwritten_modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    } == {}


# --- The checker itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import approvals",
        "import approvals.models as m",
        "from approvals.models import AuditEntry",
        "from approvals import models",
        "def late():\n    from approvals.audit import record\n",
        "if TYPE_CHECKING:\n    from approvals.models import Decision\n",
        "from .. import approvals",
        "from ..approvals.models import Decision",
    ],
)
def test_the_checker_finds_an_import_however_it_is_written(source):
    # As if both apps lay in one package, so that relative imports can reach across.
    package, forbidden = (
        ("project.tasks", {"project.approvals"}) if ".." in source else ("tasks", {"approvals"})
    )
    assert forbidden_among(imports_of(ast.parse(source), package), forbidden)


@pytest.mark.parametrize(
    "source",
    ["import approvals_of_others", "from tasks.models import Draft", "approvals = 1", "from . import models"],
)
def test_the_checker_leaves_other_imports_alone(source):
    assert not forbidden_among(imports_of(ast.parse(source), "tasks"), {"approvals"})
