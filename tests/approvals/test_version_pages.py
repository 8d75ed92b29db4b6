import pytest
from django.urls import reverse

from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

FIRST = "Trees cool a street by shade and by the water that their leaves give off [1]."
REST = "Roots need room.\n\nA young tree is watered for three summers."


@pytest.fixture
def desk(client):
    """The browser of an editor."""
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


@pytest.fixture
def draft():
    draft = make_draft(body=f"{FIRST}\n\n{REST}", title="Shade")
    content = {"body": f"{REST}\n\n{FIRST}\n\nSo *plant* them.", "title": "Shades", "tags": ["trees", "heat"]}
    edit_draft(draft, content, by=make_user("wanda"), reason="moved the opening")
    return draft


def address(draft, query="", view="compare"):
    return reverse(f"desk:{view}", args=[draft.pk]) + query


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


# --- Compare ------------------------------------------------------------------------------------------


def test_strangers_and_people_without_a_role_are_sent_to_the_login(client, draft):
    assert client.get(address(draft)).url.startswith("/admin/login/")
    client.force_login(make_user("guest"))
    assert client.get(address(draft)).url.startswith("/admin/login/")


def test_staff_who_may_not_read_drafts_do_not_compare_them(client, draft):
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(address(draft)).status_code == 403


def test_auditors_compare_and_are_offered_nothing_to_restore(client, draft):
    client.force_login(make_user("audrey", "Auditors", is_staff=True))
    page = html(client.get(address(draft)))
    assert "moved the opening" in page
    assert "Restore" not in page


def test_without_a_choice_the_last_change_is_shown_in_every_field_that_readers_see(desk, draft):
    page = html(desk.get(address(draft)))
    assert "From version 1 to version 2" in page
    assert "<del>Shade</del>" in page
    assert "<ins>Shades</ins>" in page
    assert "<ins>heat</ins>" in page
    assert page.count("moved here, 1") == page.count("moved from here, 1") == 1


def test_the_body_can_be_compared_as_readers_see_it(desk, draft):
    page = html(desk.get(address(draft, "?from=1&to=2&view=rendered")))
    assert "<em><ins>plant" in page
    assert "<ins>heat</ins>" in page, "the other fields are compared too"
    assert "moved here, 1" in page


def test_any_two_versions_can_be_compared_in_either_direction(desk, draft):
    edit_draft(draft, {"title": "Shady"}, by=make_user("wanda"))
    assert "<ins>Shady</ins>" in html(desk.get(address(draft, "?from=1&to=3")))
    assert "<del>Shady</del>" in html(desk.get(address(draft, "?from=3&to=1")))
    assert "are identical" in html(desk.get(address(draft, "?from=2&to=2")))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("?from=7", "There is no version 7: the draft has versions 1 to 2."),
        ("?to=abc", "There is no version abc"),
        ("?from=1&to=2&view=pdf", "Choose one of: source, rendered."),
        ("?from=%00&to=-1", "There is no version -1"),
    ],
)
def test_an_impossible_choice_is_named_at_its_field(desk, draft, query, error):
    assert error in html(desk.get(address(draft, query)), 400)


def test_a_draft_that_never_was_is_not_found(desk):
    assert desk.get(reverse("desk:compare", args=[999999])).status_code == 404


def test_nothing_can_be_posted(desk, draft):
    assert desk.post(address(draft)).status_code == 405


def test_what_others_wrote_is_shown_and_not_obeyed(desk):
    draft = make_draft(body="A text.", title="<b onclick=x>Bold</b>")
    edit_draft(
        draft, {"body": "<script>alert(1)</script> <ins>fake</ins>"}, by=make_user("wanda"), reason="<i>"
    )
    for view in ("source", "rendered"):
        page = html(desk.get(address(draft, f"?view={view}")))
        assert "<script>alert" not in page
        assert "<b onclick" not in page
        assert "<ins>fake" not in page
        assert "<i>" not in page


def test_the_first_version_alone_is_compared_with_itself(desk):
    assert "are identical" in html(desk.get(address(make_draft())))


def test_many_versions_take_few_queries(desk, draft, django_assert_max_num_queries):
    wanda = make_user("wanda")
    for number in range(20):
        edit_draft(draft, {"body": f"Text {number}."}, by=wanda)
    with django_assert_max_num_queries(12 + 2):  # counts next to the navigation, cached
        html(desk.get(address(draft)))


def test_an_earlier_version_can_be_restored_from_the_list(desk, draft):
    page = html(desk.get(address(draft)))
    assert f'action="{reverse("desk:restore", args=[draft.pk, 1])}"' in page
    assert f'action="{reverse("desk:restore", args=[draft.pk, 2])}"' not in page


