"""What the review page says of a score: what it is made of, and what the critic thinks."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tasks.models import ModelCall, QualityReport
from tasks.pipeline.scoring import Criterion
from tests.accessibility import accessibility_problems
from tests.approvals.test_version_pages_look import look
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db


def finding(check, points, evidence=("Bees sing.",), severity="advisory"):
    return {
        "check": check, "status": "failed", "severity": severity, "message": f"About {check}.",
        "evidence": list(evidence), "points": points,
    }  # fmt: skip


CRITIQUE = {
    "score": 82,
    "summary": "Sound, but thin.",
    "criteria": [
        {"criterion": name, "score": 80 + n, "evidence": "shade cools" if n else "", "why": f"Why {n} <b>."}
        for n, name in enumerate(Criterion)
    ],
    "problems": [
        {"criterion": "tone", "where": "shade", "what": "It preaches.", "remedy": "Say it plainly."}
    ],
}
OLD_CRITIQUE = {
    "score": 62,
    "summary": "Thin.",
    "problems": [{"where": "Facts", "what": "Say more.", "remedy": ""}],
}


def report(draft, score, results, critique):
    QualityReport.objects.create(
        draft=draft, version=draft.version, score=score, results=results, critique=critique
    )
    return reverse("desk:review", args=[draft.pk])


def text_of(client, page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(page).content.decode()))


@pytest.fixture
def desk(client):
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


def test_it_says_how_the_score_came_about_and_what_each_criterion_got(desk):
    draft = make_draft()
    ModelCall.objects.create(
        task=draft.task, run=1, stage="draft", role="creative", provider="openai", model="m", duration_ms=1,
        outcome="ok", prompt_version="section 1",
    )  # fmt: skip
    page = report(
        draft, 49, [finding("figures_in_sources", 5), finding("links_known", 5, severity="veto")], CRITIQUE
    )
    shown = text_of(desk, page)
    assert "critic 82, −5 figures_in_sources, −28 links_known (must be fixed) = 49" in shown
    assert "Accuracy 80 Why 0 &lt;b&gt;." in shown
    assert "Tone 85 Why 5 &lt;b&gt;. shade cools" in shown
    assert "It preaches. tone shade Suggested fix: Say it plainly." in shown
    assert "draft section 1 m" in shown
    found = desk.get(f"/api/drafts/{draft.pk}/quality/").json()
    assert [part["points"] for part in found["score_parts"]] == [82, -5, -28]
    assert found["critique"] == CRITIQUE


def test_critiques_and_scores_of_earlier_releases_are_shown_as_they_were(desk):
    draft = make_draft()
    page = report(draft, 62, [{**finding("length", 0), "points": 0}], OLD_CRITIQUE)
    shown = text_of(desk, page)
    assert "Critic: 62 of 100 Thin. Say more. Facts" in shown
    assert "critic 62" not in shown, "nothing was taken off"
    for damaged in ([finding("length", 5) | {"of_a_later_release": 1}], []):
        QualityReport.objects.filter(draft=draft).update(results=damaged, score=81)
        assert " = 81" not in text_of(desk, page), "what does not add up is no account"


@pytest.mark.slow
def test_the_panel_and_the_prompts_look_cared_for(site, page, transactional_db):
    draft = make_draft()
    results = [
        finding("figures_in_sources", 5),
        finding("length", 3, ()),
        finding("links_known", 5, severity="veto"),
    ]
    address = report(draft, 49, results, CRITIQUE)
    client = Client()
    client.force_login(make_user("erika", "Editors", is_staff=True))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    for name, at in (("review", address), ("prompts", reverse("admin:tasks_prompts"))):
        page.goto(f"{site.url}{at}")
        assert accessibility_problems(page) == []
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(wider), f"{name} scrolls sideways at {width}"
            look(page, f"{name}-{width}")
