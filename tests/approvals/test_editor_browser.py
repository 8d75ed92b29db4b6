"""The editor in a browser: commands on Markdown, saving in place, finding, pictures, citations."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from publishing.models import MediaItem
from tasks.actions import edit_draft
from tasks.models import Draft, Proposal, Source
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import make_draft, make_task, make_user
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db(transaction=True)

ROUND = "test.example"


def edit_path(draft: Draft) -> str:
    return reverse("desk:edit", args=[draft.pk])


@pytest.fixture
def writing(live_server: Any, page: Any, settings: Any) -> Any:
    """The editor with a draft of one paragraph, in a browser that reports what it refuses."""
    settings.PIPELINE_MODELS = ["openai:m"]
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    task = make_task(target_words=400)
    for number, title in enumerate(["How a tree cools a street", "Choosing trees", "Heat and health"], 1):
        Source.objects.create(task=task, title=title, text="a", number=number)
    draft = make_draft(task, title="Street trees", body="Trees cool streets [1].\n\nThey cost money.")
    log_in(page, live_server.url, "erika", "Editors", at=edit_path(draft))
    page.set_viewport_size({"width": 1360, "height": 900})
    yield page
    assert not complaints


def put(page: Any, marked: str) -> None:
    """Fill the text; `«` and `»` are where the selection begins and ends, `|` is a caret."""
    marked = marked.replace("|", "«»")
    before, _, rest = marked.partition("«")
    chosen, _, after = rest.partition("»")
    start, end = (len(text.encode("utf-16-le")) // 2 for text in (before, before + chosen))
    page.evaluate(
        """([text, start, end]) => {
            const field = document.querySelector("#id_body");
            field.value = text;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.focus();
            field.setSelectionRange(start, end);
        }""",
        [before + chosen + after, start, end],
    )


def until(page: Any, condition: str) -> None:
    """Wait for it in a page that may not evaluate strings, which Playwright's own waiting does."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def body(page: Any) -> str:
    return str(page.input_value("#id_body"))


COMMANDS = [
    ("a «word» b", "Control+b", "a **word** b"),
    ("a **«word»** b", "Control+b", "a word b"),
    ("a «**word**» b", "Control+b", "a word b"),
    ("a **«word»** b", "Control+i", "a ***word*** b"),
    ("a ***«word»*** b", "Control+i", "a **word** b"),
    ("a « word » b", "Control+i", "a  *word*  b"),
    ("a wo|rd b", "Control+b", "a **word** b"),
    ("a | b", "Control+b", "a **** b"),
    ("- «one\n- two»", "Control+b", "- **one**\n- **two**"),
    ("«Ein Wört»", "Control+Shift+X", "~~Ein Wört~~"),
    ("a «word» b", "Control+e", "a `word` b"),
    ("«one\ntwo»", "Control+e", "```\none\ntwo\n```"),
    ("a «word» b", "Control+k", "a [word](https://) b"),
    ("a «https://x.example/a(b)» b", "Control+k", "a [](https://x.example/a%28b%29) b"),
    ("A hea|ding", "Control+Alt+2", "## A heading"),
    ("## A hea|ding", "Control+Alt+2", "A heading"),
    ("## A hea|ding", "Control+Alt+3", "### A heading"),
    ("«one\n\ntwo\n»three", "Control+Shift+8", "- one\n\n- two\nthree"),
    ("«- one\n- two»", "Control+Shift+8", "one\ntwo"),
    ("«- one\n- two»", "Control+Shift+7", "1. one\n2. two"),
    ("«one\n\ntwo»", "Control+Shift+9", "> one\n>\n> two"),
    ("«> one\n> two»", "Control+Shift+9", "one\ntwo"),
    ("- one|", "Enter", "- one\n- "),
    ("- one\n- |", "Enter", "- one\n"),
    ("9. nine|", "Enter", "9. nine\n10. "),
    ("- [x] done|", "Enter", "- [x] done\n- [ ] "),
    ("> said|", "Enter", "> said\n> "),
    ("* o|ne", "Enter", "* o\n* ne"),
    ("|- one", "Enter", "\n- one"),
    ("plain|", "Enter", "plain\n"),
    ("```\n- code|", "Enter", "```\n- code\n"),
    ("- one\n- two|", "Tab", "- one\n  - two"),
    ("- one\n  - two|", "Shift+Tab", "- one\n- two"),
    ("1. one\n1. two|", "Tab", "1. one\n   1. two"),
    ("  - one\n  - |", "Enter", "  - one\n- "),
    ("أشجار «الشارع» تبرد", "Control+b", "أشجار **الشارع** تبرد"),
    ("街路樹は«涼しい»", "Control+b", "街路樹は**涼しい**"),
    ("\U0001f333 «tree»", "Control+i", "\U0001f333 *tree*"),
]


