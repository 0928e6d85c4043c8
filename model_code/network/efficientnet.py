"""EfficientNet-Lite0 without its last layer, as an ONNX graph: photos in, embeddings out.

The network: Mingxing Tan and Quoc Le, https://arxiv.org/abs/1905.11946, in the Lite variant
(no squeeze-and-excitation, ReLU6, fixed stem and head):
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from model_code.network.torch_file import Array

BATCH_NORM_EPSILON = 1e-3
# The published weights were trained on (level - 127) / 128.
MEAN, SCALE = 127.0, 128.0
EMBEDDING = 1280
LEVELS = 127  # of 8 bits, to both sides of zero
# The stride of each block's depthwise convolution; all else is in the weights' shapes.
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
# ONNX Runtime has read these since 1.6, so a graph of today runs on every one in use.
OPSET, IR_VERSION = 13, 7


def build_graph(weights: Mapping[str, Array], *, quantised: bool = True) -> bytes:
    """Return the network as an ONNX file, byte for byte the same for the same weights.

    Quantised, kernels are stored in 8 bits, with a scale for each channel: a quarter of the size.
    The arithmetic stays that of float32, so that all processors answer alike.

    Its input `photos` is uint8 of shape (photos, height, width, 3); its output `embeddings` is
    float32 of shape (photos, 1280): the mean over the picture of the last convolution.
    """
    graph = _Graph(weights, quantised)
    graph.node("ReduceMean", [graph.network()], "embeddings", axes=[2, 3], keepdims=0)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "EfficientNet-Lite0",
            [helper.make_tensor_value_info("photos", TensorProto.UINT8, ["n", "h", "w", 3])],
            [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["n", EMBEDDING])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="chicklearning",
    )
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _Graph:
    """Nodes and constants, appended layer by layer; each method returns its output's name."""

    def __init__(self, weights: Mapping[str, Array], quantised: bool) -> None:
        self.weights, self.quantised = weights, quantised
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.zero = self.constant("zero", np.array(0))
        self.six = self.constant("six", np.array(6))

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: Array, dtype: type[np.generic] = np.float32) -> str:
        content = np.ascontiguousarray(value, dtype).reshape(value.shape)
        self.constants.append(numpy_helper.from_array(content, name))
        return name

    def kernel(self, name: str, kernel: Array) -> str:
        """Append a constant of shape (channels, ...), in 8 bits where they are wanted."""
        if not self.quantised:
            return self.constant(name, kernel)
        scale = (np.abs(kernel).max(axis=(1, 2, 3)) / LEVELS).astype(np.float32)
        scale[scale == 0] = 1  # a channel of zeros
        levels = np.rint(kernel / scale[:, None, None, None])
        stored = self.constant(f"{name}.levels", levels, np.int8)
        scales = self.constant(f"{name}.scale", scale)
        return self.node("DequantizeLinear", [stored, scales], name, axis=0)

    def network(self) -> str:
        x = self.convolution(self.scaled_photos(), "_conv_stem", "_bn0", stride=2)
        for number, stride in enumerate(STRIDES):
            x = self.block(x, f"_blocks.{number}", stride)
        return self.convolution(x, "_conv_head", "_bn1")

    def scaled_photos(self) -> str:
        levels = self.node("Cast", ["photos"], "levels", to=TensorProto.FLOAT)
        centred = self.node("Sub", [levels, self.constant("mean", np.array(MEAN))], "centred")
        scaled = self.node("Div", [centred, self.constant("scale", np.array(SCALE))], "scaled")
        return self.node("Transpose", [scaled], "planes", perm=[0, 3, 1, 2])

    def block(self, x: str, name: str, stride: int) -> str:
        """Append one inverted bottleneck: expand, filter each channel, project, add the input."""
        expand, filters, project = (
            f"{name}.{layer}" for layer in ("_expand_conv", "_depthwise_conv", "_project_conv")
        )
        channels = len(self.weights[f"{filters}.weight"])
        y, channels_in = x, channels
        if f"{expand}.weight" in self.weights:  # the first block has nothing to expand
            y = self.convolution(x, expand, f"{name}._bn0")
            channels_in = self.weights[f"{expand}.weight"].shape[1]
        y = self.convolution(y, filters, f"{name}._bn1", stride=stride, group=channels)
        y = self.convolution(y, project, f"{name}._bn2", bounded=False)
        if stride == 1 and channels_in == len(self.weights[f"{project}.weight"]):
            y = self.node("Add", [y, x], f"{name}.sum")
        return y

    def convolution(
        self, x: str, layer: str, norm: str, *, stride: int = 1, group: int = 1,
        bounded: bool = True,
    ) -> str:  # fmt: skip
        """Append a convolution with its batch norm folded in, and a ReLU6 if `bounded`."""
        kernel, bias = self._folded(layer, norm)
        y = self.node(
            "Conv",
            [x, self.kernel(f"{layer}.kernel", kernel), self.constant(f"{layer}.bias", bias)],
            layer,
            auto_pad="SAME_UPPER",  # as TensorFlow pads, where the weights come from
            group=group,
            kernel_shape=kernel.shape[2:],
            strides=[stride, stride],
        )
        return self.node("Clip", [y, self.zero, self.six], f"{layer}.bounded") if bounded else y

    def _folded(self, layer: str, norm: str) -> tuple[Array, Array]:
        """Return kernel and bias that do what the convolution and its batch norm did."""
        gain, offset, mean, variance = (
            self.weights[f"{norm}.{name}"].astype(np.float64)
            for name in ("weight", "bias", "running_mean", "running_var")
        )
        factor = gain / np.sqrt(variance + BATCH_NORM_EPSILON)
        kernel = self.weights[f"{layer}.weight"] * factor[:, None, None, None]
        return kernel, offset - mean * factor
