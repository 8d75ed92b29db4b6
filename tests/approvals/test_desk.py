import re

import pytest
from django.urls import reverse

from approvals import review_locks
from approvals.comments.threads import comment, resolve
from approvals.models import Decision, Verdict
from publishing.models import Post
from publishing.publish import publish
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Guidance, ModelCall, QualityReport, StageRun
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import ago, approve, decide_on, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    """The browser of an editor."""
    client.force_login(editor)
    return client


def as_user(client, name, *groups):
    client.force_login(make_user(name, *groups, is_staff=True))
    return client


def address(draft, view="review", *more):
    return reverse(f"desk:{view}", args=[draft.pk, *more])


def verdict(draft, decision, **typed):
    return {"version": draft.version, "content_sha256": draft.content_sha256, "decision": decision} | typed


def html(response):
    return response.content.decode()


# --- Who may see it -----------------------------------------------------------------------------------


def test_strangers_are_sent_to_the_login(client):
    draft = make_draft()
    for page in (reverse("desk:queue"), address(draft), address(draft, "edit"), address(draft, "version", 1)):
        assert client.get(page).url.startswith("/admin/login/")


def test_people_without_a_role_are_sent_to_the_login_even_when_they_post(client):
    client.force_login(make_user("guest"))
    draft = make_draft()
    assert client.post(address(draft), verdict(draft, "approve")).url.startswith("/admin/login/")
    assert not Decision.objects.exists()


def test_staff_who_may_not_view_drafts_are_refused(client):
    as_user(client, "nobody")
    draft = make_draft()
    for page in (reverse("desk:queue"), address(draft), address(draft, "edit"), address(draft, "version", 1)):
        assert client.get(page).status_code == 403
    assert client.post(address(draft, "restore", 1)).status_code == 403


def test_who_may_not_decide_reads_the_page_without_the_form(client):
    draft = make_draft()
    as_user(client, "walter", "Writers")
    page = client.get(address(draft))
    assert page.status_code == 200
    assert 'name="decision"' not in html(page)
    assert client.post(address(draft), verdict(draft, "approve")).status_code == 403
    assert not Decision.objects.exists()


def test_an_unknown_draft_is_not_found(desk):
    assert desk.get("/admin/desk/999/").status_code == 404


# --- The review page ----------------------------------------------------------------------------------


def test_one_page_shows_all_that_a_decision_needs(desk, editor):
    task = make_task(topic="Trees in towns", audience="Council members", brief="Say what shade does.")
    task.sources.create(
        title="A study of shade", url="https://example.org/study", text="Shade cools by 12 °C."
    )
    ModelCall.objects.create(task=task, run=1, stage="draft", role="creative", provider="openai", model="m-1",
                             cost_usd="0.25", duration_ms=1200, outcome="ok")  # fmt: skip
    draft = make_draft(task, title="Shade", body="Shade **cools** [1].")
    report(draft, failed="A figure has no source.", skipped="No critic is set up.", passed="All links work.")
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor, reason="Name the town in question.")
    page = html(desk.get(address(draft)))
    for shown in (
        "Trees in towns", "Council members", "Say what shade does.", "<strong>cools</strong>",
        'href="#source-1"', 'id="source-1"', "Shade cools by 12 °C.", "https://example.org/study",
        "A figure has no source.", "the figure 42", "No critic is set up.", "All links work.",
        "A note from the writer.", "Name the town in question.", "m-1", "0.2500 US dollars", "Version 1",
        draft.content_sha256[:12], "offline writer", "Awaiting approval → Pending",
    ):  # fmt: skip
        assert shown in page, shown


@pytest.mark.parametrize(
    ("language", "length"),
    [("en", "800 words, en"), ("ja", "800 characters, ja"), ("zh-TW", "800 characters, zh-TW")],
)
def test_the_length_of_a_brief_is_shown_in_the_unit_of_its_language(desk, language, length):
    draft = make_draft(make_task(language=language, target_words=800), title="Shade", body="木は涼しい。")
    assert f"<dd>{length}</dd>" in html(desk.get(address(draft)))


