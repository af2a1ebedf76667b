"""Ranges of neurons: the least interval that is known, which its ends attain."""

from itertools import product

import pytest

from hardposterior.impl.relu_layout import stated_range


@pytest.mark.parametrize(
    ("literals", "k"), [((0,), 0), ((0, 1), 1), ((0, 1, 2), 2), ((0, ~1), 1), ((0, 1, 2), 1)]
)
def test_the_range_of_a_neuron_is_attained(literals, k):
    places = sorted({wire if wire >= 0 else ~wire for wire in literals})
    values = []
    for bits in product((0, 1), repeat=len(places)):
        of = dict(zip(places, bits, strict=True))
        total = sum(of[wire] if wire >= 0 else 1 - of[~wire] for wire in literals)
        values.append(max(0, total - k))
    assert stated_range((literals, k)) == (min(values), max(values))
