"""The stage prod on the local cloud: who has no key is refused, who has one is served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from local_cloud.server import Cloud, running_cloud
from model_code.api_key import VARIABLE
from tests.local.conftest import Answer, Deployment

QUOTA = 12


@pytest.fixture(scope="module")
def release_folder(pixels_release_folder: Path) -> Path:
    """Serve a release whose zip is small: what is tested here is not the extractor."""
    return pixels_release_folder


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory, release_folder: Path) -> Iterator[Deployment]:
    """Deploy prod into an account of its own, since it leaves its bucket behind."""
    folder = tmp_path_factory.mktemp("prod")
    with running_cloud(folder / "log") as cloud:
        settings = {
            "api_keys": "default,partner,next",
            "key_quota": str(QUOTA),
            "cors_origins": "*",
            "domain_name": "chicken.example.com",
            "certificate_arn": "arn:aws:acm:ap-northeast-2:123456789012:certificate/some",
        }
        deployment = Deployment(cloud, folder / "apps", stage="prod", **settings)
        deployment.start(release_folder)
        yield deployment


def key_of(prod: Deployment, holder: str) -> str:
    """Read a key as the output's description says."""
    key_id = prod.output(prod.service, f"ApiKeyId{holder}")
    apigateway = prod.cloud.client("apigateway")
    return str(apigateway.get_api_key(apiKey=key_id, includeValue=True)["value"])