def report(draft, **messages):
    results = [
        {"check": f"check_{status}", "status": status, "message": message, "severity": "veto",
         "evidence": ["the figure 42"]}
        for status, message in messages.items()
    ]  # fmt: skip
    QualityReport.objects.create(draft=draft, version=draft.version, score=49, results=results,
                                 editor_notes=["A note from the writer."])  # fmt: skip


def test_failed_checks_come_before_skipped_and_passed_ones(desk):
    draft = make_draft()
    report(draft, passed="Third.", skipped="Second.", failed="First.")
    page = html(desk.get(address(draft)))
    assert page.index("First.") < page.index("Second.") < page.index("Third.")


def test_results_of_an_earlier_version_are_marked_as_such(desk):
    draft = make_draft()
    report(draft, passed="Fine.")
    edit_draft(draft, {"title": "New"}, by=make_user("walter", "Writers"))
    assert "Version 2 is not checked yet. These results are for version 1." in html(desk.get(address(draft)))


def test_what_was_fetched_of_a_source_is_shown(desk):
    task = make_task()
    task.sources.create(url="https://example.org/page")
    fetched = {
        "sources": [{"number": 1, "title": "Page", "url": "", "text": "Fetched words."}],
        "unusable": [],
    }
    StageRun.objects.create(
        task=task, run=1, attempt=1, key="research", output=fetched, started_at=task.created_at
    )
    assert "Fetched words." in html(desk.get(address(make_draft(task))))


def test_what_people_and_sources_wrote_is_never_markup(desk, editor):
    evil = "<script>alert(1)</script>"
    task = make_task(topic=evil, brief=evil, audience=evil)
    task.sources.create(title=evil, text=evil)
    draft = make_draft(
        task, title=evil, slug="evil", summary=evil, body=f"{evil}\n\n[x](javascript:alert(1))"
    )
    report(draft, failed=evil)
    Guidance.objects.create(task=task, reason_code="style", text=evil)
    edit_draft(draft, {"body": f"{evil} changed"}, by=make_user("walter", "Writers"))
    for view in ("rendered", "changes", "markdown"):
        page = html(desk.get(address(draft), {"view": view}))
        assert evil not in page
        assert 'href="javascript:' not in page


def test_changes_are_shown_since_the_version_this_reviewer_decided_about(desk, editor):
    draft = make_draft(summary="First words.")
    decide_on(draft, Verdict.REJECT, by=editor)
    for words in ("Second words.", "Third words."):
        edit_draft(draft, {"summary": words}, by=make_user("walter", "Writers"))
    page = desk.get(address(draft), {"view": "changes"})
    assert page.context["changes"].base == 1
    assert "<del>First</del>" in html(page)
    assert "<ins>Third</ins>" in html(page)


def test_changes_are_shown_since_the_version_before_to_who_never_decided(desk):
    draft = make_draft(summary="First words.")
    for words in ("Second words.", "Third words."):
        edit_draft(draft, {"summary": words}, by=make_user("walter", "Writers"))
    page = html(desk.get(address(draft), {"view": "changes"}))
    assert "<del>Second</del>" in page


def test_any_version_can_be_compared(desk):
    draft = make_draft(summary="First words.")
    for words in ("Second words.", "Third words."):
        edit_draft(draft, {"summary": words}, by=make_user("walter", "Writers"))
    assert "<del>First</del>" in html(desk.get(address(draft), {"view": "changes", "against": 1}))
    for nonsense in ("99", "x", "-1", "9" * 40, "²"):
        assert desk.get(address(draft), {"view": "changes", "against": nonsense}).status_code == 200


def test_a_long_history_needs_no_more_queries(desk, editor, django_assert_max_num_queries):
    draft = make_draft()
    for number in range(12):
        edit_draft(draft, {"summary": f"Take {number}"}, by=make_user(f"writer{number % 3}", "Writers"))
        draft.task.sources.create(title=f"Source {number}", text="Words.")
    report(draft, failed="A", passed="B")
    desk.get(reverse("desk:guidance"))  # a browser's first request is recorded as its session
    with django_assert_max_num_queries(25):
        desk.get(address(draft), {"view": "changes"})


