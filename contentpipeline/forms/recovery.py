"""The middleware by which a refused form comes back filled, and our page for a refused security token.

A form is refused when its session has ended (the admin leads to its login) or when its token is not that of
the browser's cookie (the user logged in again, or deleted cookies). A logged-in user gets the form's page
with all fields filled; another gets the login page, which carries the fields, and after it the form.
Nothing is stored and nothing is done: they look at it once more and press the button themselves. What another
site made a browser send is not shown at all.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from http.cookies import Morsel
from urllib.parse import unquote_to_bytes, urlencode

from django.conf import settings
from django.contrib import admin
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.cache import never_cache

from contentpipeline.forms.filling import fill
from contentpipeline.forms.unsent import Unsent, is_foreign, is_of_a_person, page_of
from contentpipeline.webserver.error_responses import PROBLEM_JSON, is_api_path, problem
from tasks.form_fields import FORM_ID

Next = Callable[[HttpRequest], HttpResponse]

SAVED_COOKIE = "form_saved"
"""Lists the forms that were accepted, for static/desk/autosave.js to discard their copies."""
SAVED = re.compile(r"[A-Za-z0-9]+(~[a-z_]+)*")
SAVED_SECONDS = 3600
MAX_SAVED = 20
NOT_COPIED = (
    "CONTENT_TYPE", "CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE",
    "HTTP_RANGE", "HTTP_TRANSFER_ENCODING",
)  # fmt: skip
ENDED = "Your session has ended, so nothing was saved."
STALE = "Nothing was saved: you logged in or out since this page was opened."
REFUSED = "Nothing was done."
FAILED = {
    403: "You do not, or no longer, have permission to do that: nothing was saved.",
    404: "What this form is about no longer exists: nothing was saved.",
    500: "Something went wrong, and the fault is ours: nothing was saved.",
}
"""What is said where the answer of a view would lose what was typed."""
NO_COOKIE = "Nothing was saved: your browser sent no cookie. Allow cookies for this site if they are blocked."


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form without a valid token; for the API, a problem document."""
    sentence = NO_COOKIE if reason == REASON_NO_CSRF_COOKIE else STALE
    if is_api_path(request.path):
        detail = problem(HTTPStatus.FORBIDDEN, f"CSRF Failed: {reason}")
        response = HttpResponse(detail, PROBLEM_JSON, HTTPStatus.FORBIDDEN)
    else:
        context = admin.site.each_context(request) | {
            "is_nav_sidebar_enabled": False,
            "title": "Nothing was saved",
            "sentence": sentence,
            "is_foreign": is_foreign(request),
            "page": page_of(request),
        }
        response = render(request, "403_csrf.html", context, status=403)
    response.csrf_failure = sentence  # type: ignore[attr-defined]  # ours
    return response


def middleware(get_response: Next) -> Next:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith(reverse("admin:index")):
            return get_response(request)
        if request.path in {reverse("admin:login"), reverse("mfa_authenticate")}:
            return _log_in(request, get_response)
        response = get_response(request)
        why = _why_refused(request, response)
        if not why:
            shown = _refilled(request, response, get_response) or _with_words(request, response)
            return _report_saved(request, shown)
        if is_foreign(request) or not is_of_a_person(request):
            return response
        unsent = Unsent.of(request)
        if unsent is None or not (unsent.fields or unsent.files):
            return _redirected_to_page(request, response)
        return _recovered(request, response, get_response, unsent, why)

    return answer


def _why_refused(request: HttpRequest, response: HttpResponse) -> str:
    """A sentence if the form was refused for its session or its token; nothing if it reached its view."""
    if failure := getattr(response, "csrf_failure", ""):
        return failure
    leads_to_login = response.status_code == 302 and response["Location"].startswith(reverse("admin:login"))
    return ENDED if leads_to_login and not request.user.is_authenticated else ""


def _refilled(request: HttpRequest, response: HttpResponse, get_response: Next) -> HttpResponse | None:
    """For browsers without scripts: the page of a form that its view refused by a message and a redirect.

    Such a view sets `form_is_refused` on the request: the names of the fields that people type into. With
    scripts, what was typed is still in the browser.
    """
    names = getattr(request, "form_is_refused", ())
    if FORM_ID in request.POST or not any(request.POST.get(name, "").strip() for name in names):
        return None
    unsent = Unsent.of(request)
    if unsent is None or not unsent.page or is_foreign(request) or not is_of_a_person(request):
        return None
    return _filled(request, response, get_response, unsent, REFUSED, status=400)


def _redirected_to_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """After the login to the page of the button that was pressed: its own address may take no GET."""
    if response.status_code == 302 and (page := page_of(request)):
        response["Location"] = f"{reverse('admin:login')}?{urlencode({'next': page}, safe='/')}"
    return response


def _recovered(
    request: HttpRequest, response: HttpResponse, get_response: Next, unsent: Unsent, why: str
) -> HttpResponse:
    if admin.site.has_permission(request):
        return _filled(request, response, get_response, unsent, why, status=403)
    page = unsent.page or unsent.path
    login = _get(request, f"{reverse('admin:login')}?{urlencode({'next': page}, safe='/')}", response)
    login.unsent, login.why = unsent, why  # type: ignore[attr-defined]  # ours
    shown = get_response(login)
    shown.status_code = 403
    return shown


