"""The public pages in a real browser: accessible in both colour schemes, on small and large screens."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from publishing.models import Author
from publishing.publish import update_live
from tests.accessibility import accessibility_problems
from tests.factories import make_user
from tests.publishing.factories import approved_update, make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = pytest.mark.django_db(transaction=True)

BODY = """Trees cool a street by shade and by water [1].

## Shade

Shade keeps walls cool, and `code` too.

> A row of trees is worth ten awnings.

## Water

| | tree | litres a day |
| --- | :-: | --: |
| 1 | lime[^1] | 100 |
| 2 | plane[^bark], and see the note again[^1] | 1,250 |

- [x] Dig a pit
- [ ] Water it for three summers, which is longer than most of those who plant it think, and pay for it
- **A plain** item

[^1]: In summer, and only where the ground is open.

[^bark]: Its bark falls off.

    It is swept up.

### How much

1. A little
2. A lot

## Soil

```python
print("trees")
```

    a block of code that is far wider than any telephone and so has to be scrolled sideways by readers
"""
PAGES = {
    "home": "/",
    "post": "/posts/street-trees/",
    "category": "/category/city/",
    "author": "/author/edda/",
    "archive": "/archive/",
    "about": "/about/",
    "corrections": "/corrections/",
    "search": "/search/?q=shade",
    "not found": "/none/",
}


@pytest.fixture
def posts():
    editor = make_user("editor", "Editors", is_staff=True)
    Author.objects.create(user=editor, name="Edda Tor", slug="edda", is_public=True, bio="Reads on trains.")
    for number in range(3):
        make_post(f"Shade on street {number}", published_at=datetime(2026, 10, 1 + number, tzinfo=UTC))
    make_illustrated_post("A picture of shade")
    post = make_illustrated_post("Street trees and shade", body=BODY, slug="street-trees")
    publisher = make_user("publisher", "Publishers")
    for kind, note in (("correction", "A lime drinks 100 litres a day, not 10."), ("minor", "")):
        update_live(approved_update(post, summary=f"After a {kind}."), by=publisher, kind=kind, note=note)
    return post


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.mark.parametrize("width", [320, 1280])
def test_long_words_make_no_page_wider_than_its_window(site, page, width):
    said = {"summary": LONG, "body": f"## {LONG}\n\n{LONG}", "tags": [LONG, "trees"]}
    make_post(LONG, slug="long", language="de", published_at=datetime(2026, 11, 5, tzinfo=UTC), **said)
    make_post("A neighbour", slug="neighbour", tags=[LONG, "trees"])
    page.set_viewport_size({"width": width, "height": 800})
    lists = ("/", "/tag/trees/", "/archive/2026/11/", f"/search/?q={LONG}")
    for path in (*lists, "/posts/long/", "/posts/neighbour/"):
        assert page.goto(site.url + path).status == 200
        assert not is_wider_than_its_window(page), path


def is_wider_than_its_window(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible_in_light_and_dark(site, page, posts, width):
    page.set_viewport_size({"width": width, "height": 800})
    problems = {}
    for name, path in PAGES.items():
        page.emulate_media(color_scheme="light")
        page.goto(site.url + path)
        problems[name] = accessibility_problems(page)
        if is_wider_than_its_window(page):
            problems[name].append(f"wider than {width} px")
    assert problems == {name: [] for name in PAGES}


def test_a_post_loads_little_and_only_from_this_site(site, page, posts):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/posts/street-trees/")
    images = [url for url in asked if "/media/" in url or url.endswith((".svg", ".ico"))]
    fonts = [url for url in asked if url.endswith(".woff2")]
    assert len(asked) - len(images) - len(fonts) <= 3
    assert len(fonts) <= 3
    assert page.evaluate("document.querySelector('figure img').currentSrc").endswith(".avif")
    assert page.evaluate("document.querySelector('figure img').naturalWidth") > 0
    assert all(url.startswith(site.url) for url in asked)


SHIFTS = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => { for (const shift of list.getEntries()) sum += shift.value; })
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 500);
})"""


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_while_a_page_loads(site, page, posts, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/posts/street-trees/"):
        page.goto(site.url + path)
        assert page.evaluate(SHIFTS) <= 0.01


def test_a_reader_chooses_the_colours_and_the_browser_stores_them(site, page, posts):
    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="light")
    page.goto(site.url)
    light = ground()
    page.get_by_role("button", name="Switch to dark colours").click()
    dark = ground()
    assert dark != light
    page.goto(f"{site.url}/about/")
    assert ground() == dark
    page.get_by_role("button", name="Switch to light colours").click()
    page.emulate_media(color_scheme="dark")
    assert ground() == light


def test_reviewers_see_the_image_that_they_approve(site, page, posts):
    client = Client()
    client.force_login(make_user("edith", "Editors", is_staff=True))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    page.goto(site.url + reverse("desk:review", args=[posts.draft_id]) + "?view=rendered")
    page.wait_for_function("document.querySelector('.desk-article img').naturalWidth > 0")
    assert page.get_by_role("img", name="Trees along a street").is_visible()