def test_pages_hold_no_inline_script_style_or_handler(desk):
    draft = make_draft()
    edit_draft(draft, {"summary": "New"}, by=make_user("walter", "Writers"))
    pages = [reverse("desk:queue"), address(draft), address(draft, "edit"), address(draft, "version", 1),
             reverse("admin:tasks_contenttask_add"), address(draft) + "?view=changes"]  # fmt: skip
    for page in pages:
        answer = desk.get(page)
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert not re.search(
            r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=", html(answer)
        )


# --- Deciding -----------------------------------------------------------------------------------------


def test_a_bare_visit_decides_nothing(desk):
    draft = make_draft()
    desk.get(address(draft), verdict(draft, "approve"))
    desk.head(address(draft), verdict(draft, "approve"))
    assert not Decision.objects.exists()


def test_the_form_as_it_is_shown_approves(desk, editor):
    draft = make_draft()
    page = html(desk.get(address(draft)))
    fields = dict(re.findall(r'<input type="hidden" name="(version|content_sha256)" value="([^"]+)"', page))
    answer = desk.post(address(draft), fields | {"decision": "approve", "reason_code": "", "reason": ""})
    assert answer.status_code == 302
    decision = Decision.objects.get()
    assert (decision.decision, decision.actor, decision.via) == ("approve", editor, "admin")
    assert "Version 1 was approved." in html(desk.get(answer.url))


def test_a_reason_goes_with_a_no(desk):
    draft = make_draft()
    typed = verdict(draft, "request_changes", reason_code="facts", reason="The second figure is wrong.")
    assert desk.post(address(draft), typed).status_code == 302
    assert ContentTask.objects.get().guidance.get().text == "The second figure is wrong."


def test_a_missing_reason_is_asked_for_and_what_was_typed_stays(desk):
    draft = make_draft()
    answer = desk.post(address(draft), verdict(draft, "reject", reason_code="legal", reason="Too bad."))
    assert answer.status_code == 400
    assert "Too bad.</textarea>" in html(answer)
    assert '<option value="legal" selected>' in html(answer)
    assert "10 characters or more" in html(answer)
    assert not Decision.objects.exists()


def test_a_form_without_its_version_or_verdict_decides_nothing(desk):
    draft = make_draft()
    for missing in ("version", "content_sha256", "decision"):
        typed = {name: value for name, value in verdict(draft, "approve").items() if name != missing}
        assert desk.post(address(draft), typed).status_code == 400
    assert desk.post(address(draft), verdict(draft, "publish")).status_code == 400
    assert not Decision.objects.exists()


@pytest.mark.parametrize("version", [10**9, 10**30])
def test_a_version_that_cannot_be_is_stale_or_refused_but_no_fault(desk, version):
    draft = make_draft()
    typed = verdict(draft, "approve") | {"version": version}
    assert desk.post(address(draft), typed).status_code in {400, 409}
    comment_at = reverse("desk:comment", args=[draft.pk])
    assert desk.post(comment_at, {"version": version, "text": "Why?"}).status_code == 400
    assert desk.get(address(draft), {"comment": "\0", "history": "\0"}).status_code == 200
    assert not Decision.objects.exists()


def test_a_stale_screen_keeps_what_was_typed_and_shows_what_changed(desk):
    draft = make_draft(summary="Old words.")
    typed = verdict(draft, "reject", reason_code="style", reason="The summary says nothing.")
    edit_draft(Draft.objects.get(), {"summary": "New words."}, by=make_user("walter", "Writers"))
    answer = desk.post(address(draft), typed)
    page = html(answer)
    assert answer.status_code == 409
    assert "edited by walter" in page
    assert "The summary says nothing.</textarea>" in page
    assert "<del>Old</del>" in page
    assert "<ins>New</ins>" in page
    assert not Decision.objects.exists()
    assert "The whole text of version 2" in page
    # The text on this page is the new one, and so is the text that the form is about.
    assert f'name="content_sha256" value="{Draft.objects.get().content_sha256}"' in page


