"""Bad input of rejection sampling is one clear line."""

import pytest
import torch
from rejection_cases import BETA, MEASUREMENT, OBSERVED, A, Mixture, Y, instance, seeded

from hardposterior.impl.arguments import InvalidArgument
from hardposterior.impl.fast_rejection import fast_rejection_sample
from hardposterior.impl.rejection import rejection_sample

BAD = [
    ({"y": torch.tensor([float("nan")], dtype=torch.float64)}, "y = [nan]: must be finite"),
    ({"y": torch.zeros(2, dtype=torch.float64)}, "y.shape = (2,): must be (1,): one measurement"),
    ({"y": torch.zeros(1)}, "y.dtype = torch.float32: must be torch.float64"),
    ({"count": 0}, "count = 0: must be an integer >= 1"),
    ({"max_proposals": 4}, "max_proposals = 4: must be at least count = 10"),
    ({"batch": 0}, "batch = 0: must be an integer >= 1"),
    ({"executor": 3}, "executor = 3: must be a concurrent.futures.Executor"),
    ({"measurement": A}, "measurement = "),
    ({"proposal": None}, "proposal = None: must be a callable"),
    (
        {"proposal": lambda count, generator: torch.zeros(count, 3)},
        "proposal(count, generator) = (50, 3): must be a tensor of shape (50, 2)",
    ),
    (
        {"proposal": lambda count, generator: torch.zeros(count, 2)},
        "proposal(count, generator).dtype = torch.float32: must be torch.float64",
    ),
    (
        {"proposal": lambda count, generator: torch.full((count, 2), torch.nan).double()},
        "proposal(count, generator) = 'NaN or infinity': must be finite",
    ),
]


@pytest.mark.parametrize(("change", "line"), BAD)
def test_bad_input_is_one_clear_line(change, line):
    case = {
        "proposal": Mixture(),
        "measurement": MEASUREMENT,
        "y": Y,
        "count": 10,
        "generator": seeded(0),
        "max_proposals": 50,
    }
    with pytest.raises(InvalidArgument) as caught:
        rejection_sample(**{**case, **change})
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"beta": 0.0}, "beta = 0.0: must be a finite number above 0"),
        ({"y": torch.zeros(3, dtype=torch.float64)}, "y.shape = (3,): must be (2,)"),
        ({"instance": 3}, "instance = 3: must be a HardInstance"),
    ],
)
def test_bad_input_of_the_fast_path_is_one_clear_line(change, line):
    case = {
        "instance": instance(),
        "y": OBSERVED,
        "beta": BETA,
        "count": 1,
        "generator": seeded(0),
        "max_proposals": 50,
    }
    with pytest.raises(InvalidArgument) as caught:
        fast_rejection_sample(**{**case, **change})
    assert str(caught.value).startswith(line)
