"""A circuit's network with a memory: rows of exact bits that it has seen do not run it again."""

import numpy as np
import torch

from hardposterior.impl import arguments
from hardposterior.impl.relu_network import ReluNetwork


class CircuitMemo:
    """bits (..., n) to network(bits), (..., m), for a network that maps bits to bits.

    A row whose entries all are exactly 0 or 1 is kept, packed, with its image; a row seen before is
    answered from there, without a gradient: around exact bits the score network's bits are constant
    in x. Rows with an entry between 0 and 1 always run the network. At most `most_rows` rows are
    kept, the oldest leaving first. `hits` and `runs` count rows answered and rows computed.
    """

    def __init__(self, network: ReluNetwork, most_rows: int = 1 << 16) -> None:
        self.network = network
        self.most_rows = arguments.integer("most_rows", most_rows, 0)
        self.hits = self.runs = 0
        self._images: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._images)

    def __call__(self, bits: torch.Tensor) -> torch.Tensor:
        rows = bits.reshape(-1, self.network.n)
        exact = ((rows == 0) | (rows == 1)).all(-1).tolist()
        packed = np.packbits((rows == 1).numpy(force=True), axis=1)
        keys = [row.tobytes() if known else None for row, known in zip(packed, exact, strict=True)]
        images: list[torch.Tensor | None] = [self._recall(key, rows) for key in keys]
        first = {key: i for i, key in reversed(list(enumerate(keys))) if key is not None}
        wanted = [
            i
            for i, (key, image) in enumerate(zip(keys, images, strict=True))
            if image is None and (key is None or first[key] == i)
        ]
        if wanted:
            found = dict(zip(wanted, self.network(rows[wanted]), strict=True))
            for i, key in enumerate(keys):
                if images[i] is None:
                    images[i] = found[i if key is None else first[key]]
            for i in wanted:
                self._keep(keys[i], found[i])
        self.runs += len(wanted)
        self.hits += len(keys) - len(wanted)
        filled = [image for image in images if image is not None]
        out = torch.stack(filled) if filled else rows.new_empty((0, self.network.m))
        return out.reshape(*bits.shape[:-1], self.network.m)

    def _recall(self, key: bytes | None, like: torch.Tensor) -> torch.Tensor | None:
        """The kept image of a row, None where there is none."""
        if key is None or key not in self._images:
            return None
        packed = np.frombuffer(self._images[key], dtype=np.uint8)
        return torch.from_numpy(np.unpackbits(packed, count=self.network.m)).to(like)

    def _keep(self, key: bytes | None, image: torch.Tensor) -> None:
        """Remember a row's image."""
        if key is None or self.most_rows == 0:
            return
        while len(self._images) >= self.most_rows:
            self._images.pop(next(iter(self._images)))
        self._images[key] = np.packbits((image == 1).numpy(force=True)).tobytes()
