"""The shell of the desk: navigation, search, the first page, System, and who is shown what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.models import Verdict
from publishing.publish import unpublish
from tasks import finders, home
from tasks.lifecycle import Status
from tests.factories import approve, decide_on, make_draft, make_task, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def found(client: Client, query: str) -> dict[str, list[str]]:
    answer = client.get(reverse("admin:search"), {"format": "json", "q": query})
    assert answer.status_code == 200
    return {group["name"]: [one["title"] for one in group["results"]] for group in answer.json()["groups"]}


def titles(client: Client) -> dict[str, list[Any]]:
    context = client.get(reverse("admin:index")).context
    return {shown.section.name: shown.rows for shown in [*context["main"], *context["aside"]]}


# --- Navigation -----------------------------------------------------------------------------------------


def test_every_page_of_the_desk_and_the_admin_has_the_navigation_and_names_where_one_is() -> None:
    draft = make_draft()
    desk = desk_of(make_user("erika", "Editors", is_superuser=True, is_staff=True))
    pages = {
        reverse("admin:index"): ("Home", "page"),
        reverse("desk:queue"): ("Desk", "page"),
        reverse("desk:review", args=[draft.pk]): ("Desk", "true"),
        reverse("admin:tasks_contenttask_changelist"): ("Briefs", "page"),
        reverse("admin:tasks_contenttask_add"): ("Briefs", "true"),
        reverse("publishing_desk:published"): ("Published", "page"),
        reverse("admin:publishing_post_changelist"): ("Published", "true"),
        reverse("admin:system"): ("System", "page"),
        reverse("admin:auth_user_changelist"): ("System", "true"),
        reverse("admin:tasks_stagerun_changelist"): ("System", "true"),
        reverse("admin:app_list", args=["tasks"]): ("System", "true"),
    }
    for path, (title, current) in pages.items():
        page = html(desk.get(path))
        navigation = page.split('id="shell-navigation"')[1].split("</nav>")[0]
        assert navigation.count("aria-current") == 1, path
        item = navigation.split(f'aria-current="{current}"')[1]
        assert f"<span>{title}</span>" in item.split("</li>")[0], path


def test_counts_next_to_the_navigation_say_what_waits_for_this_person() -> None:
    erika, walter = make_user("erika", "Editors"), make_user("walter", "Writers")
    make_draft(title="Of a model")
    make_draft(title="Of her own", author=erika)
    failed = make_task()
    failed.move_to(Status.IN_PROGRESS)
    failed.move_to(Status.FAILED, error="No source could be read.")

    def counts(user: User) -> dict[str, int | None]:
        navigation = desk_of(user).get(reverse("admin:search")).context["navigation"]
        return {shown.item.name: shown.count for items in navigation.values() for shown in items}

    assert (counts(erika)["desk"], counts(erika)["work"]) == (1, 1)
    assert counts(walter)["desk"] == 2


def test_who_has_no_role_and_who_is_not_logged_in_see_none_of_it() -> None:
    nobody = make_user("nobody")
    for name in (
        "admin:index",
        "admin:home_live",
        "admin:search",
        "admin:system",
        "publishing_desk:published",
    ):
        for client in (Client(), desk_of(nobody)):
            assert client.get(reverse(name)).status_code == 302, name
    assert desk_of(make_user("staff", is_staff=True)).get(reverse("admin:system")).status_code == 403
    assert (
        desk_of(make_user("guest", is_staff=True)).get(reverse("publishing_desk:published")).status_code
        == 403
    )
    assert "no role at the desk yet" in html(
        desk_of(make_user("newcomer", is_staff=True)).get(reverse("admin:index"))
    )
    assert Client().post(reverse("admin:search")).status_code in {302, 405}


# --- Search ---------------------------------------------------------------------------------------------


def test_a_search_finds_what_has_all_words_in_its_title_wherever_they_stand() -> None:
    make_draft(make_task(topic="Shade in streets"), title="Straßenbäume: Kühlung & 100 % <Schatten>")
    make_post("Street trees", slug="street-trees")
    make_user("anna", first_name="Anna", last_name="Öberg", email="anna@example.org")
    desk = desk_of(make_user("root", is_superuser=True, is_staff=True))
    for query, name, title in [
        ("street trees", "posts", "Street trees"),
        ("TREES street", "posts", "Street trees"),
        ("shade", "briefs", "Shade in streets"),
        ("kühl", "drafts", "Straßenbäume: Kühlung & 100 % <Schatten>"),
        ("100 % <sch", "drafts", "Straßenbäume: Kühlung & 100 % <Schatten>"),
        ("anna@", "people", "Anna Öberg"),
        ("öb", "people", "Anna Öberg"),
        ("file", "actions", "File a brief"),
        ("audit", "actions", "Decisions"),
        ("  street\0trees\t", "posts", "Street trees"),
    ]:  # fmt: skip
        assert title in found(desk, query).get(name, []), query
    for query in ("_treet", "street%trees", "street trees nowhere", "%", "\\", "'", "a" * 5000):
        assert not found(desk, query).get("posts"), query
    assert set(found(desk, "")) == {"actions"}
    page = html(desk.get(reverse("admin:search"), {"q": "<sch"}))
    assert "&lt;Schatten&gt;" in page
    assert "<Schatten>" not in page
    assert "Nothing that you may see" in html(desk.get(reverse("admin:search"), {"q": "nowhere at all"}))


def test_a_title_that_begins_with_the_query_comes_first_and_results_are_bounded() -> None:
    make_draft(title="Trees in the city")
    for number in range(8):
        make_draft(title=f"More trees {number}")
    drafts = found(desk_of(make_user("erika", "Editors")), "trees")["drafts"]
    assert drafts[0] == "Trees in the city"
    assert len(drafts) == 6


def test_a_search_shows_each_person_only_what_they_may_open() -> None:
    make_draft(make_task(topic="Trees"), title="Trees")
    make_post("Trees live", slug="trees-live")
    make_user("trees")
    assert set(found(desk_of(make_user("", "Writers")), "trees")) == {"drafts", "briefs", "posts"}
    assert set(found(desk_of(make_user("a", is_superuser=True, is_staff=True)), "trees")) == {
        "drafts", "briefs", "posts", "people",
    }  # fmt: skip
    assert found(desk_of(make_user("staff", is_staff=True)), "trees") == {}
    assert "File a brief" not in found(desk_of(make_user("", "Auditors")), "brief")["actions"]


def test_a_search_asks_each_finder_once_however_much_there_is() -> None:
    desk = desk_of(make_user("root", is_superuser=True, is_staff=True))
    for number in range(20):
        make_draft(title=f"Trees {number}")
    with CaptureQueriesContext(connection) as queries:
        found(desk, "trees in streets of a town with shade")
    assert len(queries) <= 5 + len(finders.finders_for(make_user("b", is_superuser=True, is_staff=True)))


# --- Home -----------------------------------------------------------------------------------------------


def test_home_shows_each_role_its_own_work() -> None:
    erika, walter, paula = (
        make_user("erika", "Editors"),
        make_user("walter", "Writers"),
        make_user("", "Publishers"),
    )
    waiting, done, back = (
        make_draft(title="Waiting"),
        make_draft(title="Done"),
        make_draft(title="Back", author=walter),
    )
    approve(done, by=erika)
    decide_on(back, Verdict.REQUEST_CHANGES, by=erika)
    live = make_post("Live", slug="live")
    gone = make_post("Gone", slug="gone")
    unpublish(gone, by=paula)
    due = make_task(topic="Due", due_at=timezone.now() - timedelta(hours=1))
    make_task(topic="Due later", due_at=timezone.now() + timedelta(days=30))
    running = make_task(topic="Running")
    running.move_to(Status.IN_PROGRESS, stage="outline", progress=20)
    failed = make_task(topic="Failed")
    failed.move_to(Status.IN_PROGRESS)
    failed.move_to(Status.FAILED, error="No source could be read.")

    editor = titles(desk_of(erika))
    assert [task.draft for task in editor["mine"]] == [waiting]
    assert editor["due"] == [due]
    assert editor["running"][0] == running
    assert editor["wrong"] == [failed]
    assert editor["published"] == [live]
    assert not {"sent-back", "publish"} & set(editor)
    assert [task.draft for task in titles(desk_of(walter))["sent-back"]] == [back]
    assert "mine" not in titles(desk_of(walter))
    assert {task.draft.title for task in titles(desk_of(paula))["publish"]} == {"Done", "Gone"}


def test_home_says_so_where_there_is_nothing_and_leaves_out_what_is_rare() -> None:
    page = html(desk_of(make_user("erika", "Editors")).get(reverse("admin:index")))
    for words in (
        "Nothing waits for your decision.", "Nothing is due within a week.", "Nothing has failed",
        "Nothing is being written", "Nothing has been published yet.",
    ):  # fmt: skip
        assert words in page
    assert "Could not be published" not in page


def test_home_needs_no_more_queries_for_more_rows_and_shows_a_bounded_number() -> None:
    desk = desk_of(make_user("erika", "Editors"))
    make_draft()
    make_task(due_at=timezone.now())
    with CaptureQueriesContext(connection) as few:
        html(desk.get(reverse("admin:index")))
    for _ in range(home.ROWS + 2):
        make_draft()
        make_task(due_at=timezone.now())
    with CaptureQueriesContext(connection) as many:
        response = desk.get(reverse("admin:index"))
    assert len(many) <= len(few)
    assert len(many) <= 14
    with CaptureQueriesContext(connection) as unchanged:
        desk.get(reverse("admin:index"))
    assert len(unchanged) <= 8
    mine = next(shown for shown in response.context["main"] if shown.section.name == "mine")
    assert (len(mine.rows), mine.has_more) == (home.ROWS, True)


def test_what_runs_is_asked_for_again_with_its_progress() -> None:
    task = make_task(topic="Running <now>")
    task.move_to(Status.IN_PROGRESS, stage="outline", progress=20)
    desk = desk_of(make_user("erika", "Editors"))
    part = html(desk.get(reverse("admin:home_live")))
    assert "Running &lt;now&gt;" in part
    assert 'value="20"' in part
    assert "My turn" not in part
    assert desk.get(reverse("admin:home_live")).headers["Cache-Control"].startswith("max-age=0")


# --- System ---------------------------------------------------------------------------------------------


def test_records_of_the_framework_are_behind_system_alone() -> None:
    desk = desk_of(make_user("root", is_superuser=True, is_staff=True))
    tables = [
        reverse(f"admin:{name}_changelist") for name in ("auth_user", "django_q_schedule", "auth_group")
    ]
    first, system = html(desk.get(reverse("admin:index"))), html(desk.get(reverse("admin:system")))
    for path in tables:
        assert f'href="{path}"' not in first
        assert f'href="{path}"' in system
    writers = html(desk_of(make_user("", "Writers")).get(reverse("admin:system")))
    assert tables[0] not in writers
    assert reverse("admin:tasks_stagerun_changelist") in writers
