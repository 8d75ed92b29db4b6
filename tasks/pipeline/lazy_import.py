"""Modules that are loaded when they are first used: an idle process saves their memory."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class LazyModule(ModuleType):
    """Stands for the module of this name until one of its attributes is used.

    For what is heavy and used by few processes. Write the import itself too, under TYPE_CHECKING.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)