def test_who_comes_second_learns_who_decided_and_keeps_what_was_typed(desk):
    draft = make_draft()
    typed = verdict(draft, "reject", reason_code="style", reason="Much too long for us.")
    approve(draft, by=make_user("emil", "Editors"))
    answer = desk.post(address(draft), typed)
    assert answer.status_code == 409
    assert "emil decided: approve" in html(answer)
    assert "Much too long for us.</textarea>" in html(answer)
    assert Decision.objects.count() == 1


def test_authors_see_why_they_cannot_approve(desk, editor):
    draft = make_draft(author=editor)
    page = html(desk.get(address(draft)))
    approve_button = re.search(r'<button[^>]*value="approve"[^>]*>', page)[0]
    assert " disabled" in approve_button
    assert "another editor has to approve it" in page
    answer = desk.post(address(draft), verdict(draft, "approve", reason="I am sure of it."))
    assert answer.status_code == 403
    assert "I am sure of it.</textarea>" in html(answer)
    assert not Decision.objects.exists()


def test_superusers_do_not_approve_their_own_text_either(admin_client, admin_user):
    draft = make_draft(author=admin_user)
    assert admin_client.post(address(draft), verdict(draft, "approve")).status_code == 403


def test_a_form_from_another_site_decides_nothing(editor):
    from django.test import Client

    foreign = Client(enforce_csrf_checks=True)
    foreign.force_login(editor)
    draft = make_draft()
    assert foreign.post(address(draft), verdict(draft, "approve")).status_code == 403
    assert not Decision.objects.exists()


# --- What comes after ---------------------------------------------------------------------------------


def test_publishers_find_the_way_online_and_back(client, editor):
    draft = make_draft()
    approve(draft, by=editor)
    as_user(client, "paula", "Publishers")
    publish_at = reverse("publishing_desk:publish", args=[draft.pk])
    assert publish_at in html(client.get(address(draft)))
    assert client.post(publish_at).status_code == 302
    page = html(client.get(address(draft)))
    assert draft.post.get_absolute_url() in page
    assert reverse("publishing_desk:unpublish", args=[draft.post.pk]) in page


def test_editors_are_not_offered_to_publish(desk, editor):
    draft = make_draft()
    approve(draft, by=editor)
    assert "/publish/" not in html(desk.get(address(draft)))
    publish(draft, by=make_user("paula", "Publishers"))
    page = html(desk.get(address(draft)))
    assert Draft.objects.get().post.get_absolute_url() in page
    assert "/unpublish/" not in page
    assert "/update/" not in page


# --- Editing and versions -----------------------------------------------------------------------------


def shown_form(page):
    """The edit form's values, as a browser would send them back."""
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields}


def test_a_persons_edit_is_the_next_version(desk, editor):
    draft = make_draft()
    typed = shown_form(desk.get(address(draft, "edit"))) | {"title": "Shade", "tags": "trees, heat"}
    assert desk.post(address(draft, "edit"), typed).status_code == 302
    draft = Draft.objects.get()
    assert (draft.version, draft.title, draft.tags, draft.author) == (2, "Shade", ["trees", "heat"], editor)


def test_saving_what_the_browser_shows_makes_no_version(desk):
    draft = make_draft(body="One line.\n\nAnother line.\n")
    typed = shown_form(desk.get(address(draft, "edit")))
    typed["body"] = typed["body"].replace("\n", "\r\n")
    assert desk.post(address(draft, "edit"), typed).status_code == 302
    assert Draft.objects.get().version == 1


