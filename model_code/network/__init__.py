"""Set-up only: the published EfficientNet-Lite0 -> one ONNX file that onnxruntime runs."""

from pathlib import Path

NETWORK = Path(__file__).parents[2] / "build" / "network"  # the folder of the file
