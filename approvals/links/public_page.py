"""The page behind a link, for people without an account: it reads no session and sets no cookie."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from approvals.errors import FeedbackIncomplete, LinkEnded, LinkUnknown
from approvals.links.forms import SignOffForm
from approvals.links.models import PreviewLink
from approvals.links.sharing import OpenedLink, give_feedback, open_link
from tasks.attachments import attachments_of
from tasks.pipeline.text import markdown


# Access depends on the secret in the address, not on a cookie that another site could make a browser send.
@csrf_exempt
@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, token: str) -> HttpResponse:
    try:
        opened = open_link(token)
        if request.method != "POST":
            return _text(request, opened, SignOffForm())
        if opened.link.kind != PreviewLink.Kind.SIGN_OFF:
            return _private(
                HttpResponse(_("This link is for reading only.") + "\n", "text/plain", 405, headers=READ)
            )
        return _give_feedback(request, token, opened)
    except LinkUnknown as error:
        return _ended(request, 404, _("This link does not work"), error)
    except LinkEnded as error:
        return _ended(request, 410, _("This link has ended"), error, link=error.link)


READ = {"Allow": "GET, HEAD"}


def _give_feedback(request: HttpRequest, token: str, opened: OpenedLink) -> HttpResponse:
    form = SignOffForm(request.POST)
    if not form.is_valid():
        return _text(request, opened, form, status=400)
    try:
        cleaned = form.cleaned_data
        given = give_feedback(token, choice=cleaned["opinion"], text=cleaned["text"])
    except FeedbackIncomplete as error:
        form.add_error(error.field, str(error))
        return _text(request, opened, form, status=400)
    except LinkEnded as error:
        # The link was used in between: what was typed must not be lost.
        return _ended(
            request, 410, _("Nothing was recorded"), error, link=error.link, typed=form.cleaned_data["text"]
        )
    return _text(request, opened, None, given=given)


def _text(
    request: HttpRequest, opened: OpenedLink, form: SignOffForm | None, *, status: int = 200, **extra: Any
) -> HttpResponse:
    text, link = opened.text, opened.link
    language = link.draft.task.language
    context = {
        "link": link,
        "text": text,
        "body_html": markdown.render(
            text.body,
            text.citations,
            language=language,
            attachments=attachments_of(text.body, folder=f"{request.path}images/"),
        ),
        "sources": _sources(text.citations),
        "language": language,
        "form": form if link.kind == PreviewLink.Kind.SIGN_OFF else None,
    }
    return _private(render(request, "preview/text.html", context | extra, status=status))


def _ended(request: HttpRequest, status: int, heading: str, error: Exception, **extra: Any) -> HttpResponse:
    context = {"heading": heading, "sentence": str(error)} | extra
    return _private(render(request, "preview/ended.html", context, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Anyone with the address can read the text: it must reach no search engine and no other site."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _sources(citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With only the addresses that are safe to follow, as on the published page."""
    return [
        {
            "number": citation["number"],
            "title": citation.get("title", ""),
            "url": url if (url := citation.get("url") or "").startswith(("https://", "http://")) else "",
        }
        for citation in citations
    ]
