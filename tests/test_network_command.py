"""`hardposterior network`: sizes, ONNX files that agree with torch, and one line for bad input."""

import json

import onnx
import onnxruntime
import pytest
import torch

from hardposterior import onnx_file
from hardposterior.command import main
from hardposterior.impl.circuit_json import save_circuit
from hardposterior.impl.functions import draw_table, random_table
from hardposterior.impl.hard_instance import HardInstance
from hardposterior.impl.score_forms import LargeNoise, SmallNoise
from hardposterior.impl.score_network import ScoreNetwork

SEPARATION, SPACING = 5.82, 1.11


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def instance():
    table = draw_table(8, 8, torch.Generator().manual_seed(1))
    return HardInstance(random_table(table), SEPARATION, SPACING)


def run(capsys, *arguments):
    """Exit code, stdout and stderr of a command in this process."""
    code = main(["network", *(str(a) for a in arguments)])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def evaluate(content, x):
    """The model at x, by onnxruntime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (found,) = session.run(["score"], {"x": x.numpy()})
    return torch.from_numpy(found)


@pytest.mark.parametrize("unscaled", [0.05, 0.3, 0.9, 3.0, 100.0])
def test_onnxruntime_agrees_with_torch(instance, unscaled):
    """To 1e-6 relative in float64, wrong signs and fractional bits included."""
    sigma = unscaled / SEPARATION
    network = ScoreNetwork(instance, 1e-5)
    module = network.at(sigma)
    assert isinstance(module, SmallNoise if unscaled < 0.5 else LargeNoise)
    generator = torch.Generator().manual_seed(2)
    x, _ = instance.sample(200, generator)
    x = x + sigma * torch.randn(x.shape, dtype=x.dtype, generator=generator)
    x[:50] *= 3
    x[50, :8] = 0.4 * network.window
    expected = module(x)
    found = evaluate(onnx_file.to_onnx(module), x)
    assert (found - expected).abs().max() <= 1e-6 * expected.abs().max()
    assert ((found - expected).abs() <= 1e-6 * expected.abs() + 1e-9).all()


def test_a_float32_network_stays_float32(instance):
    module = ScoreNetwork(instance, 1e-4, dtype=torch.float32).at(3.0 / SEPARATION)
    x = torch.randn((5, 16), generator=torch.Generator().manual_seed(3))
    found = evaluate(onnx_file.to_onnx(module), x)
    assert found.dtype == torch.float32
    assert (found - module(x)).abs().max() <= 1e-5 * module(x).abs().max()


def test_only_affine_maps_and_relu_are_written(instance):
    module = ScoreNetwork(instance, 1e-4).at(0.1 / SEPARATION)
    model = onnx.load_from_string(onnx_file.to_onnx(module))
    kinds = [node.op_type for node in model.graph.node]
    assert set(kinds) == {"Gemm", "Relu", "Concat"}
    stored = sum(len(tensor.raw_data) for tensor in model.graph.initializer)
    # signs and offsets read all of x: 8 columns more than they have weights for
    first = module.signs.layers[0].outputs + module.offsets.layers[0].outputs
    assert stored == onnx_file.dense_bytes(module) + 8 * 8 * first


def test_command_exports_what_it_describes(capsys):
    code, out, err = run(capsys, "--sigma", 0.05, "--export", "score.onnx")
    assert (code, err) == (0, "")
    assert "SmallNoise" in out
    assert "largest weight" in out
    with open("score.onnx", "rb") as file:
        content = file.read()
    assert evaluate(content, torch.zeros((3, 16), dtype=torch.float64)).shape == (3, 16)
    code, out, _ = run(capsys, "--sigma", 2.5, "--dtype", "float32")
    assert code == 0
    assert "LargeNoise" in out


def test_command_takes_an_instance_file(capsys):
    save_circuit(random_table(draw_table(3, 2, torch.Generator().manual_seed(5))), "circuit.json")
    content = {
        "format": "hardposterior instance",
        "version": 1,
        "function": "circuit.json",
        "separation": 4.0,
        "spacing": 1.0,
        "beta": 0.02,
    }
    with open("instance.json", "w") as file:
        json.dump(content, file)
    code, out, _ = run(capsys, "--instance", "instance.json", "--sigma", 0.05)
    assert code == 0
    assert "n 3, m 2, separation 4, spacing 1" in out
    files = ("--instance", "instance.json", "--export", "circuit.json")
    code, _, err = run(capsys, *files, "--sigma", 0.05)
    assert code == 2
    assert "export = 'circuit.json': must not be the file of the instance's function" in err


def test_a_network_too_large_is_refused_with_its_size(capsys, monkeypatch):
    monkeypatch.setattr(onnx_file, "MOST_BYTES", 10**5)
    code, out, err = run(capsys, "--sigma", 0.05, "--export", "score.onnx")
    assert code == 2
    figure = next(line for line in out.splitlines() if line.startswith("dense")).split()[1]
    assert abs(float(figure) - float(err.split("take ")[1].split()[0])) < 0.051
    assert "must be at most 0.0001 GB" in err
    assert err.count("\n") == 1


def test_onnx_missing_is_one_line(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    code, _, err = run(capsys, "--sigma", 0.05, "--export", "score.onnx")
    assert code == 2
    assert "pip install 'hardposterior[onnx]'" in err


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--sigma", 0), "sigma = 0.0"),
        (("--sigma", "nan"), "sigma = nan"),
        (("--sigma", 1000), "sigma = 1000.0: must be in [0.00390625, 256.0]"),
        (("--sigma", 0.05, "--C", -1), "C = -1.0"),
        (("--sigma", 0.05, "--n", 0), "n = 0"),
        (("--sigma", 0.05, "--export", "."), "export = '.': must be a writable file"),
        (("--sigma", 1, "--C", 20), "C = 20.0: must be smaller, for a network of fewer pieces"),
        (("--sigma", 0.05, "--export", "/proc/none/score.onnx"), "must be a writable file"),
        (("--sigma", 0.05, "--instance", "none.json"), "instance = 'none.json'"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, names):
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert names in err
    assert err.count("\n") == 1
