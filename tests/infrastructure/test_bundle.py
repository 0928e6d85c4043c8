"""The Lambda's bundle on its own: it needs nothing that it does not hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from model_code import bundle as bundle_module
from model_code.bundle import bundle


@pytest.fixture(scope="module")
def folder(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    bundle(release_folder, "host", folder)
    return folder


def run_bare(folder: Path, code: str) -> str:
    """Run code in an interpreter that sees the standard library and the bundle, no more."""
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path.append('.')\n{code}"],
        cwd=folder,
        env={
            "AWS_DEFAULT_REGION": "ap-northeast-2",
            "ENDPOINT_NAME": "an-endpoint",
            "INBOX": "an-inbox",
            "RELEASE_FILE": "release.json",
            "STAGE": "dev",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_a_bare_interpreter_answers_from_it(folder: Path, release_folder: Path) -> None:
    code = """
import handler
class Context:
    get_remaining_time_in_millis = lambda self: 25_000
event = {"httpMethod": "GET", "path": "/v1/health", "requestContext": {"requestId": "r"}}
print(handler.handler(event, Context())["body"])
"""
    answer = json.loads(run_bare(folder, code).splitlines()[1])  # behind its log line
    assert answer == {"status": "alive", "release": release_folder.name, "request_id": "r"}


def loaded(folder: Path) -> set[str]:
    return set(run_bare(folder, "import handler; print('\\n'.join(sys.modules))").split())


def test_a_cold_start_with_the_embedding_loads_what_that_needs(folder: Path) -> None:
    modules = loaded(folder)
    assert {"numpy", "onnxruntime", "PIL.Image"} <= modules
    assert not {"boto3", "xgboost", "pydantic", "sklearn"} & modules
    assert len(modules) < 700


def test_a_cold_start_of_2019_imports_neither_numpy_nor_boto3(
    pixels_release_folder: Path, tmp_path: Path
) -> None:
    bundle(pixels_release_folder, "host", tmp_path / "pixels")
    assert not (tmp_path / "pixels" / "onnxruntime").exists()
    modules = loaded(tmp_path / "pixels")
    assert {"handler", "botocore", "PIL.Image"} <= modules
    assert not {"numpy", "boto3", "xgboost", "pydantic", "onnxruntime"} & modules
    # A new import is a slower cold start: raise this only for something that is worth it.
    assert len(modules) < 400


def test_it_holds_the_two_aws_apis_that_it_calls(folder: Path) -> None:
    services = [path.name for path in (folder / "botocore" / "data").iterdir() if path.is_dir()]
    assert sorted(services) == ["s3", "sagemaker-runtime"]


def test_it_holds_no_training_code_and_no_caches(folder: Path) -> None:
    assert {path.name for path in (folder / "model_code").iterdir()} == {"__init__.py", "features"}
    assert not list(folder.rglob("__pycache__"))


def test_the_features_are_the_source_itself(release_folder: Path, tmp_path: Path) -> None:
    bundle(release_folder, "host", tmp_path / "bundle")
    shipped = tmp_path / "bundle" / "model_code" / "features" / "pixels.py"
    source = Path(bundle_module.ROOT) / "model_code" / "features" / "pixels.py"
    assert shipped.read_bytes() == source.read_bytes()


def test_packages_that_were_not_fetched_are_named(
    release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_module, "PACKAGES", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"python -m model_code\.bundle"):
        bundle(release_folder, "host", tmp_path / "bundle")
