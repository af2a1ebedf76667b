"""What is installed from a wheel: all five rooms, importable beside folders of the same names."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("spec", "impl", "properties", "proofs_checks")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of what git tracks, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for room in ("suite", *ROOMS):
        (source / room).mkdir()
        for path in [*(ROOT / room).rglob("*.py"), ROOT / room / "py.typed"]:
            copy = source / path.relative_to(ROOT)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, source],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_module(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "suite").glob("*.py"):
        assert f"hardposterior/{path.name}" in inside
    for room in ROOMS:
        assert f"hardposterior/{room}/py.typed" in inside
        for path in (ROOT / room).rglob("*.py"):
            assert f"hardposterior/{path.relative_to(ROOT)}" in inside


def test_the_wheel_imports_beside_folders_of_the_same_names(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    beside = tmp_path / "auditor"
    for room in ROOMS:
        (beside / room).mkdir(parents=True)
        (beside / room / "__init__.py").write_text("MINE = True\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import spec, impl, hardposterior.spec.catalogue, hardposterior.impl.arguments\n"
        "import hardposterior\n"
        "assert spec.MINE and impl.MINE\n"
        "assert hardposterior.__file__.startswith(sys.argv[1]), hardposterior.__file__\n"
        "print(len(hardposterior.spec.catalogue.STATEMENTS))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "site")],
        cwd=beside,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) > 10
