"""What holds for every address below /api/, also where no view answers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path

from approvals.access.throttles import rate_limit_headers
from contentpipeline.webserver.error_responses import API, PROBLEM_JSON, is_api_path, problem

GetResponse = Callable[[HttpRequest], HttpResponse]

DETAILS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read: its host, its headers or its parameters are wrong.",
    HTTPStatus.FORBIDDEN: "You may not do this.",
    HTTPStatus.NOT_FOUND: f"There is no such address. {API}schema/ lists them all.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "An internal error occurred: see the server's log.",
}


def api_middleware(get_response: GetResponse) -> GetResponse:
    """Take an address without its last slash, and answer every refusal as problem+json (RFC 9457)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_api_path(request.path_info):
            return get_response(request)
        _add_slash(request)
        response = get_response(request)
        if response.status_code >= 400 and not _is_problem(response):
            _make_problem(response)
        for name, value in rate_limit_headers(request).items():
            response.headers[name] = value
        return response

    return middleware


def _add_slash(request: HttpRequest) -> None:
    """Of a redirect, clients make a GET: it would look like success, and nothing would be done."""
    path = request.path_info
    if not path.endswith("/") and is_valid_path(f"{path}/") and not is_valid_path(path):
        request.path_info = f"{path}/"
        request.path = f"{request.path}/"


def _is_problem(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").partition(";")[0] == PROBLEM_JSON


def _make_problem(response: HttpResponse) -> None:
    """Headers stay: Allow, Retry-After and the like hold whatever the body says."""
    status = HTTPStatus(response.status_code)
    response.content = problem(status, DETAILS.get(status, f"{status.phrase}."))
    response.headers["Content-Type"] = PROBLEM_JSON
    response.headers["Content-Length"] = str(len(response.content))
