"""Loading the project before a process forks: what is loaded once is in the memory of all of its forks."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.conf import settings
from django.urls import get_resolver

OF_MODELS = (
    "base_manager", "concrete_fields", "db_returning_fields", "default_manager", "fields", "fields_map",
    "local_concrete_fields", "managers", "managers_map", "many_to_many", "related_objects",
    "_forward_fields_map", "_property_names",
)  # fmt: skip
OF_FIELDS = (
    "cached_col", "error_messages", "foreign_related_fields", "local_related_fields", "path_infos",
    "related_fields", "related_model", "reverse_path_infos", "reverse_related_fields", "target_field",
    "validators", "_get_default",
)  # fmt: skip


def load_site() -> ModuleType:
    """What the web server answers with; returns the module of its application."""
    import_module(settings.ROOT_URLCONF)
    _ = get_resolver().url_patterns
    return import_module("contentpipeline.asgi")


def load_pipeline() -> None:
    """What each worker needs to take a task, and to call the models if there are any.

    What only computations need is loaded by the process that they are forks of, with the first one.
    """
    import_module("tasks.jobs")
    if settings.PIPELINE_MODELS:
        from tasks.pipeline.providers.calls import Usage, list_price_usd

        import_module("tasks.pipeline.providers.models")
        list_price_usd("openai", "none", Usage())


def settle_memory() -> None:
    """Before the first fork: return what only loading needed, a third of all, and keep the rest shared."""
    if gc.get_freeze_count():
        return  # a fork of a process that did it: to touch all of this again would copy it
    _work_out_relations()
    _use_what_forks_use()
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:  # glibc has it, musl does not
        malloc_trim(0)
    gc.freeze()  # the collector would write to every page that the forks share


def _work_out_relations() -> None:
    """What Django finds out about a model when it is first asked would otherwise be found by every fork."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        _ask(options, OF_MODELS)
        for field in options.get_fields(include_hidden=True):
            _ask(field, OF_FIELDS)


def _use_what_forks_use() -> None:
    """Have Django compile a query and asyncio run a loop: with their first use both make things that stay."""
    for model in apps.get_models():
        first = model._meta.concrete_fields[0].attname
        str(model._default_manager.filter(**{f"{first}__isnull": False}).order_by(first).query)
    asyncio.run(asyncio.sleep(0))


def _ask(about: object, names: Iterable[str]) -> None:
    for name in names:
        getattr(about, name, None)
