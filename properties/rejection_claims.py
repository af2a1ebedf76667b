"""Rejection's statements themselves, searched for counterexamples at 60 digits."""

import math

from hypothesis import strategies as st

from hardposterior.properties import claims
from hardposterior.properties.strategies import on_a_log_scale
from hardposterior.spec import rejection


def register_claims() -> None:
    """Search for counterexamples to the statements themselves."""
    law = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 1)), min_size=1, max_size=4).flatmap(
        lambda parts: st.fixed_dictionaries(
            {
                "atoms": st.just([atom for atom, _ in parts]),
                "weights": st.just([weight for _, weight in parts]),
                "beta": on_a_log_scale(1.5, 10.0),
                "y": st.floats(-1, 1),
            }
        )
    )
    rates = st.fixed_dictionaries(
        {"q": on_a_log_scale(1e-9, 0.999), "failure": on_a_log_scale(1e-9, 1.0)}
    )
    enough = rates.flatmap(
        lambda case: st.floats(-0.2, 1).map(
            lambda more: {
                **case,
                "proposals": (1 + more) * math.log(1 / case["failure"]) / case["q"] + 1e-12,
            }
        )
    )
    places = law.map(lambda case: {key: case[key] for key in ("atoms", "weights", "beta")})
    claims.register(rejection.REJECTION_EXACT, law.map(lambda c: {**c, "index": 0}), 30)
    claims.register(rejection.REJECTION_MEAN, law, 30)
    claims.register(
        rejection.REJECTION_INFINITE,
        st.tuples(places, on_a_log_scale(0.1, 20.0), st.integers(1, 9)).map(
            lambda drawn: {**drawn[0], "radius": drawn[1], "cells": drawn[2]}
        ),
        60,
    )
    claims.register(rejection.REJECTION_ROUNDS, enough, 100)
    claims.register(rejection.REJECTION_ROUNDS_EXACT, rates, 60)


register_claims()
