"""One certified score network for several files of tests: n = m = 8, C = 2."""

import json
from functools import cache

import torch

from hardposterior import well_modeled
from hardposterior.impl.functions import draw_table, random_table


@cache
def circuit():
    """A random function of 8 bits."""
    return random_table(draw_table(8, 8, torch.Generator().manual_seed(1)))


@cache
def modeled():
    """Its network with its certificate."""
    return well_modeled(circuit(), 8, 8, 2)


@cache
def data():
    """The certificate as it is read from a file."""
    return json.loads(json.dumps(modeled().certificate.data))
