"""Honest probabilities, and answers that say when they are not sure."""

import math

import numpy as np
import numpy.typing as npt
import pytest

from model_code.calibration import (
    PRECISION,
    best_temperature,
    brand_means,
    calibrate_all,
    calibration_error,
    choose_confidence,
    likeness_of_all,
    min_probability,
    reliability,
    validate,
)
from model_code.features import Confidence, calibrate, is_confident, likeness
from model_code.recipe import RECIPES
from model_code.training import Examples


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def logits() -> npt.NDArray[np.float64]:
    return np.random.default_rng(0).normal(0, 2, (4000, 4))


@pytest.fixture(scope="module")
def labels(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Draw each photo's brand with just the probabilities that its logits give."""
    rng = np.random.default_rng(1)
    return np.array([rng.choice(4, p=row) for row in softmax(logits)])


@pytest.mark.parametrize("factor", [0.6, 1.0, 3.0])
def test_too_sure_and_too_unsure_models_are_brought_back(
    logits: npt.NDArray[np.float64], labels: npt.NDArray[np.intp], factor: float
) -> None:
    probabilities = softmax(logits * factor).astype(np.float32)
    temperature = best_temperature(probabilities, labels)
    assert temperature == pytest.approx(factor, rel=0.1)
    calibrated = calibrate_all(probabilities, temperature)
    assert calibration_error(reliability(calibrated, labels)) < 0.03


def test_calibration_keeps_the_order_and_sums_to_one() -> None:
    scores = calibrate([0.1, 0.6, 0.3, 0.0], 2.5)
    assert sum(scores) == pytest.approx(1)
    assert scores[3] == 0 < scores[0] < scores[2] < scores[1] < 0.6


def test_a_certain_answer_stays_one() -> None:
    assert calibrate([0.0, 1.0], 0.1) == [0.0, 1.0]
    assert all(map(math.isfinite, calibrate([1e-30, 1.0], 0.01)))


def test_training_and_lambda_calibrate_alike(logits: npt.NDArray[np.float64]) -> None:
    probabilities = softmax(logits[:20]).astype(np.float32)
    for row, expected in zip(probabilities, calibrate_all(probabilities, 1.7), strict=True):
        assert calibrate(row.tolist(), 1.7) == pytest.approx(expected)


def test_training_and_lambda_find_the_same_likeness() -> None:
    features = np.random.default_rng(2).random((10, 6), dtype=np.float32)
    features[0] = 0
    means = (np.eye(6)[:3]).tolist()
    for row, expected in zip(features, likeness_of_all(features, means), strict=True):
        assert likeness(row.tolist(), means) == pytest.approx(expected)


def test_confident_answers_are_right_as_often_as_was_asked(
    logits: npt.NDArray[np.float64], labels: npt.NDArray[np.intp]
) -> None:
    probabilities = softmax(logits)
    bound = min_probability(probabilities, labels)
    sure = probabilities.max(axis=1) >= bound
    right = probabilities.argmax(axis=1) == labels
    assert right[sure].mean() >= PRECISION > right.mean()
    assert sure.mean() > 0.1


def test_answers_that_are_equally_sure_are_all_confident_or_none() -> None:
    probabilities = np.tile([0.8, 0.2], (10, 1))
    assert min_probability(probabilities, np.array([0] + [1] * 9)) == 1.0


def test_photos_of_one_colour_have_a_likeness_that_a_cosine_can_reach() -> None:
    raw = np.tile(np.array([0.47, 0.31, 0.16], np.float32), (20, 1))
    examples = Examples(raw, None, np.arange(20) % 2)
    recipe = RECIPES["pixels"]
    confidence = choose_confidence(validate(examples, recipe, 0), examples, np.arange(3))
    assert confidence.min_likeness < 1


def test_a_model_that_is_never_right_enough_is_never_confident() -> None:
    probabilities = np.tile([0.4, 0.6], (50, 1))
    assert min_probability(probabilities, np.zeros(50, dtype=np.intp)) == 1.0


@pytest.mark.parametrize(
    ("probabilities", "features", "expected"),
    [
        ([0.9, 0.1], [1.0, 0.0], True),
        ([0.6, 0.4], [1.0, 0.0], False),  # not sure
        ([0.9, 0.1], [0.0, 0.0], False),  # like nothing
        ([0.9, 0.1], [-1.0, 0.1], False),  # like neither
    ],
)
def test_confident_is_sure_and_like_a_brand(
    probabilities: list[float], features: list[float], expected: bool
) -> None:
    confidence = Confidence(1.0, 0.7, 0.8, [[1.0, 0.0], [0.0, 1.0]])
    assert is_confident(probabilities, features, confidence) == expected


def test_what_is_like_no_brand_is_not_confident_though_the_booster_is_sure() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(120) % 3
    raw = rng.random((120, 30)).astype(np.float32)
    raw[:, :3] += 3 * np.eye(3, dtype=np.float32)[labels]
    examples = Examples(raw, None, labels)
    recipe = RECIPES["embedding"].model_copy(update={"mirrored": False})
    confidence = choose_confidence(validate(examples, recipe, 0), examples, np.arange(30))
    strange = np.zeros(30, dtype=np.float32)
    strange[0], strange[10:] = 3.0, 9.0
    assert confidence.min_probability <= 1
    assert likeness(strange.tolist(), confidence.means) < confidence.min_likeness
    known = [likeness(row.tolist(), confidence.means) for row in raw]
    assert np.mean(np.array(known) >= confidence.min_likeness) > 0.9


def test_the_means_are_one_a_brand_and_of_length_one() -> None:
    raw = np.array([[3, 4, 0], [3, 4, 9], [0, 0, 2]], dtype=np.float32)
    examples = Examples(raw, None, np.array([0, 0, 1]))
    assert brand_means(examples, np.array([0, 1])) == [[0.6, 0.8], [0.0, 0.0]]
