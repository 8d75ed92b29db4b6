"""Files that stay chosen while another field of their form is corrected."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from tasks import uploads
from tasks.housekeeping import delete_old_rows
from tasks.models import ContentTask, StagedUpload
from tests.factories import make_task, make_user
from tests.tasks.test_admin import BRIEF

pytestmark = pytest.mark.django_db
ADD = "admin:tasks_contenttask_add"
TEXT = b"# Street trees\n\nA row of trees cools the pavement below it by several degrees."
MISTAKE = {"topic": ""}


def person(name, group="Writers"):
    client = Client()
    client.user = make_user(name, group, is_staff=True)
    client.force_login(client.user)
    return client


@pytest.fixture
def writer():
    return person("walter")


def chosen(name="notes.md", data=TEXT):
    return SimpleUploadedFile(name, data)


def brief(**fields):
    return BRIEF | {"sources-1-url": ""} | {name.replace("__", "-"): value for name, value in fields.items()}


def tokens(answer):
    """By the name of its field, what the page holds."""
    document = html.document_fromstring(answer.content.decode())
    held = document.xpath("//input[@type='hidden'][contains(@name, '-staged')]")
    return {one.get("name"): one.get("value") for one in held if one.get("value")}


def test_a_mistake_in_another_field_keeps_every_file_that_was_chosen(writer):
    files = {"sources-0-file": chosen("first.md"), "sources-1-file": chosen("second.txt", b"Shade. " * 40)}
    answer = writer.post(reverse(ADD), brief(sources__0__text="") | files | MISTAKE)
    held = tokens(answer)
    assert (answer.status_code, set(held)) == (200, {"sources-0-file-staged", "sources-1-file-staged"})
    page = answer.content.decode()
    assert "first.md" in page
    assert "second.txt" in page
    assert TEXT.decode() not in page
    # Another mistake, and they are there still; then it is filed.
    answer = writer.post(reverse(ADD), brief(sources__0__text="", target_words="many") | held)
    assert tokens(answer) == held
    assert writer.post(reverse(ADD), brief(sources__0__text="") | held).status_code == 302
    first, second = ContentTask.objects.get().sources.order_by("number")
    assert (first.title, first.text.split()[-1]) == ("A study", "degrees.")
    assert second.title == "second"
    assert not StagedUpload.objects.exists()


def test_a_staged_file_is_enough_for_a_source_and_can_be_replaced_or_left_out(writer):
    held = tokens(writer.post(reverse(ADD), brief(sources__1__file=chosen()) | MISTAKE))
    other = {"sources-1-file": chosen("other.txt", b"Something else about shade, and more of it. " * 5)}
    assert writer.post(reverse(ADD), brief() | held | other).status_code == 302
    assert "Something else" in ContentTask.objects.get().sources.get(number=2).text
    assert not StagedUpload.objects.exists()
    held = tokens(writer.post(reverse(ADD), brief(sources__1__file=chosen()) | MISTAKE))
    assert writer.post(reverse(ADD), brief(**{"sources-1-file-remove": "1"}) | held).status_code == 302
    assert ContentTask.objects.latest("pk").sources.count() == 1


def test_a_correction_of_a_waiting_brief_keeps_its_file_too(writer):
    task = make_task()
    page = reverse("admin:tasks_contenttask_change", args=[task.pk])
    given = brief(**{"stage_runs-TOTAL_FORMS": 0, "stage_runs-INITIAL_FORMS": 0, "sources-0-task": task.pk})
    held = tokens(writer.post(page, given | {"sources-1-file": chosen()} | MISTAKE))
    assert writer.post(page, given | held).status_code == 302
    assert task.sources.count() == 2


def test_a_typed_text_is_not_replaced_by_a_file_and_both_stay(writer):
    typed = "I typed this for an hour."
    answer = writer.post(reverse(ADD), brief(sources__0__text=typed, sources__0__file=chosen()))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "A source has a text or a file, not both" in page
    assert typed in page
    held = tokens(answer)
    assert set(held) == {"sources-0-file-staged"}
    given = brief(sources__0__text=typed, **{"sources-0-file-remove": "1"}) | held
    assert writer.post(reverse(ADD), given).status_code == 302
    assert ContentTask.objects.get().sources.get().text == typed


def correction(source, **fields):
    given = {"stage_runs-TOTAL_FORMS": 0, "stage_runs-INITIAL_FORMS": 0, "sources-TOTAL_FORMS": 1,
             "sources-INITIAL_FORMS": 1, "sources-0-id": source.pk, "sources-0-task": source.task_id,
             "sources-0-title": source.title, "sources-0-text": source.text}  # fmt: skip
    return brief(**given) | fields


def test_a_file_that_replaces_another_brings_its_own_title_and_a_typed_one_stays(writer):
    assert writer.post(reverse(ADD), brief(sources__0__title="", sources__0__text="",
                                           sources__0__file=chosen())).status_code == 302  # fmt: skip
    source = ContentTask.objects.get().sources.get()
    assert source.title == "Street trees"
    page = reverse("admin:tasks_contenttask_change", args=[source.task_id])
    other = chosen("other.md", b"# Another study\n\nSomething else about shade, and more of it. " * 5)
    assert writer.post(page, correction(source, **{"sources-0-file": other})).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.file_name) == ("Another study", "other.md")
    assert "Something else" in source.text
    third = chosen("third.txt", b"A third text about shade, and more of it. " * 5)
    given = correction(source, **{"sources-0-file": third, "sources-0-title": "My own title"})
    assert writer.post(page, given).status_code == 302
    source.refresh_from_db()
    fourth = chosen("fourth.txt", b"A fourth text about shade, and more of it. " * 5)
    assert writer.post(page, correction(source, **{"sources-0-file": fourth})).status_code == 302
    source.refresh_from_db()
    assert (source.title, source.file_name) == ("My own title", "fourth.txt")


def test_a_file_that_cannot_be_read_is_not_held(writer):
    broken = chosen("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
    assert not tokens(writer.post(reverse(ADD), brief(sources__1__file=broken)))
    assert not StagedUpload.objects.exists()


def test_nobody_else_can_use_or_see_it(writer):
    held = tokens(writer.post(reverse(ADD), brief(sources__1__file=chosen("secret plans.md")) | MISTAKE))
    other = person("olga")
    answer = other.post(reverse(ADD), brief() | held)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "select it again" in page
    assert "secret plans" not in page
    assert not ContentTask.objects.exists()
    assert writer.post(reverse(ADD), brief() | held).status_code == 302


@pytest.mark.parametrize("token", ["x", "1", "0" * 32, "'; --", "\x00", "notes.md", "é" * 300])
def test_a_token_that_names_nothing_is_said(writer, token):
    answer = writer.post(reverse(ADD), brief() | {"sources-1-file-staged": token})
    assert "select it again" in answer.content.decode()
    assert not ContentTask.objects.exists()
    both = {"sources-1-file-staged": token, "sources-1-file": chosen()}
    assert writer.post(reverse(ADD), brief() | both).status_code == 302


def test_after_a_day_it_is_gone(writer):
    held = tokens(writer.post(reverse(ADD), brief(sources__1__file=chosen()) | MISTAKE))
    fresh = uploads.stage(chosen(), by=writer.user)
    long_ago = timezone.now() - uploads.RETENTION - timedelta(minutes=1)
    StagedUpload.objects.exclude(pk=fresh.pk).update(created_at=long_ago)
    assert "select it again" in writer.post(reverse(ADD), brief() | held).content.decode()
    assert delete_old_rows() == 1
    assert StagedUpload.objects.get() == fresh


def test_as_many_files_stay_chosen_as_one_form_may_bring(writer):
    files = {f"sources-{number}-file": chosen(f"{number}.md") for number in range(30)}
    many = brief(sources__0__text="") | files | {"sources-TOTAL_FORMS": "30"}
    held = tokens(writer.post(reverse(ADD), many | MISTAKE))
    again = brief(sources__0__text="") | held | {"sources-TOTAL_FORMS": "30"}
    assert writer.post(reverse(ADD), again).status_code == 302
    assert ContentTask.objects.get().sources.count() == 30


def test_what_one_person_stages_is_bounded(writer, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES_OF_USER", 20)
    other = uploads.stage(chosen(), by=person("olga").user)
    made = [uploads.stage(chosen(f"{number}.md"), by=writer.user) for number in range(25)]
    mine = StagedUpload.objects.filter(user=writer.user)
    assert list(mine.all()) == made[-uploads.MAX_FILES_OF_USER :]
    monkeypatch.setattr(uploads, "MAX_BYTES_OF_USER", 3 * len(TEXT))
    newest = uploads.stage(chosen("newest.md"), by=writer.user)
    assert list(mine.all()) == [*made[-2:], newest]
    monkeypatch.setattr(uploads, "MAX_BYTES", len(TEXT) - 1)
    assert uploads.stage(chosen(), by=writer.user) is None
    assert uploads.stage(chosen(data=b""), by=writer.user) is None
    assert StagedUpload.objects.filter(pk=other.pk).exists()


def test_the_application_role_may_stage_and_delete(as_application):
    user = make_user("walter", "Writers", is_staff=True)
    row = uploads.stage(chosen(), by=user)
    assert uploads.staged(str(row.pk), by=user) == row
    StagedUpload.objects.update(created_at=timezone.now() - uploads.RETENTION - timedelta(minutes=1))
    assert uploads.delete_expired(10) == 1
