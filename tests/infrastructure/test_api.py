"""The API: exact binary types, the alias in front, the version tied to its own endpoint."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.infrastructure.conftest import Synth


def version_ids(synth: Synth) -> set[str]:
    return set(synth.resources("AWS::Lambda::Version"))


def predicting(synth: Synth) -> dict[str, Any]:
    """Return the function behind the API."""
    functions = synth.resources("AWS::Lambda::Function").values()
    (found,) = (f for f in functions if f["Properties"]["Handler"] == "handler.handler")
    return dict(found)


def asset(synth: Synth) -> Path:
    """Return the folder that becomes the Lambda's zip."""
    return synth.folder / str(predicting(synth)["Metadata"]["aws:asset:path"])


def test_only_photos_and_forms_are_turned_into_base64(dev: Synth) -> None:
    types = dev.properties("AWS::ApiGateway::RestApi")["BinaryMediaTypes"]
    photos = {"image/jpeg", "image/png", "image/webp", "application/octet-stream"}
    assert set(types) == {*photos, "multipart/form-data"}


def test_the_api_calls_the_alias_and_the_alias_one_version(dev: Synth) -> None:
    alias = dev.properties("AWS::Lambda::Alias")
    assert alias["Name"] == "live"
    assert alias["FunctionVersion"]["Fn::GetAtt"][0] in version_ids(dev)
    (alias_id,) = dev.resources("AWS::Lambda::Alias")
    for method in dev.resources("AWS::ApiGateway::Method").values():
        assert alias_id in json.dumps(method["Properties"]["Integration"]["Uri"])


def test_the_function_waits_for_its_endpoint(dev: Synth) -> None:
    variables = predicting(dev)["Properties"]["Environment"]["Variables"]
    (endpoint_id,) = dev.resources("AWS::SageMaker::Endpoint")
    assert variables["ENDPOINT_NAME"]["Fn::GetAtt"][0] == endpoint_id


def test_another_release_is_another_version_and_the_same_release_the_same(
    dev: Synth, synth_stage: Callable[..., Synth], other_release_folder: Path
) -> None:
    assert version_ids(synth_stage("dev", other_release_folder)).isdisjoint(version_ids(dev))


def test_the_zip_has_the_handler_the_features_and_the_release(
    dev: Synth, release_folder: Path
) -> None:
    folder = asset(dev)
    assert (folder / "handler.py").is_file()
    assert (folder / "model_code" / "features" / "pixels.py").is_file()
    assert not (folder / "model_code" / "release").exists()
    shipped, trained = folder / "release.json", release_folder / "release.json"
    assert shipped.read_bytes() == trained.read_bytes()
    weights = "efficientnet-lite0.onnx"
    assert (folder / weights).read_bytes() == (release_folder / weights).read_bytes()


def test_the_zip_is_for_lambdas_python_and_architecture(dev: Synth) -> None:
    function = predicting(dev)["Properties"]
    python = function["Runtime"].removeprefix("python").replace(".", "")
    machine = function["Architectures"][0]
    assert list(asset(dev).glob(f"PIL/_imaging.cpython-{python}-{machine}-*.so"))


def test_logs_end_and_the_gateway_is_throttled(dev: Synth, prod: Synth) -> None:
    for synth in (dev, prod):
        for group in synth.resources("AWS::Logs::LogGroup").values():
            assert group["Properties"]["RetentionInDays"] > 0
        (settings,) = synth.properties("AWS::ApiGateway::Stage")["MethodSettings"]
        assert settings["ThrottlingRateLimit"] > 0


def test_outputs_tell_where_to_go(dev: Synth) -> None:
    outputs = dev.service.find_outputs("*")
    assert set(outputs) == {"ApiUrl", "EndpointName", "ReleaseId"}
    (stage,) = dev.resources("AWS::ApiGateway::Stage")
    # No slash behind the stage, so that $URL/v1/predict is a path that is there.
    assert outputs["ApiUrl"]["Value"]["Fn::Join"][1][-1] == {"Ref": stage}
