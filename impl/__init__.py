"""The torch implementation. Its public names are what `--impl` expects of another one."""

from importlib import import_module
from typing import Any

if __name__ != "hardposterior.impl":  # 'impl' beside 'hardposterior.impl' would be two modules
    raise ImportError("import hardposterior.impl, not impl")

PUBLIC = {
    "DiscretizedGaussian": "lattice",
}


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(import_module(f"hardposterior.impl.{PUBLIC[name]}"), name)
    raise AttributeError(f"module 'hardposterior.impl' has no attribute {name!r}")