def assert_refused(answer: Answer) -> None:
    assert answer.status == answer.document["status"] == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.document["type"].endswith(":key-refused")
    assert answer.document["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("key", [None, "", "wrong" * 5])
def test_without_a_key_that_is_known_nothing_is_answered(prod: Deployment, key: str | None) -> None:
    headers = {} if key is None else {"x_api_key": key}
    assert_refused(prod.request("GET", "/v1/model", b"", **headers))
    assert_refused(prod.request("POST", "/v1/predict", b"", **headers))
    assert_refused(prod.request("GET", "/v1/nothing", b"", **headers))


def test_health_needs_no_key(prod: Deployment) -> None:
    answer = prod.request("GET", "/v1/health")
    assert (answer.status, answer.document["status"]) == (200, "alive")


def test_neither_does_the_page_nor_the_description_and_feedback_does(prod: Deployment) -> None:
    page = urllib3.request("GET", f"{prod.url}/", retries=False)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert prod.request("GET", "/v1/openapi.json").document["openapi"] == "3.1.0"
    for path in ("/v1/uploads", "/v1/feedback"):
        assert_refused(prod.request("POST", path, b"{}", Content_Type="application/json"))


def test_a_key_opens_the_rest_and_what_is_unknown_is_a_problem_of_the_lambda(
    prod: Deployment,
) -> None:
    key = key_of(prod, "Default")
    assert prod.request("GET", "/v1/model", x_api_key=key).status == 200
    assert prod.request("GET", "/v1", x_api_key=key).status == 404
    assert prod.request("DELETE", "/v1/predict", x_api_key=key).status == 405
    assert prod.request("POST", "/v1/health", x_api_key=key).status == 405


def test_replay_and_predict_send_the_key_of_the_environment(
    prod: Deployment, release_folder: Path, photo_folder: Path
) -> None:
    key = key_of(prod, "Default")
    url = prod.url
    replayed = prod.model_code("replay", release_folder, "--url", url, **{VARIABLE: key})
    assert replayed.returncode == 0, replayed.stderr
    photo = photo_folder / "nene" / "0.png"
    predicted = prod.model_code("predict", photo, "--url", url, **{VARIABLE: key})
    assert predicted.returncode == 0, predicted.stderr
    for command in (replayed, predicted):
        assert key not in command.stdout + command.stderr


@pytest.mark.parametrize("environment", [{}, {VARIABLE: "wrong" * 5}])
def test_replay_without_a_key_that_is_known_says_where_to_get_one(
    prod: Deployment, release_folder: Path, environment: dict[str, str]
) -> None:
    replayed = prod.model_code("replay", release_folder, "--url", prod.url, **environment)
    assert replayed.returncode == 1
    assert "HTTP 403" in replayed.stderr
    assert VARIABLE in replayed.stderr and "get-api-key" in replayed.stderr
    assert "wrong" not in replayed.stderr


def test_a_key_whose_quota_is_used_up_leaves_another_key_alone(prod: Deployment) -> None:
    partner = key_of(prod, "Partner")
    for _ in range(QUOTA):
        assert prod.request("GET", "/v1/model", x_api_key=partner).status == 200
    answer = prod.request("GET", "/v1/model", x_api_key=partner)
    assert answer.status == 429
    assert answer.document["type"].endswith(":quota-exceeded")
    assert answer.headers["Retry-After"] == "3600"
    assert prod.request("GET", "/v1/model", x_api_key=key_of(prod, "Default")).status == 200


def test_a_key_is_rotated_by_two_deploys(prod: Deployment, release_folder: Path) -> None:
    """From `default` to `next`, the second deploy; and back from `next`, the first one."""
    first, second = key_of(prod, "Default"), key_of(prod, "Next")
    deployed = prod.deploy(prod.service, release_folder, api_keys="partner,next")
    assert deployed.returncode == 0, deployed.stderr
    assert_refused(prod.request("GET", "/v1/model", x_api_key=first))
    assert prod.request("GET", "/v1/model", x_api_key=second).status == 200
    deployed = prod.deploy(prod.service, release_folder)
    assert deployed.returncode == 0, deployed.stderr
    third = key_of(prod, "Default")
    assert third != first
    assert key_of(prod, "Next") == second
    for key in (second, third):
        assert prod.request("GET", "/v1/model", x_api_key=key).status == 200
    assert_refused(prod.request("GET", "/v1/model", x_api_key=first))


def test_a_page_may_read_answers_and_refusals(prod: Deployment) -> None:
    for path in ("/v1/health", "/v1/model"):
        headers = prod.request("GET", path, Origin="https://shop.example").headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        exposed = headers["Access-Control-Expose-Headers"]
        assert exposed == "Retry-After, X-Request-Id, X-Release-Id"


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/nothing"])
def test_a_preflight_needs_no_key(prod: Deployment, path: str) -> None:
    answer = urllib3.request("OPTIONS", prod.url + path, headers={"Origin": "https://shop.example"})
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "x-api-key" in answer.headers["Access-Control-Allow-Headers"]


def test_the_domain_tells_what_its_dns_record_points_at(prod: Deployment) -> None:
    assert prod.output(prod.service, "DomainTarget").endswith(".amazonaws.com")


def left(cloud: Cloud) -> dict[str, set[str]]:
    """Name what is in the account, but for what the bootstrap made."""
    sagemaker, cloudwatch = cloud.client("sagemaker"), cloud.client("cloudwatch")
    apigateway, waf = cloud.client("apigateway"), cloud.client("wafv2")
    found: dict[str, tuple[list[dict[str, str]], str]] = {
        "stack": (cloud.client("cloudformation").describe_stacks()["Stacks"], "StackName"),
        "bucket": (cloud.client("s3").list_buckets()["Buckets"], "Name"),
        "role": (cloud.client("iam").list_roles()["Roles"], "RoleName"),
        "function": (cloud.client("lambda").list_functions()["Functions"], "FunctionName"),
        "log": (cloud.client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "api": (apigateway.get_rest_apis()["items"], "name"),
        "key": (apigateway.get_api_keys()["items"], "name"),
        "plan": (apigateway.get_usage_plans()["items"], "name"),
        "domain": (apigateway.get_domain_names()["items"], "domainName"),
        "firewall": (waf.list_web_acls(Scope="REGIONAL")["WebACLs"], "Name"),
        "alarm": (cloudwatch.describe_alarms()["MetricAlarms"], "AlarmName"),
        "dashboard": (cloudwatch.list_dashboards()["DashboardEntries"], "DashboardName"),
        "endpoint": (sagemaker.list_endpoints()["Endpoints"], "EndpointName"),
        "config": (sagemaker.list_endpoint_configs()["EndpointConfigs"], "EndpointConfigName"),
        "model": (sagemaker.list_models()["Models"], "ModelName"),
    }
    names = {kind: {item[name] for item in items} for kind, (items, name) in found.items()}
    ours = {kind: {n for n in listed if not n.startswith("cdk-")} for kind, listed in names.items()}
    return {kind: listed for kind, listed in ours.items() if listed}


def test_prod_leaves_its_bucket_and_comes_back_from_it(
    prod: Deployment, release_folder: Path, tmp_path: Path
) -> None:
    bucket, inbox = (prod.output(prod.artifacts, n) for n in ("BucketName", "InboxName"))
    assert left(prod.cloud).keys() >= {"key", "plan", "firewall", "domain", "endpoint", "alarm"}
    for command in (
        prod.destroy(prod.service),
        prod.model_code("empty", "--stack", prod.artifacts),
        prod.destroy(prod.artifacts),
    ):
        assert command.returncode == 0, command.stderr
    assert left(prod.cloud) == {"stack": {"CDKToolkit"}, "bucket": {bucket, inbox}}

    release_id = release_folder.name
    assert release_id in prod.model_code("releases", "--bucket", bucket).stdout
    fetched = prod.model_code("fetch", release_id, "--bucket", bucket, "--into", tmp_path)
    assert fetched.returncode == 0, fetched.stderr
    deployed = prod.deploy(prod.artifacts, tmp_path / release_id)
    assert deployed.returncode == 0, deployed.stderr
    prod.go_live(tmp_path / release_id)
    assert prod.output(prod.artifacts, "BucketName") != bucket
    environment = {VARIABLE: key_of(prod, "Default")}
    replayed = prod.model_code("replay", tmp_path / release_id, "--url", prod.url, **environment)
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
