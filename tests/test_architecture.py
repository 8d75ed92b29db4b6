"""The map of the apps, held by the imports themselves: calls go down, events go up."""

import ast
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent

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


def imports(source, package):
    """Every module that the source imports, wherever in it; relative imports are resolved in `package`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def violations(source, package, forbidden):
    """Imports of a forbidden module or of anything inside it."""
    return {
        module
        for module in imports(source, package)
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    }


def modules(*places):
    for place in places:
        path = BASE_DIR / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def violations_in(forbidden, *places):
    found = {}
    for path in modules(*places):
        name = str(path.relative_to(BASE_DIR))
        package = ".".join(path.relative_to(BASE_DIR).parent.parts)
        bad = violations(path.read_text(encoding="utf-8"), package, forbidden)
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
        source = (BASE_DIR / path).read_text(encoding="utf-8")
        for module in imports(source, ".".join(path.parent.parts)):
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
    assert violations(source, package, forbidden)


@pytest.mark.parametrize(
    "source",
    ["import approvals_of_others", "from tasks.models import Draft", "approvals = 1", "from . import models"],
)
def test_the_checker_leaves_other_imports_alone(source):
    assert not violations(source, "tasks", {"approvals"})