def test_line_ends_and_outer_spaces_of_a_text_in_full_length_are_no_change(desk):
    draft = make_draft(
        summary=" One.\n" + "w" * 592 + "\n", seo_description="a\n" + "b" * 158, body="One.\n\nTwo.\n"
    )
    approve(draft)
    typed = shown_form(desk.get(address(draft, "edit")))
    typed = {name: str(value).replace("\n", "\r\n") for name, value in typed.items()}
    assert desk.post(address(draft, "edit"), typed).status_code == 302
    assert (Draft.objects.get().version, ContentTask.objects.get().status) == (1, Status.APPROVED)


def test_an_edit_of_a_stale_page_keeps_what_was_typed(desk):
    draft = make_draft(summary="Old words.")
    typed = shown_form(desk.get(address(draft, "edit"))) | {"summary": "My words."}
    edit_draft(Draft.objects.get(), {"summary": "Their words."}, by=make_user("walter", "Writers"))
    answer = desk.post(address(draft, "edit"), typed)
    assert answer.status_code == 409
    assert "My words.</textarea>" in html(answer)
    assert "<ins>Their</ins>" in html(answer)
    assert Draft.objects.get().summary == "Their words."
    # Having seen the changes, the editor may save over them.
    again = typed | {"version": answer.context["form"]["version"].value()}
    assert desk.post(address(draft, "edit"), again).status_code == 302
    assert Draft.objects.get().summary == "My words."


def test_an_edit_that_breaks_a_rule_is_not_saved(desk):
    draft = make_draft()
    typed = shown_form(desk.get(address(draft, "edit"))) | {"slug": "not a slug", "body": "Kept words."}
    answer = desk.post(address(draft, "edit"), typed)
    assert answer.status_code == 400
    assert "Kept words.</textarea>" in html(answer)
    assert Draft.objects.get().version == 1


def test_a_published_text_gets_a_newer_one_and_stays_as_it_is(desk, editor):
    draft = make_draft()
    approve(draft, by=make_user("emil", "Editors"))
    post = publish(draft, by=make_user("paula", "Publishers"))
    page = desk.get(address(draft, "edit"))
    assert "stays as it is until a newer version is approved" in html(page)
    assert desk.post(address(draft, "edit"), shown_form(page) | {"summary": "My words."}).status_code == 302
    assert (Draft.objects.get().summary, Post.objects.get().summary) == ("My words.", post.summary)
    page = desk.get(address(draft))
    assert page.context["view"] == "changes"
    assert (page.context["changes"].base, page.context["changes"].reason_for_base) == (1, "the live version")
    assert "Update of a live post" in html(page)
    assert "Update of a live post" in html(desk.get(reverse("desk:queue"), {"queue": "others"}))


def test_an_edit_voids_an_approval_and_the_page_says_so_before(desk, editor):
    draft = make_draft()
    approve(draft, by=make_user("emil", "Editors"))
    page = desk.get(address(draft, "edit"))
    assert "voids the approval" in html(page)
    desk.post(address(draft, "edit"), shown_form(page) | {"summary": "New."})
    assert ContentTask.objects.get().status == Status.AWAITING_APPROVAL


def test_readers_of_the_desk_neither_edit_nor_restore(client):
    draft = make_draft()
    as_user(client, "audrey", "Auditors")
    assert client.get(address(draft, "edit")).status_code == 403
    assert client.post(address(draft, "edit"), {"title": "x"}).status_code == 403
    assert client.post(address(draft, "restore", 1)).status_code == 403
    assert Draft.objects.get().version == 1


def test_an_earlier_version_can_be_read_and_restored_as_a_new_one(desk, editor):
    draft = make_draft(summary="Old words.")
    edit_draft(draft, {"summary": "New words."}, by=make_user("walter", "Writers"))
    assert "Old words." in html(desk.get(address(draft, "version", 1)))
    assert desk.get(address(draft, "version", 9)).status_code == 404
    assert desk.post(address(draft, "restore", 1)).status_code == 302
    draft = Draft.objects.get()
    assert (draft.version, draft.summary, draft.author) == (3, "Old words.", editor)


