"""Valid and cheap calls of every command, the files that they read, and junk to spoil them with."""

QUICK = "lattice-density.space/fourier-coefficients-of-the-periodised-gaussian"
AUDIT = "audit json:loads --problem mixture-2 --budget 0.001 --seed 3"
PLACED = "--seed 1 --dtype float32 --device cpu"
SHORT_SHA = "--function sha256 --n 3 --m 2 --rounds 1 --seed 2"
DRAWN = "--function random-table --n 3 --m 2"

# A valid and cheap call of every command, the options that write, and the files that it reads.
CALLS = {
    name: (call.split(), writes.split(), reads.split())
    for name, call, writes, reads in (
        ("list", "list", "", ""),
        ("show", "show lattice-smoothing --json ledger.json", "", "ledger.json"),
        (
            "verify",
            f"verify {QUICK} --json ledger.json --seed 1 --profile dev",
            "--json",
            "ledger.json",
        ),
        (
            "verify more",
            f"verify {QUICK} --json new.json --html new.html --dtype float64 --device cpu "
            "--impl hardposterior.impl --jobs 1",
            "--json --html",
            "",
        ),
        (
            "calibrate",
            "calibrate --n 2 --m 2 --C 1 --share 0.9 --json new.json",
            "--json",
            "",
        ),
        (
            "posterior",
            "posterior --instance instance.json --y y.json --count 2 --max-proposals 3000 "
            "--out new.safetensors --seed 4 --jobs 1",
            "--out",
            "instance.json circuit.json y.json",
        ),
        (
            "function",
            "function random-table --n 3 --m 2 --eval 6 --seed 2 --export new.json",
            "--export",
            "",
        ),
        ("function subset-sum", "function subset-sum --n 4 --m 4", "", ""),
        ("function goldreich", "function goldreich --n 6 --m 2", "", ""),
        (
            "function sha256",
            "function sha256 --message-bits 3 --rounds 1 --digest-bits 2",
            "",
            "",
        ),
        (
            "challenge new",
            f"challenge new {SHORT_SHA} --C 1 --out new --planted-secret new.json",
            "--out --planted-secret",
            "",
        ),
        (
            "challenge ladder",
            "challenge ladder --function random-table --most 8 --seed 2 --out new",
            "--out",
            "",
        ),
        (
            "challenge check",
            "challenge check problem --solution secret.json",
            "",
            "secret.json problem/challenge.json problem/circuit.json problem/manifest.json "
            "problem/measurement.safetensors problem/calibration.json",
        ),
        (
            "well-modeled",
            "well-modeled --function random-table --n 1 --m 1 --C 0.2 --seed 1 --json new.json",
            "--json",
            "",
        ),
        ("well-modeled again", "well-modeled --recheck modeled.json", "", "modeled.json"),
        ("hardness", f"hardness {DRAWN} --C 1 --seed 3 --json new.json", "--json", ""),
        ("hardness of SHA-256", f"hardness {SHORT_SHA} --C 1", "", ""),
        ("network", f"network {DRAWN} --sigma 0.5 --C 1 --seed 2 --dtype float32", "", ""),
        (
            "network for export",
            f"network {DRAWN} --sigma 0.5 --export new.onnx",
            "--export",
            "",
        ),
        (
            "network of an instance",
            "network --instance instance.json --sigma 0.5",
            "",
            "instance.json circuit.json",
        ),
        (
            "sample",
            f"sample {DRAWN} --count 3 --steps 2 --batch 2 --C 1 {PLACED} --out draws.safetensors",
            "--out",
            "draws.safetensors",
        ),
        (
            "audit",
            f"{AUDIT} --known known.toml --baseline baseline.json --json new.json --html new.html",
            "--json --html",
            "known.toml baseline.json",
        ),
        (
            "audit a claim",
            f"{AUDIT} --verdict claim --delta 0.2 --tau 0.1 --alpha 0.01 --dtype float32 --first",
            "",
            "",
        ),
    )
}
MADE = (
    "function random-table --n 3 --m 2 --export circuit.json",
    f"verify {QUICK} --json ledger.json",
    "challenge new --function random-table --n 3 --C 1 --out problem --planted-secret secret.json",
    " ".join(CALLS["sample"][0]),
    f"{AUDIT} --json baseline.json",
    "well-modeled --function random-table --n 1 --m 1 --C 0.2 --json modeled.json",
)
"""What writes the files that the calls read."""

NUMBERS = ["0", "-1", "1", "2", "1.5", "-0.0", "1e-320", "1e308", "1e999", "nan", "-inf", "0x3"]
HUGE = ["99999999999999999999", str(2**63), str(2**31), "9" * 5000]
WORDS = [
    "",
    " ",
    "-",
    "--",
    "-h!",
    "--no-such",
    "é",
    "\u2028",
    "a\nb",
    "[red]x[/red]",
    "'",
    "%s",
    "--dask",
]
PATHS = [".", "problem", "missing/x", "y.json", "notes.txt", "/dev/null/x", "a\x00b", "x" * 300]
PATHS += ["\udcff"]
JUNK = [*NUMBERS, *HUGE, *WORDS, *PATHS]

# What asks for honest work without end, and is no usage error.
LONG = {"--count": HUGE, "--steps": HUGE, "--max-proposals": HUGE, "--most": HUGE, "--n": HUGE}
LONG |= {"--m": HUGE, "--message-bits": HUGE, "--profile": ["ci", "thorough"]}
