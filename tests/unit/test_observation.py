"""The line that a request leaves: what it tells, what it never tells, metrics that are valid."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from PIL import Image

from model_code.release import Release
from tests.unit.conftest import FakeRuntime, Invoke

Line = Callable[[], dict[str, Any]]
STEPS = {"ExtractMs", "EndpointMs", "TotalMs"}


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Line:
    """Return the only line that was logged."""

    def parsed() -> dict[str, Any]:
        (text,) = capsys.readouterr().out.splitlines()
        document: dict[str, Any] = json.loads(text)
        return document

    return parsed


def counts(line: dict[str, Any]) -> dict[str, int]:
    return {name: line[name] for name in ("Answers", "Errors", "OtherRelease", "Unconfident")}


def test_an_answer_is_logged_with_what_was_answered(
    post: Invoke, photo: bytes, line: Line, release: Release
) -> None:
    document = post(photo)["document"]
    logged = line()
    assert (logged["request_id"], logged["stage"]) == ("request-1", "dev")
    assert (logged["release"], logged["route"]) == (release.id, "/v1/predict")
    assert (logged["status"], logged["photo_bytes"]) == (200, len(photo))
    assert (logged["brand"], logged["confident"]) == (document["brand"], document["confident"])
    best = document["probabilities"][0]["probability"]
    assert logged["probability"] == pytest.approx(best, abs=1e-4)
    assert "problem" not in logged


def test_the_steps_are_measured_and_lie_within_the_total(
    post: Invoke, photo: bytes, line: Line
) -> None:
    post(photo)
    logged = line()
    assert all(logged[step] >= 0 for step in STEPS)
    assert logged["ExtractMs"] + logged["EndpointMs"] <= logged["TotalMs"] + 0.01  # rounded


def test_an_answer_counts_as_one_and_as_unconfident_if_it_is(
    post: Invoke, photo: bytes, line: Line, served: Any, change_release: Callable[..., None]
) -> None:
    for threshold, unconfident in ((-1.0, 0), (1.1, 1)):
        changed = {"min_probability": threshold, "min_likeness": -1.0}
        change_release(confidence=served.confidence._replace(**changed))
        post(photo)
        expected = {"Answers": 1, "Errors": 0, "OtherRelease": 0, "Unconfident": unconfident}
        assert counts(line()) == expected


def test_a_bad_photo_is_the_callers_fault_and_counts_as_nothing(post: Invoke, line: Line) -> None:
    post(b"no photo")
    logged = line()
    assert (logged["status"], logged["problem"]) == (415, "not-a-photo")
    assert not any(counts(logged).values())
    assert "ExtractMs" in logged and "EndpointMs" not in logged
    assert not {"cause", "stack", "brand"} & set(logged)


def test_an_answer_of_another_release_is_counted(
    post: Invoke, photo: bytes, line: Line, runtime: FakeRuntime
) -> None:
    runtime.variant = "another"
    post(photo)
    logged = line()
    assert (logged["status"], logged["problem"]) == (502, "other-release")
    assert counts(logged) == {"Answers": 0, "Errors": 1, "OtherRelease": 1, "Unconfident": 0}


def test_an_endpoint_that_refuses_is_logged_with_its_reason(
    post: Invoke, photo: bytes, line: Line, runtime: FakeRuntime
) -> None:
    error = {"Code": "AccessDeniedException", "Message": "no policy allows it"}
    runtime.error = ClientError({"Error": error}, "InvokeEndpoint")
    post(photo)
    logged = line()
    assert (logged["problem"], logged["Errors"]) == ("endpoint-failed", 1)
    assert "AccessDeniedException" in logged["cause"] and "no policy" in logged["cause"]
    assert logged["EndpointMs"] >= 0
    assert "stack" not in logged


def test_what_nobody_foresaw_is_logged_with_its_stack_in_one_line(
    post: Invoke, photo: bytes, line: Line, runtime: FakeRuntime
) -> None:
    runtime.error = RuntimeError("something\nnew" + "!" * 1000)
    assert post(photo)["statusCode"] == 500
    logged = line()
    assert (logged["problem"], logged["Errors"]) == ("internal", 1)
    assert logged["cause"].startswith("RuntimeError: something\nnew!")
    assert len(logged["cause"]) == 300
    assert "in invoke_endpoint" in logged["stack"]


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/v1/health", "/v1/health"),
        ("HEAD", "/v1/model", "/v1/model"),
        ("GET", "/v1/predict", "/v1/predict"),
        ("GET", "/v1/made-up", "unknown"),
    ],
)
def test_other_requests_are_logged_by_their_route(
    invoke: Invoke, line: Line, method: str, path: str, route: str
) -> None:
    status = invoke(method, path)["statusCode"]
    logged = line()
    assert (logged["route"], logged["status"]) == (route, status)
    assert not any(counts(logged).values())


def photo_with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "hidden description"
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "brown").save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize("damage", [None, "photo", "endpoint", "unforeseen"])
def test_photo_exif_headers_and_address_are_never_logged(
    post: Invoke, capsys: pytest.CaptureFixture[str], runtime: FakeRuntime, damage: str | None
) -> None:
    photo = photo_with_exif()
    if damage == "photo":
        photo = photo[: len(photo) // 2]
    elif damage == "endpoint":
        runtime.body = b"hidden answer"
    elif damage == "unforeseen":
        runtime.error = RuntimeError("news")
    post(photo, Authorization="hidden key", X_Forwarded_For="203.0.113.7", Cookie="hidden=1")
    logged = capsys.readouterr().out
    assert logged and "hidden" not in logged and "203.0.113.7" not in logged
    assert base64.b64encode(photo[:30]).decode() not in logged


@pytest.mark.parametrize("path", ["/v1/hidden", "/hidden/predict", '/v1/predict"\n{"hidden": 1}'])
def test_a_made_up_path_is_not_logged(
    invoke: Invoke, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    invoke("GET", path)
    assert "hidden" not in capsys.readouterr().out


@pytest.mark.parametrize("body", [None, "{", '{"photo": "hidden!"}', '{"hidden": 1}'])
def test_a_bad_body_is_not_logged(
    invoke: Invoke, capsys: pytest.CaptureFixture[str], body: str | None
) -> None:
    invoke(body=body, Content_Type="application/json")
    assert "hidden" not in capsys.readouterr().out


@pytest.mark.parametrize("sent", [b"no photo", None], ids=["problem", "answer"])
def test_the_line_is_a_valid_embedded_metric_document(
    post: Invoke, photo: bytes, line: Line, sent: bytes | None
) -> None:
    """Hold it to the rules that CloudWatch drops a document for."""
    post(photo if sent is None else sent)
    logged = line()
    assert set(logged["_aws"]) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(logged["_aws"]["Timestamp"], int)
    assert 1e12 < logged["_aws"]["Timestamp"] < 1e14  # milliseconds, not seconds or nanoseconds
    (directive,) = logged["_aws"]["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == "ChickLearning"
    assert directive["Dimensions"] == [["stage"], ["stage", "release"]]
    for dimension in ("stage", "release"):
        assert 0 < len(logged[dimension]) <= 1024
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert len(names) == len(set(names)) <= 100
    assert all(type(logged[name]) in (int, float) for name in names)
    units = set(get_session().get_service_model("cloudwatch").shape_for("StandardUnit").enum)
    assert {metric["Unit"] for metric in directive["Metrics"]} <= units


def test_a_step_that_was_not_reached_is_no_metric(invoke: Invoke, line: Line) -> None:
    invoke("GET", "/v1/health")
    (directive,) = line()["_aws"]["CloudWatchMetrics"]
    assert not {"ExtractMs", "EndpointMs"} & {metric["Name"] for metric in directive["Metrics"]}
