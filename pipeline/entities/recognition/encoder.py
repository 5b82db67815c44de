"""Word vectors -> word vectors in context: thinc's MaxoutWindowEncoder in NumPy.

One matrix product per layer and block of rows, in NumPy's BLAS; the block is small enough to stay in the cache while
bias, maxout and normalisation pass over it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.entities.recognition.weights import Floats, Maxout

_BLOCK = 768  # rows of 288 floats: 440 kB, within a core's second-level cache


def encode(vectors: Floats, layers: tuple[Maxout, ...]) -> Floats:
    """Send rows through residual window layers.

    `vectors` (rows, width) holds documents with `len(layers)` rows of zeros before, between and after them. The rows
    between are computed like the others, as thinc does: what stands in them reaches the last words of a document.
    `vectors` is overwritten.
    """
    rows, width = vectors.shape
    inner = rows - 2
    if inner <= 0 or not layers:
        return vectors
    other = np.empty_like(vectors)
    widest = max(layer.bias.shape[0] for layer in layers)
    window = np.empty((_BLOCK, 3 * width), dtype=np.float32)
    products = np.empty((_BLOCK, widest), dtype=np.float32)
    best = np.empty((_BLOCK, width), dtype=np.float32)
    for layer in layers:
        # The outermost two rows are too far from any word to matter.
        other[0], other[-1] = vectors[0], vectors[-1]
        for start in range(0, inner, _BLOCK):
            size = min(_BLOCK, inner - start)
            # Three neighbouring rows are one stretch of memory: a window is a view of it.
            neighbours = np.lib.stride_tricks.as_strided(
                vectors[start:], (size, 3 * width), vectors.strides, writeable=False
            )
            np.copyto(window[:size], neighbours)
            maxout(window[:size], layer, products[:size, : layer.bias.shape[0]], best[:size])
            np.add(vectors[start + 1 : start + 1 + size], best[:size], out=other[start + 1 : start + 1 + size])
        vectors, other = other, vectors
    return vectors


def maxout(inputs: Floats, layer: Maxout, products: Floats, out: Floats) -> Floats:
    """Product, maximum over pieces, layer normalisation: `inputs` (rows, inputs) to `out` (rows, width)."""
    width = out.shape[1]
    np.matmul(inputs, layer.weights, out=products)
    products += layer.bias
    np.maximum(products[:, :width], products[:, width : 2 * width], out=out)
    for piece in range(2, layer.pieces):
        np.maximum(out, products[:, piece * width : (piece + 1) * width], out=out)
    out -= np.matmul(out, np.full((width, 1), 1.0 / width, dtype=np.float32))
    variance: NDArray[np.float32] = np.einsum("ij,ij->i", out, out)
    variance /= width
    variance += 1e-8
    np.sqrt(variance, out=variance)
    out /= variance[:, None]
    out *= layer.gain
    out += layer.shift
    return out
