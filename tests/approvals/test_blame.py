import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from approvals.diffs.blame import blame_paragraphs
from approvals.errors import NoSuchVersion
from approvals.models import Verdict
from tasks.actions import edit_draft, restore_version
from tasks.models import QualityReport
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.factories import decide_on, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

ONE = "Trees cool a street by shade and by the water that their leaves give off [1]."
TWO = "Roots need room: a pit of twelve cubic metres is the least for a large crown."
THREE = "A young tree is watered for three summers, after that it looks after itself."


def body(*paragraphs):
    return "\n\n".join(paragraphs)


@pytest.fixture
def draft():
    """By a model."""
    return make_draft(body=body("## Shade", ONE, TWO, THREE))


@pytest.fixture
def wanda():
    return make_user("wanda")


def edit(draft, *paragraphs, by, reason=""):
    assert edit_draft(draft, {"body": body(*paragraphs)}, by=by, reason=reason)


def refine(draft, *paragraphs, score=80):
    assert draft.save_version(
        {"body": body(*paragraphs)}, reason="refine", written_by="openai:m", score=score
    )


def report(draft, *, results=(), critique=None):
    QualityReport.objects.create(draft=draft, version=draft.version, results=list(results), critique=critique)


def failed(check, *evidence):
    return {
        "check": check, "status": "failed", "severity": "advisory", "message": f"{check} failed",
        "evidence": list(evidence),
    }  # fmt: skip


def origins(draft, version=None):
    return {paragraph.text: paragraph.origin.version for paragraph in blame_paragraphs(draft, version)}


def answers_of(draft, text):
    (paragraph,) = [paragraph for paragraph in blame_paragraphs(draft) if paragraph.text == text]
    return [(answer.kind, answer.name or answer.message) for answer in paragraph.addressed]


def test_each_paragraph_names_the_version_that_last_changed_it_and_who_and_why(draft, wanda):
    changed = TWO.replace("twelve", "sixteen")
    edit(draft, "## Shade", ONE, changed, THREE, by=wanda, reason="New norm")
    found = {paragraph.text: paragraph for paragraph in blame_paragraphs(draft)}
    assert (found[ONE].changed_in.written_by, found[ONE].changed_in.reason) == ("offline writer", "draft")
    assert found[ONE].changed_in.author_id is None
    assert (found[changed].changed_in.written_by, found[changed].changed_in.reason) == ("wanda", "New norm")
    assert found[changed].origin.replaced == TWO
    assert [paragraph.number for paragraph in blame_paragraphs(draft)] == [1, 2, 3, 4]
    assert found[ONE].sha256 == paragraph_sha256(ONE)
    assert found[ONE].section == "Shade"


def test_a_paragraph_that_moved_keeps_its_origin(draft, wanda):
    edit(draft, THREE, "## Shade", ONE, TWO, "And birds.", by=wanda)
    assert origins(draft) == {THREE: 1, "## Shade": 1, ONE: 1, TWO: 1, "And birds.": 2}


def test_an_earlier_version_can_be_chosen(draft, wanda):
    edit(draft, ONE, by=wanda)
    assert set(origins(draft, 1).values()) == {1}
    with pytest.raises(NoSuchVersion, match="no version 3"):
        blame_paragraphs(draft, 3)


def test_a_change_of_other_fields_changes_no_paragraph(draft, wanda):
    edit_draft(draft, {"title": "Shade"}, by=wanda)
    assert set(origins(draft).values()) == {1}


def test_what_a_restored_version_brings_back_is_its_authors_again(draft, wanda):
    edit(draft, "## Shade", "All new.", by=wanda)
    restore_version(draft, 1, by=make_user("erin"))
    assert draft.version == 3
    assert set(origins(draft).values()) == {1}


def test_words_that_were_taken_out_and_came_back_name_where_they_stood_first(draft, wanda):
    edit(draft, ONE, THREE, by=wanda)
    edit(draft, ONE, TWO, THREE, by=make_user("erin"))
    (paragraph,) = [paragraph for paragraph in blame_paragraphs(draft) if paragraph.text == TWO]
    assert (paragraph.origin.version, paragraph.origin.first_version) == (3, 1)


def test_a_pass_that_starts_again_from_a_better_text_is_not_blamed_for_it(draft):
    worse = ["## Shade", "Worse one.", "Worse two.", "Worse three."]
    refine(draft, *worse, score=40)
    better = THREE.replace("three", "four")
    refine(draft, "## Shade", ONE, TWO, better)
    assert origins(draft) == {"## Shade": 1, ONE: 1, TWO: 1, better: 3}