def test_without_a_script_pages_are_whole_and_follow_the_system(site, browser, posts):
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{site.url}/posts/street-trees/")
    assert page.get_by_role("heading", level=1).inner_text() == "Street trees and shade"
    assert not page.locator(".theme").is_visible()
    page.get_by_role("searchbox").fill("shade")
    page.get_by_role("button", name="Search").click()
    assert "Street trees and shade" in page.get_by_role("main").inner_text()
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_corrected_and_filtered_search_is_accessible_in_light_and_dark(site, page, width):
    for number, category in enumerate(["City", "Country"] * 2):
        published_at = datetime(2023 + number, 5, 1, tzinfo=UTC)
        tags = ["trees", "water"][: 1 + number % 2]
        make_post(f"Asphalt {number}", category=category, tags=tags, published_at=published_at)
    page.set_viewport_size({"width": width, "height": 900})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{site.url}/search/?q=asphlat&category=city&sort=newest")
        assert page.get_by_text("Showing results for").is_visible()
        assert page.get_by_role("link", name="Country").is_visible()
        assert accessibility_problems(page) == []
        assert not is_wider_than_its_window(page)


@pytest.fixture
def typing(site, page, posts):
    """The search page, and the field during typing."""
    page.goto(f"{site.url}/search/")
    return typed_in(page)


def typed_in(page):
    page.get_by_role("searchbox", name="Search the articles").press_sequentially("shad", delay=10)
    page.get_by_role("option").first.wait_for()
    return page.get_by_role("combobox", name="Search the articles")


def test_every_search_field_suggests_and_a_slash_leads_to_one(site, page, posts):
    page.set_viewport_size({"width": 1280, "height": 800})
    for path in ("/", "/posts/street-trees/", "/none/"):
        page.goto(site.url + path)
        page.keyboard.press("/")
        page.keyboard.type("shad")
        page.get_by_role("option", name="Street trees and shade").wait_for()
        assert not is_wider_than_its_window(page)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(site.url)
    page.keyboard.press("/")
    page.wait_for_url("**/search/")


def test_contents_fold_where_there_is_no_room_next_to_the_text(site, page, posts):
    for width, is_open in ((390, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{site.url}/posts/street-trees/")
        link = page.get_by_label("Contents of this article").get_by_role("link", name="Soil")
        assert link.is_visible() == is_open
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_text("In this article").click()
    link.click()
    assert page.url.endswith("#section-soil")


def test_everything_begins_at_one_left_edge(site, page, posts):
    lefts = """() => [...document.querySelectorAll(
            '.wordmark, h1, .text > p, .card:first-child .title, .colophon p')]
        .filter(node => node.offsetParent).map(node => Math.round(node.getBoundingClientRect().left))"""
    for width in (390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (
            "/",
            "/posts/street-trees/",
            "/category/city/",
            "/archive/",
            "/about/",
            "/search/",
            "/none/",
        ):
            page.goto(site.url + path)
            assert len(set(page.evaluate(lefts))) == 1, (width, path, page.evaluate(lefts))


def chosen(page):
    return page.get_by_role("option", selected=True).all_inner_texts()


@pytest.mark.parametrize("width", [320, 1280])
def test_suggestions_are_accessible_in_light_and_dark(page, typing, width):
    page.set_viewport_size({"width": width, "height": 800})
    typing.press("ArrowDown")
    assert page.get_by_role("status").filter(has_text="suggestion").inner_text() == "6 suggestions"
    assert accessibility_problems(page) == []
    assert page.get_by_role("listbox", name="Suggestions").is_visible()
    assert not is_wider_than_its_window(page)


def test_suggestions_are_chosen_with_the_keyboard(page, typing):
    assert typing.get_attribute("aria-expanded") == "true"
    assert chosen(page) == []
    typing.press("ArrowDown")
    assert chosen(page) == ["Shade on street 0 article"]
    assert typing.get_attribute("aria-activedescendant") == page.get_by_role(
        "option", selected=True
    ).get_attribute("id")
    for key in ("ArrowUp", "ArrowUp"):
        typing.press(key)
    assert chosen(page) == ["shade word"]
    typing.press("Enter")
    page.wait_for_url("**/search/?q=shade")


def test_a_title_leads_to_its_article_by_click(page, typing):
    page.get_by_role("option", name="Street trees and shade").click()
    page.wait_for_url("**/posts/street-trees/")


def test_escape_closes_suggestions_and_leaves_the_input(page, typing):
    typing.press("ArrowDown")
    typing.press("Escape")
    assert page.get_by_role("option").count() == 0
    assert typing.get_attribute("aria-expanded") == "false"
    assert typing.input_value() == "shad"
    typing.press("Enter")
    page.wait_for_url("**/search/?q=shad")


def test_leaving_the_field_closes_suggestions(page, typing):
    typing.press("Tab")
    page.get_by_role("listbox").wait_for(state="hidden")
