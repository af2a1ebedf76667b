"""Spoilt arguments and spoilt files, by Hypothesis."""

import json
import math
from itertools import pairwise

from fuzz_calls import CALLS, JUNK, LONG, QUICK
from hypothesis import strategies as st

from hardposterior import command, rooms
from hardposterior.parsing import MOST_JOBS
from hardposterior.usage import UsageError


@st.composite
def spoilt_arguments(draw):
    """A valid call with one to three faults in its arguments."""
    call, _, _ = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    arguments = list(call)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(arguments)))
        kind = draw(st.sampled_from(["value", "value", "value", "drop", "add", "glue", "repeat"]))
        option = arguments[place - 1] if place else ""
        junk = draw(st.one_of(st.sampled_from(JUNK), st.text(max_size=8), near(arguments)))
        if junk in LONG.get(option, []):
            junk = "-1"
        if kind == "value" and place < len(arguments):
            arguments[place] = junk
        elif kind == "drop" and place < len(arguments):
            del arguments[place]
        elif kind == "add":
            arguments.insert(place, junk)
        elif kind == "glue" and place < len(arguments) and option.startswith("--"):
            arguments[place - 1 : place + 1] = [f"{option}={junk}"]
        elif kind == "repeat" and place < len(arguments):
            arguments.insert(place, arguments[place])
    return arguments


def writing(word):
    """Every option with which a command writes: a fault may bring one that its call had not."""
    return sorted({o for call, writes, _ in CALLS.values() if call[0] == word for o in writes})


@st.composite
def near(draw, arguments):
    """An option or a value of this call, or of another."""
    other, _, _ = CALLS[draw(st.sampled_from(sorted(CALLS)))]
    return draw(st.sampled_from([*arguments, *other] or [""]))


def jobs_of(arguments):
    """What follows `--jobs`, or an abbreviation of it."""
    spread = [part for a in arguments for part in (a.split("=", 1) if a[:3] == "--j" else [a])]
    return [
        after for option, after in pairwise(spread) if option in ("--j", "--jo", "--job", "--jobs")
    ]


def honest_work(arguments):
    """Whether the call asks for more than a second or two of work, which is no fault."""
    if any(jobs.isdigit() and 1 < int(jobs[:9]) <= MOST_JOBS for jobs in jobs_of(arguments)):
        return True
    if arguments[:1] in (["verify"], ["audit"]):
        try:
            asked = command.parsed_arguments(arguments)
        except (UsageError, SystemExit):
            return False
        if arguments[0] == "verify":
            known = {s.id for s in rooms.statements()} | {e.id for e in rooms.evidence()}
            return set(asked.ids) <= known - {QUICK} or len(set(asked.ids) & known) > 1
        return 0.01 < asked.budget < math.inf or asked.problem != ["mixture-2"]
    return False


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.sampled_from(
        [10**30, -(10**30), 1e308, -1e-308, 1e999, "", "x", "../notes.txt", "1" * 5000]
    ),
    st.floats(),
    st.lists(st.integers(-1, 3), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.text(max_size=6),
)


def places(document, prefix=()):
    """The paths to every value of a JSON document."""
    found = [prefix]
    pairs = document.items() if isinstance(document, dict) else []
    pairs = enumerate(document) if isinstance(document, list) else pairs
    for key, inner in pairs:
        found += places(inner, (*prefix, key))
    return found


def replaced(document, path, value):
    """The document with the value at a path replaced."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = replaced(document[path[0]], path[1:], value)
    return copy


def without(document, path):
    """The document without the entry at a path."""
    copy = dict(document) if isinstance(document, dict) else list(document)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(document[path[0]], path[1:])
    return copy


TOML = [
    'known = 3', '[[known]]', '[known]', '[known]\n"a/b" = 1', '[known]\n"a/b" = " "',
    '[known]\nab = "why"', 'known = ["a/b"]', 'known = "a/b"', '[known."a/b"]\nwhy = "x"',
    '[known]\n"a/b" = "[red]x[/red]"', 'known.' + 'a.' * 5000 + 'a = 1', 'k = ' + '[' * 9999,
    '[known]\n"a/b" = 1979-05-27', '[known]\n"a/b" = "x"\n"a/b" = "y"', '\ufeff[known]',
]  # fmt: skip


def spoil(data, content):
    """A file's bytes, spoilt as JSON, as TOML or as bytes."""
    if data.draw(st.booleans()):
        if content[:7] == b"[known]":
            return data.draw(st.sampled_from(TOML)).encode()
        if content[:1] in (b"{", b"["):
            return spoil_document(data, json.loads(content))
    spot = data.draw(st.integers(0, max(0, len(content) - 1)))
    head, byte, tail = content[:spot], content[spot : spot + 1], content[spot + 1 :]
    other = data.draw(st.binary(min_size=1, max_size=4))
    whole = [b"", b"null", b"[]", b"{}", b"0", b"NaN", b"[" * 99_999, b"\xff\xfe"]
    spoilt = [head, head + other + tail, head + other + byte + tail, *whole]
    return data.draw(st.sampled_from(spoilt))


def spoil_document(data, document):
    """A JSON document with a value replaced, left out or added, as bytes."""
    every = places(document)
    path = data.draw(st.sampled_from(every))
    changed = [replaced(document, path, data.draw(VALUES))]
    if path:
        changed.append(without(document, path))
    if isinstance(document, dict):
        changed.append({**document, "more": data.draw(VALUES)})
    return json.dumps(data.draw(st.sampled_from(changed))).encode()
