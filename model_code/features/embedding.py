"""The extractor that sees: the last layer but one of a small network that knows ImageNet.

EfficientNet-Lite0, as `model_code.network` built it. numpy and onnxruntime are imported only
when it is loaded: a Lambda whose release has another extractor does without both.
"""

from array import array
from collections.abc import Callable
from pathlib import Path

from PIL import Image

VERSION = 1
RAW_LENGTH = 1280
SIDE = 224  # px, what the network was trained on
WEIGHTS = "efficientnet-lite0.onnx"


def load(folder: Path) -> Callable[[Image.Image], "array[float]"]:
    """Load the network from `folder`; what is returned may be called from several threads."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A Lambda has about one core, and training reads photos on all of them already.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The kernels are unpacked once, when they are loaded, and not for each photo.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    session = onnxruntime.InferenceSession(
        str(folder / WEIGHTS), options, providers=["CPUExecutionProvider"]
    )

    def embedding(image: Image.Image) -> "array[float]":
        """Shrink an RGB image of any size to 224x224 and embed it.

        Returns
        -------
        array of float32, length 1,280, in [0, 6]
        """
        small = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        (vectors,) = session.run(["embeddings"], {"photos": np.asarray(small)[np.newaxis]})
        return array("f", vectors[0].tobytes())

    return embedding
