"""The audit's files: JSON that keeps its schema, and a page that is alive in a real browser."""

import json

import pytest
from browser import browser, needs_browser  # noqa: F401 - a fixture

from hardposterior import audit, audit_page
from hardposterior.audit_schema import SCHEMA
from hardposterior.properties.audit.controls import exact_posterior, prior_alone
from hardposterior.properties.audit.problems import problems

TYPES = {
    "string": str, "number": (int, float), "integer": int, "boolean": bool, "null": type(None),
    "array": list, "object": dict,
}  # fmt: skip


def breaks(value, schema, where="$"):  # noqa: PLR0911, PLR0912 - one branch for each keyword
    """The first place where the value breaks the schema; of the draft, what our schema uses."""
    if "anyOf" in schema:
        return None if any(breaks(value, s) is None for s in schema["anyOf"]) else where
    if "const" in schema and value != schema["const"]:
        return where
    if "enum" in schema and value not in schema["enum"]:
        return where
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[k]) for k in kinds):
        return where
    if isinstance(value, dict):
        known, extra = schema.get("properties", {}), schema.get("additionalProperties", {})
        for name in schema.get("required", []):
            if name not in value:
                return f"{where}.{name}"
        for name, item in value.items():
            inner = known.get(name, extra)
            found = f"{where}.{name}" if inner is False else breaks(item, inner, f"{where}.{name}")
            if found:
                return found
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return where
        parts = schema.get("prefixItems", [schema.get("items", {})] * len(value))
        for index, (item, inner) in enumerate(zip(value, parts, strict=True)):
            if found := breaks(item, inner, f"{where}[{index}]"):
                return found
    return None


@pytest.fixture(scope="module")
def report():
    found = problems(names=["mixture-2", "gaussian-6", "digits-downsampling"])
    sampler = prior_alone(found["mixture-2"])
    first = audit(sampler, [found["mixture-2"]], budget=1.0)
    sampler = exact_posterior(found["gaussian-6"])
    second = audit(sampler, [found["gaussian-6"]], controls=False, budget=0.5)
    sampler = prior_alone(found["digits-downsampling"])
    third = audit(sampler, [found["digits-downsampling"]], controls=False, budget=0.5)
    first.verdicts += second.verdicts + third.verdicts
    first.target = "<img src=x onerror=alert(1)>:'\"&"
    return first


def test_the_file_keeps_its_schema(report):
    data = json.loads(json.dumps(report.data()))
    assert breaks(data, SCHEMA) is None
    data["verdicts"][0]["status"] = "fine"
    assert breaks(data, SCHEMA) == "$.verdicts[0].status"
    del data["verdicts"][0]
    data["extra"] = 1
    assert breaks(data, SCHEMA) == "$.extra"


def test_text_from_a_target_is_escaped(report):
    page = audit_page.page(report)
    assert "<img" not in page
    assert "&lt;img" in page


PROBE = """
(()=>{
  const cards=[...document.querySelectorAll('.card')];
  const opened=cards.filter(card=>card.open).map(card=>card.id);
  const filter=document.getElementById('filter');
  filter.value='consistent gaussian';filter.dispatchEvent(new Event('input'));
  const visible=cards.filter(card=>!card.hidden).map(card=>card.id);
  return {opened,visible,first:cards[0].dataset.status};
})()"""


@needs_browser
def test_the_page_lives_in_a_browser(browser, report, tmp_path):  # noqa: F811
    browser.open(audit_page.page(report), tmp_path)
    found = browser.run(PROBE)
    assert browser.errors == []
    assert found["first"] == "refuted"
    assert sorted(found["opened"]) == ["digits-downsampling", "mixture-2"]
    assert found["visible"] == ["gaussian-6"]
