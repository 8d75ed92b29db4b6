"""The page that files a brief: its list of sources, due times, names and templates, without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from tasks import actions
from tasks.filing.addresses import Address, PastedText, read_pasted
from tasks.filing.templates import save_template, template_of_task
from tasks.lifecycle import Status
from tasks.models import BriefTemplate, ContentTask, StagedUpload
from tasks.zoned_times import quick_choices
from tests.factories import decide_on, make_draft, make_task, make_user
from tests.tasks.test_admin import BRIEF

pytestmark = pytest.mark.django_db

ADD = "/admin/tasks/contenttask/add/"
ROWS = {"sources-TOTAL_FORMS": 0, "sources-INITIAL_FORMS": 0}
PLAIN = {name: value for name, value in BRIEF.items() if not name.startswith("sources-")} | ROWS
TEXT = b"# Street trees\n\nA row of trees cools the pavement below it by several degrees."


def upload(name: str, data: bytes = TEXT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def signed_in(name: str, *groups: str) -> Client:
    client = Client()
    client.force_login(make_user(name, *groups))
    return client


@pytest.fixture
def writer() -> Client:
    return signed_in("walter", "Writers")


def given_in(answer: Any) -> str:
    """What the page holds of the sources that were chosen."""
    document = html.document_fromstring(answer.content.decode())
    return document.xpath("//textarea[@name='given']")[0].text.strip()


# --- Sources --------------------------------------------------------------------------------------------


def test_many_files_addresses_and_a_text_are_filed_at_once(writer: Client) -> None:
    files = [upload("first.md"), upload("second.txt", b"Shade cools a street. " * 20), upload("third.html")]
    pasted = (
        "https://example.org/a\nexample.org/b?x=1, https://example.org/a\nA text of mine.\n\nWith two parts."
    )
    answer = writer.post(ADD, PLAIN | {"source_files": files, "addresses": pasted})
    task = ContentTask.objects.get()
    assert answer["Location"] == reverse("admin:tasks_contenttask_change", args=[task.pk])
    assert list(task.sources.values_list("number", "title", "url", "file_name")) == [
        (1, "Street trees", "", "first.md"), (2, "second", "", "second.txt"),
        (3, "third", "", "third.html"), (4, "", "https://example.org/a", ""),
        (5, "", "https://example.org/b?x=1", ""), (6, "A text of mine.", "", ""),
    ]  # fmt: skip
    assert task.sources.get(number=6).text == "A text of mine.\n\nWith two parts."
    assert task.sources.get(number=1).snapshots.get().uploaded_by_name == "walter"


def test_what_was_chosen_is_there_after_a_refusal_and_an_unreadable_file_is_named(writer: Client) -> None:
    bad = upload("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
    files = {"source_files": [upload("a.md"), bad, upload("empty.txt", b"")]}
    answer = writer.post(ADD, PLAIN | files | {"topic": "", "addresses": "https://example.org/a"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "photo.png: The document is not text" in page
    assert "empty.txt" in page
    assert "https://example.org/a" in page
    given = given_in(answer)
    assert given.startswith("a.md ")
    assert len(given.splitlines()) == 1
    again = {"given": given, "addresses": "https://example.org/a"}
    assert writer.post(ADD, PLAIN | again).status_code == 302
    assert ContentTask.objects.get().sources.count() == 2
    assert not StagedUpload.objects.exists()


def test_a_chosen_file_can_be_removed_and_belongs_to_its_uploader(writer: Client) -> None:
    given = given_in(writer.post(ADD, PLAIN | {"topic": "", "source_files": [upload("secret.md")]}))
    answer = signed_in("olga", "Writers").post(ADD, PLAIN | {"given": given})
    assert answer.status_code == 200
    assert "It is no longer stored: select it again." in answer.content.decode()
    assert writer.post(ADD, PLAIN | {"given": given, "remove": given.split()[-1]}).status_code == 302
    assert not ContentTask.objects.get().sources.exists()


@pytest.mark.parametrize(
    "given", ["x", "notes.md", "source:999999999999", "source:0", "\0", "a.md " + "0" * 36]
)
def test_a_line_that_names_nothing_is_refused(writer: Client, given: str) -> None:
    assert writer.post(ADD, PLAIN | {"given": given}).status_code == 200
    assert not ContentTask.objects.exists()


def test_more_sources_than_a_brief_may_have_are_refused(writer: Client) -> None:
    many = "\n".join(f"https://example.org/{number}" for number in range(51))
    assert "50 are the most" in writer.post(ADD, PLAIN | {"addresses": many}).content.decode()


def test_what_people_paste_is_understood() -> None:
    url = "https://example.org/a"
    cases: dict[str, list[Any]] = {
        url: [Address(url)],
        f"  {url} ": [Address(url)],
        f"{url} https://example.org/b": [Address(url), Address("https://example.org/b")],
        f"{url},https://example.org/b": [Address(url), Address("https://example.org/b")],
        f"- {url}\r\n2. <{url}>": [Address(url)],
        f"[A title]({url})": [Address(url, "A title")],
        "example.org": [Address("https://example.org")],
        "www.example.co.uk/a#b": [Address("https://www.example.co.uk/a#b")],
        "bücher.example/ä": [Address("https://bücher.example/ä")],
        "HTTPS://Example.org/": [Address("HTTPS://Example.org/")],
        "notes.docx": [PastedText("notes.docx")],
        "Well.": [PastedText("Well.")],
        f"See {url} for more.": [PastedText(f"See {url} for more.")],
        "3.5 metres": [PastedText("3.5 metres")],
        "One.\n\nTwo.\n" + url: [PastedText("One.\n\nTwo."), Address(url)],
        " \n\n": [],
    }
    assert {pasted: read_pasted(pasted) for pasted in cases} == cases


def test_the_script_stores_files_one_by_one_and_is_answered_in_json(writer: Client) -> None:
    page = reverse("admin:tasks_contenttask_sources")
    (item,) = writer.post(page, {"files": [upload("a.md")]}).json()["items"]
    assert (item["name"], item["size"], item["problem"]) == ("a.md", len(TEXT), "")
    assert item["words"] > 10
    assert StagedUpload.objects.get().reading["title"] == "Street trees"
    pasted = writer.post(page, {"pasted": "ftp.example.org\nhttps://x\nSome words: here/there"}).json()[
        "items"
    ]
    assert [bool(one["problem"]) for one in pasted] == [False, True, False]
    assert pasted[2]["name"] == "Some words here there.txt"
    again = writer.post(page, {"given": item["line"]}).json()["items"]
    assert again[0]["reference"] == item["reference"]
    assert writer.get(page).status_code == 405
    assert writer.post(page, {"pasted": "x" * 500_001}).status_code == 400
    assert signed_in("audrey", "Auditors").post(page, {"pasted": "x"}).status_code == 403
    assert writer.post(ADD, PLAIN | {"given": item["line"]}).status_code == 302
    assert ContentTask.objects.get().sources.get().file_name == "a.md"


def test_sources_are_added_to_a_brief_that_waits_and_its_work_begins_again(writer: Client) -> None:
    task = make_task(status=Status.FAILED)
    task.sources.create(number=1, url="https://example.org/")
    rows = {"sources-TOTAL_FORMS": 0, "sources-INITIAL_FORMS": 0}
    page = reverse("admin:tasks_contenttask_change", args=[task.pk])
    answer = writer.post(
        page, PLAIN | rows | {"source_files": [upload("a.md")], "addresses": "example.org/b"}
    )
    assert answer.status_code == 302
    task.refresh_from_db()
    assert list(task.sources.values_list("number", "file_name")) == [(1, ""), (2, "a.md"), (3, "")]
    assert task.run == 2


# --- Due times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "zone", "is_right"),
    [
        ("2030-01-31T18:00", "Europe/Berlin", True), ("2030-01-31T17:00", "UTC", True),
        ("2030-01-31T18:00:00+01:00", "", True), ("2030-01-31T18:00:00+01:00", "Asia/Tokyo", True),
        ("2030-01-31T18:00", "", False), ("2030-01-31T18:00", "Europe/Nowhere", False),
        ("2030-01-31T18:00", "../../etc/passwd", False), ("soon", "UTC", False),
        ("2030-03-31T02:30", "Europe/Berlin", False), ("9999-12-31T23:59", "Pacific/Honolulu", False),
    ],
)  # fmt: skip
def test_a_due_time_is_in_the_zone_next_to_it(writer: Client, given: str, zone: str, is_right: bool) -> None:
    answer = writer.post(ADD, PLAIN | {"due_at": given, "due_at-zone": zone})
    assert answer.status_code == (302 if is_right else 200)
    if is_right:
        assert ContentTask.objects.get().due_at.isoformat() == "2030-01-31T17:00:00+00:00"


def test_quick_choices_lie_ahead_and_are_in_the_current_zone() -> None:
    with timezone.override("Pacific/Auckland"):
        now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
        choices = dict(quick_choices())
    assert "Tomorrow 17:00" in choices
    assert all(at > now for at in choices.values())


# --- Names ----------------------------------------------------------------------------------------------


def test_a_name_that_is_nearly_in_use_is_pointed_out_once(writer: Client) -> None:
    make_task(category="Cities", tags=["Café culture", "e-mobility", "2024 budget", "environment"])
    for given, known in (("City", "Cities"), ("cities", "Cities"), ("CITIES ", "Cities")):
        page = writer.post(ADD, PLAIN | {"category": given}).content.decode()
        assert f"“{known}” is in use already" in page, given
        assert f'name="confirmed" value="{given.strip()}"' in page
    page = writer.post(ADD, PLAIN | {"tags": "cafe cultures, emobility, Enviroment"}).content.decode()
    assert page.count("is in use already. Choose it") == 3
    assert not ContentTask.objects.filter(category="City").exists()
    fine = {"category": "Cities", "tags": "2025 budget, e-mobility, Farming,", "keywords": "shade,, shade"}
    assert writer.post(ADD, PLAIN | fine).status_code == 302
    assert ContentTask.objects.latest("pk").keywords == ["shade"]
    assert writer.post(ADD, PLAIN | {"category": "City", "confirmed": "City"}).status_code == 302


def test_names_are_completed_by_use_and_place(writer: Client) -> None:
    for category in ("City", "City", "Intercity", "Old cities", "Überlandbus"):
        make_task(category=category)
    page = reverse("admin:tasks_contenttask_names")
    found = writer.get(page, {"kind": "category", "q": "cit"}).json()
    assert [one["name"] for one in found["names"]] == ["City", "Old cities", "Intercity"]
    assert found["names"][0]["uses"] == 2
    near = writer.get(page, {"kind": "category", "q": "uberlandbus"}).json()["near"]
    assert near["name"] == "Überlandbus"
    assert writer.get(page, {"kind": "topic"}).status_code == 400
    assert writer.get(page, {"kind": "tags", "q": "\0"}).status_code == 200
    assert signed_in("audrey", "Auditors").get(page, {"kind": "tags"}).status_code == 403


# --- Templates and copies -------------------------------------------------------------------------------


def filed_with_file() -> ContentTask:
    signed_in("walter", "Writers").post(
        ADD,
        PLAIN | {"source_files": [upload("a.md")], "addresses": "https://example.org/a", "audience": "All"},
    )
    return ContentTask.objects.get()


def test_a_copy_of_a_brief_has_its_fields_and_its_sources_with_their_documents(writer: Client) -> None:
    task = filed_with_file()
    page = writer.get(f"{ADD}?copy={task.pk}")
    assert 'value="Street trees"' in page.content.decode()
    assert writer.post(ADD, PLAIN | {"given": given_in(page)}).status_code == 302
    copy = ContentTask.objects.latest("pk")
    assert list(copy.sources.values_list("title", "url", "file_name")) == list(
        task.sources.values_list("title", "url", "file_name")
    )
    first = copy.sources.get(number=1)
    assert first.snapshots.get().content.content == TEXT
    assert first.snapshots.get().readings.get().text == first.text


def test_sources_of_others_are_copied_only_by_those_who_may_read_them() -> None:
    task = filed_with_file()
    nobody = make_user("nora", is_staff=True)
    nobody.user_permissions.add(*_permissions("add_contenttask", "add_source"))
    client = Client()
    client.force_login(nobody)
    assert given_in(client.get(f"{ADD}?copy={task.pk}")) == ""
    answer = client.post(ADD, PLAIN | {"given": f"x source:{task.sources.earliest('pk').pk}"})
    assert "you may not read it" in answer.content.decode()


def _permissions(*names: str) -> Any:
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename__in=names)


def test_a_template_is_saved_used_shared_renamed_and_deleted(writer: Client) -> None:
    task = filed_with_file()
    save = reverse("admin:tasks_contenttask_template_of", args=[task.pk])
    assert writer.post(save, {"name": "Series"}).status_code == 302
    template = BriefTemplate.objects.get()
    start = f"{ADD}?template={template.pk}"
    assert given_in(writer.get(start)).count("source:") == 2
    other = signed_in("olga", "Writers")
    manage = reverse("admin:tasks_contenttask_template", args=[template.pk])
    assert given_in(other.get(start)) == ""
    assert other.post(manage, {"name": "Mine", "is_shared": "1"}).status_code == 404
    assert writer.post(manage, {"name": "City series", "is_shared": "1"}).status_code == 302
    assert given_in(other.get(start)).count("source:") == 2
    assert "City series" in other.get(reverse("admin:tasks_contenttask_templates")).content.decode()
    assert other.post(manage, {"name": "Mine"}).status_code == 403
    assert other.post(manage, {"delete": "1"}).status_code == 403
    editor = signed_in("edith", "Editors")
    assert editor.post(manage, {"name": "Edited", "is_shared": "1"}).status_code == 302
    assert writer.get(manage).status_code == 405
    for bad in ("", " ", "x" * 101, "a\0b"):
        assert writer.post(manage, {"name": bad}).status_code == 400, bad
    assert writer.post(manage, {"delete": "1"}).status_code == 302
    assert not BriefTemplate.objects.exists()
    assert ContentTask.objects.count() == 1


def test_a_brief_that_is_being_typed_becomes_a_template_and_is_not_filed(writer: Client) -> None:
    typed = PLAIN | {"_template": "1", "template_name": "Half done", "target_words": "many",
                     "category": "City", "source_files": [upload("a.md")],
                     "addresses": "https://example.org/a"}  # fmt: skip
    answer = writer.post(ADD, typed)
    page = answer.content.decode()
    assert "Saved as the template “Half done”" in page
    assert "Its files are not part of the template" in page
    assert given_in(answer).startswith("a.md ")
    assert not ContentTask.objects.exists()
    template = BriefTemplate.objects.get()
    assert (template.fields["category"], "target_words" in template.fields) == ("City", False)
    assert "https://example.org/a" in writer.get(f"{ADD}?template={template.pk}").content.decode()
    assert "already: choose another name" in writer.post(ADD, typed).content.decode()
    writer.post(ADD, PLAIN | {"_template": "1", "template_name": "Complete"})
    assert BriefTemplate.objects.filter(name="Complete").exists()
    assert not ContentTask.objects.exists(), "also when all of its fields are right"


def test_what_a_template_begins_with_is_changed_by_who_may(writer: Client) -> None:
    made = save_template("Series", {"topic": "Old", "tone": "dry"}, by=User.objects.get(), is_shared=True)
    page = f"{ADD}?template={made.pk}"
    assert "Save changes to the template “Series”" in writer.get(page).content.decode()
    typed = PLAIN | {"_template": "this", "topic": "New", "tone": "", "addresses": "https://example.org/a"}
    answer = writer.post(page, typed)
    assert "The template “Series” was changed. No brief is filed." in answer.content.decode()
    made.refresh_from_db()
    assert (made.fields["topic"], "tone" in made.fields, made.addresses) == (
        "New",
        False,
        "https://example.org/a",
    )
    assert (made.name, made.is_shared, BriefTemplate.objects.count()) == ("Series", True, 1)
    other = signed_in("wilma", "Writers")
    assert "Save changes" not in other.get(page).content.decode()
    assert other.post(page, typed | {"topic": "Theirs"}).status_code == 403
    assert writer.post(ADD, typed).status_code == 403, "it began with none"
    made.refresh_from_db()
    assert made.fields["topic"] == "New"
    assert not ContentTask.objects.exists()


def test_who_may_not_file_briefs_has_no_templates() -> None:
    auditor, task = signed_in("audrey", "Auditors"), make_task()
    template = save_template("One", {"topic": "x"}, by=make_user("walter"), is_shared=True)
    assert auditor.get(reverse("admin:tasks_contenttask_templates")).status_code == 403
    for name, args in (("template", [template.pk]), ("template_of", [task.pk])):
        assert auditor.post(reverse(f"admin:tasks_contenttask_{name}", args=args)).status_code == 403, name
    assert auditor.get(f"{ADD}?template={template.pk}").status_code == 403


def test_a_template_outlives_the_removal_of_a_source(writer: Client) -> None:
    task = filed_with_file()
    template = template_of_task(task, "Series", by=make_user("walter"))
    task.sources.get(number=1).delete()
    assert given_in(writer.get(f"{ADD}?template={template.pk}")).count("source:") == 1


# --- The task's page ------------------------------------------------------------------------------------


def test_the_page_of_a_task_says_what_happened_by_whom_and_why(writer: Client) -> None:
    draft = make_draft(make_task(audience="City planners"))
    decide_on(draft, "reject", reason="Not for our readers at all.")
    page = writer.get(reverse("admin:tasks_contenttask_change", args=[draft.task_id])).content.decode()
    for words in ("Work began", "Text ready for review", "Rejected", "editor", "Not for our readers at all."):
        assert words in page, words
    assert "City planners" in page
    assert reverse("desk:review", args=[draft.pk]) in page


def test_the_stages_have_their_time_calls_and_cost(writer: Client) -> None:
    task = make_task(status=Status.IN_PROGRESS)
    now = timezone.now()
    times = {"started_at": now - timezone.timedelta(seconds=5), "finished_at": now}  # type: ignore[attr-defined]
    task.stage_runs.create(run=1, attempt=1, key="critique-2", output={"score": 81}, **times)
    task.stage_runs.create(run=1, attempt=1, key="refine-1", error="Over quota.", **times)
    call = {"stage": "critique-2", "role": "qa", "provider": "p", "model": "m", "outcome": "ok"}
    task.calls.create(run=1, cost_usd="0.1", input_tokens=9, output_tokens=3, duration_ms=1, **call)
    ContentTask.objects.update(stage="image")
    page = writer.get(reverse("admin:tasks_contenttask_timeline", args=[task.pk])).content.decode()
    for words in (
        "Critique 2",
        "5.0 s",
        "score 81",
        "1 call of m, 12 tokens, 0.1000",
        "Over quota.",
        "to come",
    ):
        assert words in page, words
    assert 'aria-current="step"' in page
    anonymous = Client().get(reverse("admin:tasks_contenttask_timeline", args=[task.pk]))
    assert anonymous.status_code == 302
    outsider = make_user("nora", is_staff=True)
    client = Client()
    client.force_login(outsider)
    assert client.get(reverse("admin:tasks_contenttask_timeline", args=[task.pk])).status_code == 403


def test_the_page_of_a_task_takes_as_many_queries_whatever_its_length(
    writer: Client, django_assert_max_num_queries: Any
) -> None:
    task = make_task(status=Status.FAILED)
    now = timezone.now()
    for number in range(30):
        task.sources.create(number=number + 1, url=f"https://example.org/{number}")
        task.stage_runs.create(
            run=1, attempt=1, key=f"draft-{number}", output={}, started_at=now, finished_at=now
        )
    actions.cancel(make_task(), by=None)
    page = reverse("admin:tasks_contenttask_change", args=[task.pk])
    writer.get(page)
    with django_assert_max_num_queries(45):
        assert writer.get(page).status_code == 200
