"""The JSON schema (draft 2020-12) of an audit's file, `hardposterior audit --json FILE`."""

from typing import Any

NUMBER, TEXT, FLAG = {"type": "number"}, {"type": "string"}, {"type": "boolean"}
SIDE = {"type": "array", "prefixItems": [NUMBER] * 4, "minItems": 4, "maxItems": 4}


def record(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


CERTIFICATE = record(
    {
        "kind": TEXT, "words": TEXT, "set": TEXT, "sampler_more": FLAG, "exact": SIDE,
        "sampler": SIDE, "gap": NUMBER, "tau": NUMBER, "delta": NUMBER, "alpha": NUMBER,
        "y": {"type": "array", "items": NUMBER}, "calls": {"type": "integer"},
        "sentence": TEXT,
    }
)  # fmt: skip

VERDICT = record(
    {
        "problem": TEXT, "asked": TEXT,
        "status": {"enum": ["consistent", "refuted", "not independent", "failed"]},
        "detail": TEXT, "certificate": {"anyOf": [CERTIFICATE, {"type": "null"}]},
        "smallest": {"type": ["number", "null"]}, "tried": {"type": "integer"},
        "draws": {"type": "integer"}, "seconds": NUMBER,
        "also": {"type": "array", "items": CERTIFICATE}, "plots": {"type": "object"},
    }
)  # fmt: skip

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "an audit of a posterior sampler",
    **record(
        {
            "kind": {"const": "hardposterior-audit"},
            "schema": {"const": 1},
            "target": TEXT,
            "settings": {"type": "object"},
            "void": FLAG,
            "interrupted": FLAG,
            "verdicts": {"type": "array", "items": VERDICT},
            "controls": {
                "type": "array",
                "items": record(
                    {"problem": TEXT, "name": TEXT, "expected": TEXT, "verdict": VERDICT,
                     "behaves": FLAG}
                ),
            },
            "known": {"type": "object", "additionalProperties": TEXT},
            "no longer failing": {"type": "array", "items": TEXT},
        }
    ),
}  # fmt: skip
