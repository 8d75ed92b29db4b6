"""The project's own Python modules, and what they import, read from their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGES = ("tasks", "approvals", "publishing", "contentpipeline", "benchmarks", "tools")
SOURCES = (*PACKAGES, "manage.py")


def modules(*places: str) -> Iterator[Path]:
    """Every module below these places."""
    for place in places:
        path = BASE_DIR / place
        found = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        yield from found


def handwritten_modules() -> Iterator[Path]:
    """All of the project's modules but migrations, which are generated and never changed."""
    return (path for path in modules(*SOURCES) if "migrations" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """As in "tasks.engine.worker"; of a package, its own name."""
    parts = path.relative_to(BASE_DIR).parts
    name = ".".join(parts).removesuffix(".py")
    return name.removesuffix(".__init__")


@cache
def imported_by(path: Path, *, types_too: bool = True) -> frozenset[str]:
    """Every module that this one imports."""
    name = name_of(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return frozenset(imports_of(tree_of(path), package, types_too=types_too))


def imports_of(tree: ast.Module, package: str, *, types_too: bool = True) -> set[str]:
    """Every module that the source imports, wherever in it; relative imports are resolved in `package`."""
    nodes = list(ast.walk(tree))
    ignored = set() if types_too else _imported_for_types(nodes)
    found = set()
    for node in nodes:
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def _imported_for_types(nodes: list[ast.AST]) -> set[ast.AST]:
    blocks = [node for node in nodes if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    return {inner for block in blocks for statement in block.body for inner in ast.walk(statement)}


def import_graph() -> dict[str, set[str]]:
    """By its name, which of the project's modules a module imports at any time, but for types alone."""
    paths = {name_of(path): path for path in modules(*SOURCES)}
    graph = {}
    for name, path in paths.items():
        found = imported_by(path, types_too=False)
        # `from package import module` names the package as well, and imports nothing of its own from it.
        covered = {each.rpartition(".")[0] for each in found if each in paths}
        graph[name] = {each for each in found if each in paths and each not in covered} - {name}
    return graph


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The modules on each cycle that a search meets, from the first by name; none where there is no cycle."""
    found: set[tuple[str, ...]] = set()
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            cycle = path[path.index(name) :]
            first = cycle.index(min(cycle))
            found.add((*cycle[first:], *cycle[:first]))
        elif name not in done:
            for imported in sorted(graph[name]):
                visit(imported, [*path, name])
            done.add(name)

    for name in sorted(graph):
        visit(name, [])
    return sorted(map(list, found))