def test_restoring_needs_a_post_and_a_version_that_exists(desk):
    draft = make_draft()
    assert desk.get(address(draft, "restore", 1)).status_code == 405
    assert desk.post(address(draft, "restore", 9)).status_code == 404


def test_a_running_task_refuses_a_restored_version(desk):
    draft = make_draft()
    edit_draft(draft, {"summary": "New words."}, by=make_user("walter", "Writers"))
    decide_on(draft, Verdict.REQUEST_CHANGES)
    answer = desk.post(address(draft, "restore", 1))
    assert answer.status_code == 409
    assert "cannot be edited now" in html(answer)


# --- In a browser -------------------------------------------------------------------------------------


@pytest.fixture
def open_draft(live_server, page):
    """Log in as an editor and open a draft; fails on anything the Content-Security-Policy blocks."""
    complaints = []
    page.on(
        "console", lambda message: complaints.append(message.text) if "Security" in message.text else None
    )

    def open_page(draft):
        log_in(page, live_server.url, "erika", "Editors", at=address(draft))
        return page

    yield open_page
    assert not complaints


def focused(page):
    return page.evaluate(
        "document.activeElement.value || document.activeElement.name || document.activeElement.id"
    )


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_approved_with_two_keystrokes(open_draft):
    draft = make_draft()
    page = open_draft(draft)
    page.keyboard.press("a")
    assert focused(page) == "approve"
    assert not Decision.objects.exists()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".messagelist .success")
    assert Decision.objects.get().decision == "approve"


@pytest.mark.django_db(transaction=True)
def test_changes_are_requested_without_the_mouse(open_draft):
    draft = make_draft()
    page = open_draft(draft)
    page.keyboard.press("s")
    page.keyboard.press("s")  # the first reason that begins with an s
    page.keyboard.press("Tab")
    page.keyboard.type("a clear rule, a reason: 10+ characters")
    assert page.input_value("#id_reason") == "a clear rule, a reason: 10+ characters"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".messagelist .success")
    decision = Decision.objects.get()
    assert (decision.decision, decision.reason_code) == ("request_changes", "sources")


@pytest.mark.django_db(transaction=True)
def test_keys_move_and_explain_but_never_send(open_draft):
    draft, other = make_draft(), make_draft()
    page = open_draft(draft)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("]")
    assert focused(page) == "text"
    page.keyboard.press("]")
    assert focused(page) == "decision"
    page.keyboard.press("[")
    assert focused(page) == "text"
    page.keyboard.press("?")
    assert page.is_visible("#shell-keys dl")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url(f"**{address(other)}")
    page.keyboard.press("k")
    page.wait_for_url(f"**{address(draft)}")
    page.keyboard.press("j")
    page.wait_for_url(f"**{address(other)}")
    assert not Decision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_citation_shows_its_source_and_the_text_stays_where_it_is(open_draft):
    task = make_task()
    for number in range(1, 9):
        task.sources.create(title=f"Source {number}", text="Words of a source. " * 40)
    citations = [{"number": number, "title": f"Source {number}", "url": ""} for number in range(1, 9)]
    draft = make_draft(
        task, body="A paragraph about shade.\n\n" * 60 + "The last one [8].", citations=citations
    )
    page = open_draft(draft)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("a[href='#source-8']").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    page.locator("a[href='#source-8']").click()
    assert page.evaluate("scrollY") == before > 0
    assert focused(page) in {8, "8", "source-8"}
    assert page.locator("#source-8").is_visible()


@pytest.mark.django_db(transaction=True)
def test_the_own_text_cannot_be_approved_by_key(open_draft):
    draft = make_draft(author=make_user("erika", "Editors", is_staff=True))
    page = open_draft(draft)
    page.keyboard.press("a")
    assert focused(page) == "four-eyes"
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Enter")
    assert page.url.endswith(address(draft))
    assert not Decision.objects.exists()


