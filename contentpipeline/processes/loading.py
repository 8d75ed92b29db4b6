"""Loads the project before a process forks, so that its forks share the memory."""

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

CACHED_BY_MODELS = (
    "base_manager", "concrete_fields", "db_returning_fields", "default_manager", "fields", "fields_map",
    "local_concrete_fields", "managers", "managers_map", "many_to_many", "related_objects",
    "_forward_fields_map", "_property_names",
)  # fmt: skip
CACHED_BY_FIELDS = (
    "cached_col", "error_messages", "foreign_related_fields", "local_related_fields", "path_infos",
    "related_fields", "related_model", "reverse_path_infos", "reverse_related_fields", "target_field",
    "validators", "_get_default",
)  # fmt: skip


def load_site() -> ModuleType:
    """Load what the web server serves; returns the module of its application."""
    import_module(settings.ROOT_URLCONF)
    _ = get_resolver().url_patterns
    return import_module("contentpipeline.asgi")


def load_pipeline() -> None:
    """What each worker needs to take a task, and to call the models if there are any.

    What only computations need is loaded by the process that they are forks of, with the first one.
    """
    import_module("tasks.jobs")
    if settings.PIPELINE_MODELS:
        from tasks.pipeline.providers.model_calls.calls import Usage, list_price_usd

        import_module("tasks.pipeline.providers.model_calls.model_chain")
        list_price_usd("openai", "none", Usage())


def settle_memory() -> None:
    """Before the first fork: return what only loading needed, a third of all memory, and share the rest."""
    if gc.get_freeze_count():
        return  # a fork of a process that did it: to touch all of this again would copy it
    _warm_model_caches()
    _warm_compiler_and_loop()
    gc.collect()
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:  # glibc has it, musl does not
        malloc_trim(0)
    gc.freeze()  # the collector would write to every page that the forks share


def _warm_model_caches() -> None:
    """Fill the properties that Django caches per model, which every fork would otherwise compute itself."""
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        _read_attributes(options, CACHED_BY_MODELS)
        for field in options.get_fields(include_hidden=True):
            _read_attributes(field, CACHED_BY_FIELDS)


def _warm_compiler_and_loop() -> None:
    """Let Django compile a query and asyncio run a loop: their first use allocates lasting memory."""
    for model in apps.get_models():
        first = model._meta.concrete_fields[0].attname
        str(model._default_manager.filter(**{f"{first}__isnull": False}).order_by(first).query)
    asyncio.run(asyncio.sleep(0))


def _read_attributes(about: object, names: Iterable[str]) -> None:
    for name in names:
        getattr(about, name, None)