# --- Blame --------------------------------------------------------------------------------------------


def test_blame_shows_who_changed_a_paragraph_in_which_version_and_why(desk, draft):
    page = html(desk.get(address(draft, view="blame")))
    assert page.count("<strong>offline writer</strong>") == 3, "what moved keeps its author"
    assert page.count("<strong>wanda</strong>") == 1
    assert "moved the opening" in page
    assert "<em>plant</em>" in page, "paragraphs are shown as readers see them"
    assert f"{reverse('desk:compare', args=[draft.pk])}?from=1&amp;to=2" in page


def test_blame_of_an_earlier_version_and_of_none(desk, draft):
    assert "wanda" not in html(desk.get(address(draft, "?version=1", view="blame")))
    assert desk.get(address(draft, "?version=3", view="blame")).status_code == 404
    assert desk.get(address(draft, "?version=x", view="blame")).status_code == 404


def test_who_may_see_blame(client, draft):
    assert client.get(address(draft, view="blame")).url.startswith("/admin/login/")
    client.force_login(make_user("clerk", is_staff=True))
    assert client.get(address(draft, view="blame")).status_code == 403
    client.force_login(make_user("audrey", "Auditors", is_staff=True))
    assert client.get(address(draft, view="blame")).status_code == 200
    assert client.post(address(draft, view="blame")).status_code == 405


def test_blame_takes_few_queries(desk, draft, django_assert_max_num_queries):
    with django_assert_max_num_queries(12 + 2):  # counts next to the navigation, cached
        html(desk.get(address(draft, view="blame")))


# --- Locks --------------------------------------------------------------------------------------------


def press(client, draft, button, **typed):
    return client.post(address(draft, view=button), {"sha256": paragraph_sha256(FIRST)} | typed)


def test_an_editor_locks_and_unlocks_a_paragraph_where_its_author_is_shown(desk, draft):
    answer = press(desk, draft, "lock", reason="Agreed with legal")
    assert answer.url == f"{address(draft, view='blame')}#p-{paragraph_sha256(FIRST)[:12]}"
    page = html(desk.get(answer.url))
    assert "Agreed with legal" in page
    assert draft.locks.get().locked_by_name == "erika"
    assert page.count(address(draft, view="unlock")) == 1
    assert press(desk, draft, "unlock").status_code == 302
    assert not draft.locks.exists()
    assert "no longer locked" in html(desk.post(address(draft, view="unlock"), {
        "sha256": paragraph_sha256(FIRST)
    }, follow=True))  # fmt: skip


@pytest.mark.parametrize(
    ("sha256", "status", "why"),
    [
        ("", 400, "sha256: This field is required"),
        ("x", 400, "sha256: Use a button"),
        ("0" * 64, 409, "no such"),
    ],
)
def test_a_paragraph_that_is_not_there_is_not_locked(desk, draft, sha256, status, why):
    page = html(press(desk, draft, "lock", sha256=sha256), status)
    assert "Nothing was changed." in page
    assert why in page
    assert not draft.locks.exists()


def test_nothing_is_locked_while_the_text_is_written(desk, draft):
    draft.task.move_to(Status.PENDING)
    draft.task.move_to(Status.IN_PROGRESS)
    assert "being written" in html(press(desk, draft, "lock"), 409)
    assert address(draft, view="lock") not in html(desk.get(address(draft, view="blame")))


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors", "Integrations"])
def test_only_editors_lock_and_unlock(client, draft, group):
    client.force_login(make_user("other", group, is_staff=True))
    assert address(draft, view="lock") not in html(client.get(address(draft, view="blame")))
    for button in ("lock", "unlock"):
        assert press(client, draft, button).status_code == 403
    assert not draft.locks.exists()


def test_looking_at_the_address_of_a_lock_changes_nothing(desk, draft):
    for button in ("lock", "unlock"):
        assert desk.get(address(draft, view=button)).status_code == 405


def test_an_earlier_version_offers_no_lock(desk, draft):
    assert address(draft, view="lock") not in html(desk.get(address(draft, "?version=1", view="blame")))


def test_an_edit_of_a_locked_paragraph_is_refused_and_what_was_typed_is_returned(desk, draft):
    press(desk, draft, "lock")
    typed = {
        "version": 2, "title": "Shades", "slug": draft.slug, "body": "All typed again.", "tags": "trees",
        "summary": "", "seo_title": "", "seo_description": "", "category": "",
    }  # fmt: skip
    page = html(desk.post(address(draft, view="edit"), typed), 409)
    assert "All typed again." in page
    assert "unlock it first" in page
    restored = desk.post(reverse("desk:restore", args=[draft.pk, 1]))
    assert restored.status_code == 302, "version 1 has the paragraph as well"
