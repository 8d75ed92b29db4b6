"""An article's dossier as a download at the desk. A POST, because it is recorded."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from approvals.audit.dossier import dossier
from approvals.desk.frame import draft_or_404
from approvals.errors import DossierTooLarge
from tasks.actor import actor

PERMISSIONS = ("tasks.view_draft", "approvals.view_auditentry")


@require_POST
@permission_required(PERMISSIONS, raise_exception=True)
def download(request: HttpRequest, draft_id: int) -> HttpResponse:
    with_bytes = "with_bytes" in request.POST
    try:
        content = dossier(draft_or_404(draft_id), by=actor(request), via="desk", with_bytes=with_bytes)
    except DossierTooLarge as error:
        messages.error(request, str(error))
        return redirect("desk:review", draft_id)
    text = json.dumps(content, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dossier-{draft_id}.json"'
    return response
