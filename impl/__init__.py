"""The torch implementation. Its public names are what `--impl` expects of another one."""

from importlib import import_module
from typing import Any

if __name__ != "hardposterior.impl":  # 'impl' beside 'hardposterior.impl' would be two modules
    raise ImportError("import hardposterior.impl, not impl")

PUBLIC = {
    "DiscretizedGaussian": "lattice",
    "Circuit": "circuits",
    "CircuitBuilder": "circuit_builder",
    "ReluNetwork": "relu_network",
    "goldreich": "functions",
    "load_circuit": "circuit_json",
    "random_table": "functions",
    "save_circuit": "circuit_json",
    "select": "relu_gadgets",
    "sha256": "sha256_circuit",
    "sha256_part": "sha256_words",
    "sign_bits": "relu_gadgets",
    "subset_sum": "functions",
    "HardInstance": "hard_instance",
    "LinearMeasurement": "measurement",
    "NaiveInstance": "naive_instance",
    "RejectionResult": "rejection_blocks",
    "fast_rejection_sample": "fast_rejection",
    "rejection_sample": "rejection",
    "NoiseBox": "noise_boxes",
    "ScoreNetwork": "score_network",
    "invert": "inversion",
    "preimages": "word_search",
    "closeness_curve": "closeness",
    "closeness_from_cdfs": "closeness_line",
    "closeness_lower_bound": "closeness_bound",
    "default_boxes": "noise_boxes",
    "geometric_schedule": "diffusion",
    "reverse_diffusion": "diffusion",
    "worst_set": "closeness",
}


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        return getattr(import_module(f"hardposterior.impl.{PUBLIC[name]}"), name)
    raise AttributeError(f"module 'hardposterior.impl' has no attribute {name!r}")
