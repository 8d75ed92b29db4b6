"""Every address of the product, in one list."""

from contentpipeline import lean_imports

lean_imports.load_api()

# isort: split
# Only now what imports the API framework.
from django.contrib import admin
from django.urls import include, path

import approvals.audit.dashboard
import tasks.checks_page
import tasks.dashboard
import tasks.models_page
import tasks.prompts_page
from approvals.access import people_pages, profile_pages, token_pages
from approvals.links import public_page
from approvals.notifications import settings_page
from contentpipeline import desk_search, health, home, prometheus, system_page
from contentpipeline.mcp.address import mcp

# Pages of the admin that belong to no model, under its own name.
ADMIN_PAGES = [
    *tasks.dashboard.urlpatterns,
    *tasks.checks_page.urlpatterns,
    *tasks.prompts_page.urlpatterns,
    *tasks.models_page.urlpatterns,
    *settings_page.urlpatterns,
    *people_pages.urlpatterns,
    *profile_pages.urlpatterns,
    *token_pages.urlpatterns,
    *approvals.audit.dashboard.urlpatterns,
    *desk_search.urlpatterns,
    *home.urlpatterns,
    *system_page.urlpatterns,
]

urlpatterns = [
    path("admin/desk/", include("approvals.desk.urls")),
    path("admin/publishing-desk/", include("publishing.desk.urls")),
    path("admin/account/", include("approvals.access.account_urls")),
    path("admin/", ([*ADMIN_PAGES, *admin.site.urls[0]], "admin", admin.site.name)),
    path("api/", include("contentpipeline.api")),
    path("mcp", mcp),
    path("mcp/", mcp, name="mcp"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("metrics", prometheus.metrics, name="metrics"),
    path("preview/<str:token>/", public_page.preview, name="preview"),
    path("", include("publishing.site.urls")),
]
