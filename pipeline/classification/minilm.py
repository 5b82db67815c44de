"""MiniLM as an ONNX graph with fused operators and true eight-bit products, built in memory from its safetensors.

Wang et al. 2020; Reimers and Gurevych 2019 (sentence-transformers/all-MiniLM-L6-v2, Apache 2.0). Activations are
quantised as they come (per tensor), weights once (per column, seven bits of eight: without VNNI the sums would
saturate). One text a call, without padding, so that no neighbour can change a text's scales.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.classification.vectors import Floats

LAYERS, HEADS, SIZE = 6, 12, 384
TOKENS = 64  # title and lead; more costs more and told little
_EXTENSION = "com.microsoft"


class Encoder:
    """Texts to vectors of length one."""

    __slots__ = ("_session", "_tokenizer", "sha256")

    def __init__(self, folder: Path, *, tokens: int = TOKENS) -> None:
        """ImportError where the extra is not installed; OSError where its files are not there."""
        import onnxruntime  # the extra copydesk[minilm]
        import tokenizers

        weights = folder / "model.safetensors"
        with weights.open("rb") as file:
            self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(tokens)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph(weights), options, providers=["CPUExecutionProvider"])

    def vector(self, text: str) -> Floats:
        """(384,) the mean of the first tokens, at length one."""
        ids = self._tokenizer.encode(re.sub(r"\s+", " ", text[:2000])).ids
        (mean,) = self._session.run(None, {"ids": np.array([ids], np.int32)})
        result: Floats = mean[0] / np.linalg.norm(mean[0])
        return result


def graph(weights: Path) -> bytes:
    """The serialised ONNX model: ids (1, tokens) int32 -> mean (1, 384) float32."""
    from onnx import TensorProto, helper, numpy_helper
    from safetensors.numpy import load_file

    tensors = load_file(str(weights))
    nodes: list[Any] = []
    constants: list[Any] = []

    def constant(name: str, value: Any) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def plain(name: str) -> str:
        return constant(name, tensors[name])

    def quantised(name: str, matrix: Any) -> tuple[str, str, str]:
        scale = np.maximum(np.abs(matrix).max(0), 1e-9) / 63
        whole = np.rint(matrix / scale).astype(np.int8)
        zeros = np.zeros(len(scale), np.int8)
        return (
            constant(f"{name}.q", whole),
            constant(f"{name}.s", scale.astype(np.float32)),
            constant(f"{name}.z", zeros),
        )

    def node(kind: str, inputs: list[str], outputs: list[str], domain: str = _EXTENSION, **options: Any) -> None:
        nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **options))

    def dense(source: str, name: str, target: str) -> str:
        matrix, scale, zero = quantised(name, tensors[f"{name}.weight"].T)
        node("DynamicQuantizeMatMul", [source, matrix, scale, zero, plain(f"{name}.bias")], [target])
        return target

    def added(source: str, other: str, name: str, target: str) -> str:
        inputs = [source, other, plain(f"{name}.weight"), plain(f"{name}.bias")]
        node("SkipLayerNormalization", inputs, [target], epsilon=1e-12)
        return target

    base = "embeddings"
    segments = tensors[f"{base}.token_type_embeddings.weight"][0]
    positions = constant("positions", tensors[f"{base}.position_embeddings.weight"] + segments)
    norm = [plain(f"{base}.LayerNorm.weight"), plain(f"{base}.LayerNorm.bias")]
    embedding = ["ids", "", plain(f"{base}.word_embeddings.weight"), positions, "", *norm]
    node("EmbedLayerNormalization", embedding, ["x0", ""], epsilon=1e-12)
    state = "x0"
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        three = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        matrix, scale, zero = quantised(f"{at}.qkv", np.concatenate([tensors[f"{p}.weight"].T for p in three], 1))
        bias = constant(f"{at}.qkv.bias", np.concatenate([tensors[f"{p}.bias"] for p in three]))
        node("DynamicQuantizeLinear", [state], [f"{at}.u", f"{at}.us", f"{at}.uz"], domain="")
        attention = [f"{at}.u", matrix, bias, f"{at}.us", scale, "", f"{at}.uz", zero]
        node("QAttention", attention, [f"{at}.a"], num_heads=HEADS)
        out = dense(f"{at}.a", f"{at}.attention.output.dense", f"{at}.o")
        middle = added(out, state, f"{at}.attention.output.LayerNorm", f"{at}.m")
        wide = dense(middle, f"{at}.intermediate.dense", f"{at}.w")
        node("Gelu", [wide], [f"{at}.g"])
        narrow = dense(f"{at}.g", f"{at}.output.dense", f"{at}.n")
        state = added(narrow, middle, f"{at}.output.LayerNorm", f"x{layer + 1}")
    axes = constant("axes", np.array([1], np.int64))
    node("ReduceMean", [state, axes], ["mean"], domain="", keepdims=0)
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "minilm",
            [helper.make_tensor_value_info("ids", TensorProto.INT32, [1, None])],
            [helper.make_tensor_value_info("mean", TensorProto.FLOAT, [1, SIZE])],
            constants,
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_EXTENSION, 1)],
        ir_version=9,
    )
    serialised: bytes = model.SerializeToString()
    return serialised