def _log_in(request: HttpRequest, get_response: Next) -> HttpResponse:
    """What the login page carried is on the next page: the form, the login page again, or its second step."""
    unsent = Unsent.carried_by(request)
    request.unsent = unsent  # type: ignore[attr-defined]  # ours
    response = get_response(request)
    why = getattr(response, "csrf_failure", "")
    if is_foreign(request) or unsent is None:
        return response
    if why:
        return _recovered(request, response, get_response, unsent, why)
    if response.status_code != 302:
        return response
    if admin.site.has_permission(request):
        return _filled(request, response, get_response, unsent, "Nothing has been saved yet.", status=200)
    if response["Location"] == reverse("mfa_authenticate"):
        step = _get(request, response["Location"], response)
        step.unsent = unsent  # type: ignore[attr-defined]  # ours
        return _with_cookies_of(response, get_response(step))
    return response


def _filled(
    request: HttpRequest, first: HttpResponse, get_response: Next, unsent: Unsent, why: str, *, status: int
) -> HttpResponse:
    """The page of the form, filled; or one that shows what was typed, where the form no longer exists."""
    note = render_to_string("admin/_recovered.html", {"why": why, "files": unsent.files})
    for url in unsent.urls:
        page_request = _get(request, url, first)
        page_request.unsent = unsent  # type: ignore[attr-defined]  # ours
        found = get_response(page_request)
        if found.status_code != 200 or found.streaming or not _is_html(found):
            continue
        if filled := fill(found.content.decode(), url, unsent, note):
            found.content = filled.encode()
            found.headers.pop("Content-Length", None)
            found.status_code = status
            return _with_cookies_of(first, found)
    return _words(request, first, unsent, why, status=status)


def _words(
    request: HttpRequest, first: HttpResponse, unsent: Unsent, why: str, *, status: int
) -> HttpResponse:
    """A page with what was typed, to be copied."""
    index = _get(request, reverse("admin:index"), first)
    index.user = request.user
    context = admin.site.each_context(index) | {
        "is_nav_sidebar_enabled": False, "title": "What you typed", "why": why, "unsent": unsent,
    }  # fmt: skip
    shown = render(index, "admin/unsent.html", context, status=status)
    shown["Cache-Control"] = "private, no-store"
    return _with_cookies_of(first, shown)


def _with_words(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The view's response; where it is an error that would lose typed text, our own page with that text."""
    why = FAILED.get(response.status_code)
    if why is None or response.streaming or not _is_html(response):
        return response
    if is_foreign(request) or not is_of_a_person(request) or not request.user.is_authenticated:
        return response
    unsent = Unsent.of(request)
    if unsent is None or not unsent.words or _shows(response, unsent):
        return response
    return _words(request, response, unsent, why, status=response.status_code)


def _shows(response: HttpResponse, unsent: Unsent) -> bool:
    page = response.content.decode(errors="replace")
    return all(escape(value.strip().split("\n")[0]) in page for _, value in unsent.words)


def _is_html(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html")


def _get(request: HttpRequest, url: str, after: HttpResponse) -> WSGIRequest:
    """A GET of `url` by the same browser, with the cookies that it will have `after` that answer."""
    path, _, query = url.partition("?")
    cookies = dict(request.COOKIES)
    for name, morsel in after.cookies.items():
        cookies[name] = morsel.value
    environ = {key: value for key, value in request.META.items() if key not in NOT_COPIED}
    environ |= {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": "0",
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items() if value),
        "wsgi.input": io.BytesIO(),
    }
    return WSGIRequest(environ)


def _with_cookies_of(first: HttpResponse, response: HttpResponse) -> HttpResponse:
    for name, morsel in first.cookies.items():
        if name not in response.cookies:
            copied: Morsel[str] = morsel
            response.cookies[name] = copied
    return response


def was_accepted(request: HttpRequest, response: HttpResponse) -> bool | Iterable[str]:
    """Whether the form was; the names of its fields that were, where others stay as they were typed.

    A form that was accepted is answered by a redirect. A view that answers otherwise sets `form_is_saved` on
    the request: True where a page says that all is done, False where a redirect leads back for a correction,
    and the names of the fields that were accepted where others stay as they were typed.
    """
    is_refused = getattr(request, "form_is_refused", ())
    by_status = response.status_code in (201, 302, 303) and not is_refused
    is_saved: bool | Iterable[str] = getattr(request, "form_is_saved", by_status)
    return is_saved


def _report_saved(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Tell the browser's script that its copy of this form is needed no longer."""
    is_saved = was_accepted(request, response)
    form_id = request.POST.get(FORM_ID, "") if is_saved and request.content_type else ""
    if form_id.isalnum() and len(form_id) <= 40:
        fields = () if isinstance(is_saved, bool) else is_saved
        before = [one for one in request.COOKIES.get(SAVED_COOKIE, "").split(".") if SAVED.fullmatch(one)]
        response.set_cookie(
            SAVED_COOKIE,
            ".".join([*before[1 - MAX_SAVED :], "~".join([form_id, *fields])]),
            max_age=SAVED_SECONDS,
            path=reverse("admin:index"),
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response