def test_a_citation_is_shown_as_readers_will_get_it(desk):
    task = make_task()
    task.sources.create(title="A study", url="https://example.org/study")
    draft = make_draft(task, citations=[{"number": 1, "title": "A study", "url": "https://evil.example/"}])
    page = html(desk.get(address(draft)))
    assert "Readers see a different title or address: A study" in page
    assert 'href="https://evil.example/"' in page
    task.sources.update(url="https://evil.example/")
    assert "Readers see a different" not in html(desk.get(address(draft)))


def test_an_address_in_any_script_survives_editing(desk):
    draft = make_draft(slug="城市树木")
    typed = shown_form(desk.get(address(draft, "edit"))) | {"title": "Shade", "tags": "trees"}
    assert desk.post(address(draft, "edit"), typed).status_code == 302
    assert Draft.objects.get().slug == "城市树木"
    typed |= {"version": 2, "slug": "no/address"}
    assert desk.post(address(draft, "edit"), typed).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_review_page_is_accessible_and_fits_a_phone(open_draft):
    task = make_task(due_at=ago(hours=3), brief="Say what shade does.")
    task.sources.create(title="A study", url="https://example.org/study", text="Shade cools. " * 30)
    draft = make_draft(task)
    report(draft, failed="A figure has no source.", skipped="No critic.", passed="All links work.")
    ada = make_user("ada", "Editors", is_staff=True)
    comment(draft, version=1, text="Says who?", by=ada, quote="Trees cool a street")
    resolve(comment(draft, version=1, text="Good.", by=ada), by=ada)
    edit_draft(draft, {"body": "Trees cool a street by shade and water.\n\nNew [1]."}, by=ada)
    comment(draft, version=1, text="Gone.", by=ada, quote="Shade keeps walls")
    review_locks.take(draft, by=ada)
    page = open_draft(draft)
    for view in ("rendered", "changes", "markdown"):
        page.goto(f"{page.url.split('?')[0]}?view={view}")
        assert accessibility_problems(page) == [], view
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.django_db(transaction=True)
def test_the_page_of_a_published_draft_is_accessible_too(live_server, page):
    draft = make_draft()
    approve(draft, by=make_user("ada", "Editors"))
    post = publish(draft, by=make_user("petra", "Publishers"))
    for name, group in (("paula", "Publishers"), ("erika", "Editors")):
        page.context.clear_cookies()
        log_in(page, live_server.url, name, group, at=address(draft))
        assert page.is_visible(f"#decision a[href='{post.get_absolute_url()}']")
        assert accessibility_problems(page) == [], name


def test_statements_are_shown_with_their_sources(desk):
    task = make_task()
    task.sources.create(title="A study", text="Shade cools.")
    draft = make_draft(task, body="Shade cools **walls** [1]. Nobody knows why. Water cools too [1].")
    QualityReport.objects.create(draft=draft, version=1, results=[
        {"check": "claims_supported", "status": "failed", "message": "1 of 3.", "severity": "advisory",
         "evidence": ["Water cools too. — in no source"]},
    ])  # fmt: skip
    [source] = desk.get(address(draft)).context["sources"]
    assert [(one.text, one.is_doubted) for one in source.statements] == [
        ("Shade cools walls.", False), ("Water cools too.", True)
    ]  # fmt: skip


def test_the_header_says_by_when_it_is_due(desk):
    draft = make_draft(make_task(due_at=ago(hours=1)))
    assert "was due" in html(desk.get(address(draft)))
    approve(draft)
    assert "was due" not in html(desk.get(address(draft)))


def test_changes_are_shown_since_what_was_last_decided_or_else_published(desk):
    walter = make_user("walter", "Writers")
    draft = make_draft(summary="One.")
    decide_on(draft, Verdict.REJECT, by=make_user("emil", "Editors"))
    for words in ("Two.", "Three."):
        edit_draft(draft, {"summary": words}, by=walter)
    changes = desk.get(address(draft), {"view": "changes"}).context["changes"]
    assert (changes.base, changes.reason_for_base) == (1, "the last version decided on")
    page = html(desk.get(address(draft), {"view": "changes"}))
    assert '<option value="1" selected>' in page
    assert '<option value="2">' in page