def test_shortcuts_change_only_what_they_are_about_and_undo_at_once(writing: Any, subtests: Any) -> None:
    for marked, keys, expected in COMMANDS:
        with subtests.test(f"{keys} in {marked!r}"):
            put(writing, marked)
            before = body(writing)
            writing.keyboard.press(keys)
            assert body(writing) == expected
            writing.keyboard.press("Control+z")
            assert body(writing) == before
            writing.keyboard.press("Control+Shift+z")
            assert body(writing) == expected


def test_saving_in_place_keeps_the_place_and_the_undo(writing: Any) -> None:
    draft = Draft.objects.get()
    writing.click("#id_body")
    writing.keyboard.press("Control+End")
    writing.keyboard.type(" And shade")
    writing.wait_for_selector("[data-stored]:has-text('Saved in this browser')")
    assert writing.inner_text("[data-save-state]") == "Unsaved changes"
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-save-state]:has-text('Saved as version 2')")
    draft.refresh_from_db()
    assert (draft.version, draft.body) == (2, "Trees cool streets [1].\n\nThey cost money. And shade")
    assert writing.inner_text("[data-part-of=meta]").endswith("Version 2 by erika")
    assert writing.evaluate("document.activeElement.id") == "id_body"
    writing.keyboard.press("Control+z")
    assert not body(writing).endswith("And shade")
    writing.keyboard.press("Control+Shift+z")
    assert body(writing) == draft.body
    until(writing, "!document.querySelector('[data-stored]').textContent")
    # A mistake is named at its field, and what follows a change is shown.
    writing.fill("#id_title", "")
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-field=title] .errorlist")
    assert writing.get_attribute("#id_title", "aria-invalid") == "true"
    # A correction saves, on top of what another person changed only when it was shown.
    writing.fill("#id_title", "Street trees again")
    edit_draft(Draft.objects.get(), {"summary": "Theirs."}, by=make_user("walter", "Writers"))
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-problem] :text('Not saved.')")
    assert "Theirs." in writing.inner_text("#changes")
    assert Draft.objects.get().title == "Street trees"
    assert writing.input_value("#id_title") == "Street trees again"
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-save-state]:has-text('Saved as version 4')")
    assert not writing.is_visible("#changes")
    assert writing.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []


def test_what_cannot_be_saved_stays_typed_and_is_said(writing: Any) -> None:
    writing.fill("#id_body", "Words of mine.")
    writing.context.set_offline(True)
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-save-state]:has-text('the server did not respond')")
    assert body(writing) == "Words of mine."
    writing.context.set_offline(False)
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-save-state]:has-text('Saved as version 2')")
    assert Draft.objects.get().body == "Words of mine."


def test_a_source_is_cited_by_its_title_and_joins_the_citations(writing: Any) -> None:
    put(writing, "Trees| cool.")
    writing.keyboard.press("Control+Shift+K")
    writing.keyboard.type("health")
    assert writing.locator("#cite-options li:visible").count() == 1
    assert accessibility_problems(writing) == []
    writing.keyboard.press("Enter")
    assert body(writing) == "Trees [3] cool."
    writing.keyboard.press("Control+s")
    writing.wait_for_selector("[data-save-state]:has-text('Saved as version 2')")
    assert {"number": 3, "title": "Heat and health", "url": ""} in Draft.objects.get().citations


