"""Draws that depend on the seed alone.

Hypothesis also draws constants that it finds in the source of whatever project modules are loaded,
so the same seed would give other cases in a worker process, under pytest, or from a wheel.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from hypothesis.internal.conjecture import providers


@contextmanager
def seed_alone() -> Iterator[None]:
    """Within it, Hypothesis draws no constant from the source of loaded modules.

    This reaches into Hypothesis: where a release moves these names, cases are still valid, only
    less reproducible, and `tests/test_search.py` says so.
    """
    provider = getattr(providers, "HypothesisProvider", None)
    cache = getattr(providers, "CONSTANTS_CACHE", None)
    if provider is None or cache is None or not hasattr(provider, "_local_constants"):
        yield
        return
    none = type(providers.GLOBAL_CONSTANTS)()
    cache.cache.clear()
    try:
        with mock.patch.object(provider, "_local_constants", none):
            yield
    finally:
        cache.cache.clear()
