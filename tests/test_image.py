"""What the image is made of and how its parts are started: held against the code, as no test builds it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

BASE_DIR = Path(settings.BASE_DIR)
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((BASE_DIR / "docs" / "compose.yaml").read_text())
OURS = ["migrate", "web", "worker"]


def taken() -> set[str]:
    lines = (BASE_DIR / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*", "nothing is in it that is not listed"
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def test_everything_that_runs_is_in_the_image() -> None:
    packages = {Path(app.path) for app in apps.get_app_configs()}
    ours = {path.relative_to(BASE_DIR).parts[0] for path in packages if path.parent == BASE_DIR}
    assert {"tasks", "approvals", "publishing", "contentpipeline"} <= ours
    assert ours | {"manage.py", "requirements.lock", "templates", "static"} <= taken()


def test_what_is_listed_is_there_and_nothing_private_is() -> None:
    assert all((BASE_DIR / name).exists() for name in taken())
    assert not taken() & {".git", ".data", ".venv", "tests", "docs"}


def test_the_health_check_and_the_command_of_the_image_exist() -> None:
    (check,) = re.findall(r"HEALTHCHECK .*CMD (\[.*\])", DOCKERFILE)
    module = json.loads(check)[-1]
    assert (BASE_DIR / f"{module.replace('.', '/')}.py").exists()
    command = json.loads(re.findall(r"^CMD (\[.*\])", DOCKERFILE, re.MULTILINE)[0])
    assert command[0] in get_commands()


@pytest.mark.parametrize("part", OURS)
def test_each_part_has_a_command_of_ours_and_settings_that_are_documented(part: str) -> None:
    service = COMPOSE["services"][part]
    assert service.get("command", "serve") in get_commands()
    documented = (BASE_DIR / "docs" / "settings.md").read_text()
    assert all(f"`{name}`" in documented for name in service["environment"])
    files = {Path(value).name for name, value in service["environment"].items() if name.endswith("_FILE")}
    assert files == set(service["secrets"]), "each gets the secrets that it reads, and no others"


def test_the_owner_of_the_tables_is_known_to_the_migrations_alone() -> None:
    assert [part for part in OURS if "owner_url" in COMPOSE["services"][part]["secrets"]] == ["migrate"]
    assert all(COMPOSE["services"][part]["read_only"] for part in OURS)