def test_find_and_replace_is_one_step_and_escape_returns_to_the_text(writing: Any) -> None:
    put(writing, "|" + "Tree, tree (tree). $& STREET\n" * 3)
    writing.keyboard.press("Control+f")
    writing.keyboard.type("tree")
    assert writing.inner_text("[data-find-count]") == "1 of 12"
    writing.check("[data-find-case]")
    assert writing.inner_text("[data-find-count]") == "1 of 6"
    writing.fill("[data-find-replacement]", "$& lime")
    writing.click("[data-find-all]")
    assert body(writing) == "Tree, $& lime ($& lime). $& STREET\n" * 3
    writing.keyboard.press("Escape")
    assert writing.evaluate("document.activeElement.id") == "id_body"
    writing.keyboard.press("Control+z")
    assert "lime" not in body(writing)
    # So it is where Chromium's own undo would take minutes.
    long = "The tree, a street.\n\n" * 2000
    put(writing, "|" + long)
    writing.keyboard.press("Control+f")
    writing.fill("[data-find-words]", "tree")
    writing.fill("[data-find-replacement]", "lime")
    writing.click("[data-find-all]")
    assert body(writing) == long.replace("tree", "lime")
    writing.keyboard.press("Escape")
    writing.keyboard.type("x")
    for keys, expected in (
        ("z", long.replace("tree", "lime")),
        ("z", long),
        ("y", long.replace("tree", "lime")),
    ):
        writing.keyboard.press(f"Control+{keys}")
        assert body(writing) == expected


def test_an_image_that_is_pasted_or_dropped_is_uploaded_and_put_where_it_was(
    writing: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = base64.b64encode(encoded(900, 600, "PNG")).decode()
    for kind in ("paste", "drop"):
        put(writing, "One.\n\n|\n\nTwo.")
        writing.evaluate(
            """([kind, file]) => {
            const data = new DataTransfer();
            const bytes = Uint8Array.from(atob(file), (one) => one.charCodeAt(0));
            data.items.add(new File([bytes], "tree [1].png", { type: "image/png" }));
            const how = { bubbles: true, cancelable: true };
            const event = kind === "paste" ? new ClipboardEvent("paste", { ...how, clipboardData: data })
                : new DragEvent("drop", { ...how, dataTransfer: data });
            document.getElementById("id_body").dispatchEvent(event);
        }""",
            [kind, file],
        )
        until(writing, "document.getElementById('id_body').value.includes('image:')")
        image = MediaItem.objects.select_related("image").get().image
        assert body(writing) == f"One.\n\n![](image:{image.pk})\n\nTwo.", kind
        assert (image.width, image.height) == (900, 600)


def test_checks_come_while_pausing_and_lead_to_their_place(writing: Any) -> None:
    put(writing, "Trees cool streets [1].\n\nTODO: ask the **city** council.\n\n|They cost money.")
    writing.keyboard.type("x")
    writing.click("role=tab[name=/Checks/]")
    writing.click("[data-checks-found] button:has-text('TODO')")
    chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert writing.locator("#id_body:focus").evaluate(chosen).startswith("TODO: ask the")
    assert accessibility_problems(writing) == []


def test_the_model_is_asked_about_the_paragraph_at_the_caret_once_it_is_saved(writing: Any) -> None:
    put(writing, "Trees cool streets [1].\n\nThey co|st much money.")
    writing.click("[data-command=ask]")
    assert writing.inner_text("[data-ask-passage]") == "They cost much money."
    writing.fill("#ask-instruction", "Shorter, please.")
    writing.click("#ask-dialog >> text=Ask >> nth=-1")
    writing.wait_for_url("**/proposals/#proposal-*")
    asked = Proposal.objects.get()
    assert (asked.version, asked.original, asked.instruction) == (
        2,
        "They cost much money.",
        "Shorter, please.",
    )


def test_the_page_fits_a_phone_and_reads_from_right_to_left(writing: Any, live_server: Any) -> None:
    task = make_task(language="ar")
    draft = make_draft(task, title="ط" * 200, slug="tree", body="الأشجار تبرد الشوارع [1].\n\n" * 20)
    for width in (320, 768):
        writing.set_viewport_size({"width": width, "height": 700})
        writing.goto(live_server.url + edit_path(draft))
        assert writing.evaluate("document.documentElement.scrollWidth") == width
        assert writing.evaluate("getComputedStyle(document.getElementById('id_body')).direction") == "rtl"
        for tab in ("Details", "Preview", "Checks"):
            writing.click(f"role=tab[name=/{tab}/]")
            assert writing.evaluate("document.documentElement.scrollWidth") == width
        assert accessibility_problems(writing) == []