# --- Which finding a change answered --------------------------------------------------------------------


def test_a_change_of_the_words_that_a_check_quoted_answered_that_check(draft):
    report(draft, results=[failed("figures_in_sources", "a pit of twelve cubic metres"), failed("length")])
    changed = TWO.replace("twelve", "sixteen")
    refine(draft, "## Shade", ONE, changed, THREE + " Or not.")
    assert answers_of(draft, changed) == [("check", "figures_in_sources")]
    assert answers_of(draft, THREE + " Or not.") == []


def test_words_that_are_still_there_were_not_answered(draft):
    report(draft, results=[failed("figures_in_sources", "twelve cubic metres")])
    changed = TWO.replace("large", "wide")
    refine(draft, "## Shade", ONE, changed, THREE)
    assert answers_of(draft, changed) == []


def test_what_the_critic_said_about_words_or_a_section_is_answered_there(draft):
    problems = [
        {"where": "three summers", "what": "Which ones?", "remedy": ""},
        {"where": "Shade", "what": "Too thin.", "remedy": "Say more."},
        {"where": "The whole", "what": "Dull.", "remedy": ""},
    ]
    report(draft, critique={"score": 60, "summary": "", "problems": problems})
    changed = THREE.replace("three summers", "its first summers")
    refine(draft, "## Shade", ONE, TWO, changed)
    assert answers_of(draft, changed) == [("critic", "Which ones?"), ("critic", "Too thin.")]
    assert answers_of(draft, ONE) == []


def test_words_are_found_whatever_markup_they_stand_in(draft, wanda):
    edit(draft, "A tree *gives off* [water](/x/) [1] by day.", by=wanda)
    report(draft, results=[failed("claims_supported", "A tree gives off water by day. […]")])
    refine(draft, "A tree breathes by day [1].")
    assert answers_of(draft, "A tree breathes by day [1].") == [("check", "claims_supported")]


def test_an_editors_refusal_is_addressed_by_later_changes_until_an_approval(draft, wanda):
    decide_on(draft, Verdict.REJECT, reason="Say what it costs.")
    edit(draft, "## Shade", ONE, TWO, THREE, "It costs little.", by=wanda)
    (answer,) = blame_paragraphs(draft)[-1].addressed
    assert (answer.kind, answer.name, answer.message, answer.by) == (
        "note", "style", "Say what it costs.", "editor"
    )  # fmt: skip
    assert blame_paragraphs(draft)[0].addressed == [], "it was there before"


# --- What it costs --------------------------------------------------------------------------------------


def test_the_bodies_of_the_past_are_read_once(draft, wanda, django_assert_num_queries):
    for number in range(5):
        edit(draft, ONE, f"Text {number}.", by=wanda)
    cache.clear()
    first = blame_paragraphs(draft)
    with django_assert_num_queries(5) as queries:
        assert blame_paragraphs(draft) == first
    bodies = [query for query in queries if '"tasks_historicaldraft"."body"' in query["sql"]]
    assert len(bodies) == 1


def test_a_new_version_is_not_served_from_the_cache_of_another(draft, wanda):
    blame_paragraphs(draft)
    edit(draft, "Only this.", by=wanda)
    assert origins(draft) == {"Only this.": 2}


def test_a_text_that_is_set_from_right_to_left_is_so_on_its_page():
    draft = make_draft(make_task(language="ar"), body="ظل الأشجار يبرد الشارع.")
    client = Client()
    client.force_login(make_user("edda", "Editors", is_staff=True))
    page = client.get(reverse("desk:blame", args=[draft.pk])).content.decode()
    assert '<div class="desk-article" lang="ar" dir="rtl">' in page


def test_a_paragraph_is_shown_as_the_whole_text_has_it():
    text = "Trees[^a] cool [1] a [street][b].\n\n[^a]: Most.\n\n[b]: /about/"
    draft = make_draft(
        make_task(language="de"), body=text, citations=[{"number": 1, "title": "A", "url": ""}]
    )
    client = Client()
    client.force_login(make_user("edda", "Editors", is_staff=True))
    page = client.get(reverse("desk:blame", args=[draft.pk])).content.decode()
    for shown in ('aria-label="Quelle 1"', 'aria-label="Fußnote 1"', '<a href="/about/">street</a>', "Most."):
        assert shown in page
    assert "<p>[b]: /about/</p>" in page
