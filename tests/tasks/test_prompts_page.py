"""The page Prompts: what it shows, and who may see it."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from contentpipeline.roles import GROUP_OF_ROLE
from tasks.models import ModelCall
from tasks.pipeline.prompts import all_prompts, prompt
from tests.factories import make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/tasks/prompts/"


def make_call(task, version):
    return ModelCall.objects.create(
        task=task, run=1, stage="draft", role="creative", provider="openai", model="m", duration_ms=1,
        outcome="ok", prompt_version=version,
    )  # fmt: skip


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_it_lists_every_prompt_with_its_text_and_how_each_version_has_done(client):
    for score, calls in ((60, 1), (80, 2), (None, 1)):
        task = make_task()
        make_draft(task=task)
        task.draft.__class__.objects.filter(pk=task.draft.pk).update(score=score)
        for _ in range(calls):
            make_call(task, "critique 1")
    make_call(make_task(), "")
    client.force_login(make_user("edith", "Editors", is_staff=True))
    assert reverse("admin:tasks_prompts") == PAGE
    answer = client.get(PAGE)
    page = text_of(answer)
    for one in all_prompts():
        assert f"{one.name} version {one.version}" in page
        assert escape(" ".join(one.text.split())) in page
    assert "1 The first that is on record. 4 3 70.0" in page
    assert f"{prompt('critique').version} {prompt('critique').changes[-1]} 0 0 –" in page
    assert f'href="{PAGE}"' in client.get(reverse("admin:tasks_dashboard")).content.decode()


def test_only_who_may_see_model_calls_sees_it_and_nobody_may_post(client):
    assert client.get(PAGE).url.startswith("/admin/login/")
    for name, group, is_staff, status in (
        *((role, group, True, 200) for role, group in GROUP_OF_ROLE.items()),
        ("outsider", None, True, 403),
        ("reader", None, False, 302),
    ):
        client.force_login(make_user(f"p-{name}", *([group] if group else []), is_staff=is_staff))
        assert client.get(PAGE).status_code == status, name
    client.force_login(make_user("poster", "Editors", is_staff=True))
    assert client.post(PAGE).status_code == 405
