"""Every address of the product, in one list."""

from django.contrib import admin
from django.urls import include, path

from contentpipeline import health

urlpatterns = [
    path("admin/desk/", include("approvals.desk_urls")),
    path("admin/publishing-desk/", include("publishing.desk_urls")),
    path("admin/", admin.site.urls),
    path("api/", include("contentpipeline.api")),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    path("", include("publishing.urls")),
]
