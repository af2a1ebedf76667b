"""An implementation's SHA-256 held to the standard, to hashlib and to published digests."""

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from hardposterior.properties.netlists import random_bits, wrong_rows
from hardposterior.properties.one_way_functions import exhausted
from hardposterior.properties.search import call_of, search
from hardposterior.spec import sha256
from hardposterior.spec.circuits import bits_of
from hardposterior.spec.evidence import Outcome, Run, evidence, held, proved, refuted

NEEDS = ("sha256",)

PUBLISHED = {  # bits of the message: message, digest
    # NIST CAVS: byte-oriented short messages, bit-oriented short messages
    256: (
        "09fc1accc230a205e4a208e64a8f204291f581a12756392da4b8c0cf5ef02b95",
        "4f44c1c7fbebb6f9601829f3897bfd650c56fa07844be76489076356ac1886a4",
    ),
    5: ("68", "d6d3e02a31a84a8caa9718ed6c2057be09db45e7823eb5079ce7a573a3760f95"),
    # FIPS 180-2, appendix B.1
    24: ("616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
}


@lru_cache(maxsize=1)
def full_circuit(implementation: Any) -> Any:
    """All 64 rounds on 256 bits."""
    return implementation.sha256()


def digests_differ_from_hashlib(implementation: Any, count: int, seed: int) -> float:
    """How many of `count` random messages of 256 bits do not hash as in hashlib."""
    messages = random_bits(count, 256, seed).numpy().astype(np.uint8)
    found = np.packbits(full_circuit(implementation)(torch.from_numpy(messages)).numpy(), axis=1)
    return float(
        sum(
            hashlib.sha256(message.tobytes()).digest() != digest.tobytes()
            for message, digest in zip(np.packbits(messages, axis=1), found, strict=True)
        )
    )


def digests_differ_from_the_standard(
    implementation: Any, message_bits: int, rounds: int, digest_bits: int, count: int, seed: int
) -> float:
    """How many of `count` random messages the circuit hashes otherwise than the definition."""
    circuit = implementation.sha256(message_bits, rounds, digest_bits)
    rows = random_bits(count, message_bits, seed)
    expected = [sha256.sha256(row, rounds, digest_bits) for row in rows.tolist()]
    return wrong_rows(circuit(rows), expected)


@evidence(sha256.SHA256, kind="property", scope="box", needs=NEEDS)
def implemented_hash_equals_hashlib(run: Run) -> Outcome:
    """All 64 rounds on random messages of 256 bits: 100,000 of them in profile thorough."""
    count = run.size(10_000, 50_000, 100_000)
    case = {"count": count, "seed": run.seed}
    if digests_differ_from_hashlib(run.implementation, **case):
        return refuted(call_of(digests_differ_from_hashlib, case, run.implementation), cases=count)
    return held(count, detail="every digest is hashlib's")


@evidence(sha256.SHA256, kind="property", scope="box", needs=NEEDS)
def implemented_hash_equals_the_standard(run: Run) -> Outcome:
    """Reduced rounds, truncated digests and messages of up to 700 bits, two blocks among them."""
    cases = st.fixed_dictionaries(
        {
            "message_bits": st.one_of(st.integers(1, 700), st.sampled_from([447, 448, 512])),
            "rounds": st.integers(1, run.size(8, 24, 64)),
            "digest_bits": st.integers(1, 256),
            "count": st.just(8),
            "seed": st.integers(0, 2**31),
        }
    )
    examples = run.size(12, 24, 48)
    return search(run, digests_differ_from_the_standard, cases, examples=examples)


@evidence(sha256.SHA256, kind="exhaustive", scope="box", needs=NEEDS)
def every_message_of_a_byte(run: Run) -> Outcome:
    """All 256 messages of eight bits, at 64 rounds."""
    return exhausted(run, 8, run.implementation.sha256(8), sha256.sha256)


@evidence(sha256.SHA256, kind="exhaustive", scope="step", needs=NEEDS)
def published_digests(run: Run) -> Outcome:
    """NIST's and the standard's vectors, for the definition and for the implementation."""
    for bits, (message, digest) in PUBLISHED.items():
        row = bits_of(int(message, 16), 4 * len(message))[:bits]
        expected = bits_of(int(digest, 16), 256)
        if sha256.sha256(row) != expected:
            return refuted(f"spec.sha256.sha256({row})")
        if bits == 256 or run.profile == "thorough":
            make = run.implementation.sha256
            circuit = full_circuit(run.implementation) if bits == 256 else make(bits)
            if circuit(torch.tensor(row)).tolist() != expected:
                return refuted(f"{run.implementation.__name__}.sha256({bits}) at {message}")
    return proved(len(PUBLISHED))
