"""SageMaker's CloudFormation types: what deploys, what fails to deploy, what survives a failure."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from local_cloud.server import Cloud

BUCKET = "cloudformation-models"
GOOD, BAD = "good/model.tar.gz", "nowhere/model.tar.gz"


@pytest.fixture(scope="module", autouse=True)
def bucket(cloud: Cloud, release_folder: Path) -> None:
    s3 = cloud.client("s3")
    location = {"LocationConstraint": "ap-northeast-2"}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    s3.upload_file(str(release_folder / "model.tar.gz"), BUCKET, GOOD)


# What a template says of an update in place, as `stacks` says it.
GUARDED = {
    "RetainAllVariantProperties": True,
    "DeploymentConfig": {
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "failing"}]},
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}
        },
    },
    "Tags": [{"Key": "stage", "Value": "dev"}],
}


def template(endpoint: str, key: str = GOOD, instance: str = "ml.m4.xlarge", **extra: Any) -> str:
    def resource(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::SageMaker::{kind}", "Properties": properties}

    variant = {
        "VariantName": "v",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": instance,
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    config_name = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
    resources = {
        "Model": resource(
            "Model",
            ExecutionRoleArn="arn:aws:iam::000000000000:role/sagemaker",
            PrimaryContainer={"Image": "xgboost:3.2-0", "ModelDataUrl": f"s3://{BUCKET}/{key}"},
            **extra,
        ),
        "Config": resource("EndpointConfig", ProductionVariants=[variant]),
        "Endpoint": resource(
            "Endpoint", EndpointName=endpoint, EndpointConfigName=config_name, **GUARDED
        ),
    }
    outputs = {"Arn": {"Value": {"Ref": "Endpoint"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def test_a_bucket_that_is_not_empty_stays(cloud: Cloud) -> None:
    stack = Stack(cloud, "full-bucket")
    body = json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}})
    assert stack.apply("create", body) == "CREATE_COMPLETE"
    (resource,) = stack.cloudformation.describe_stack_resources(StackName="full-bucket")[
        "StackResources"
    ]
    s3, bucket = cloud.client("s3"), resource["PhysicalResourceId"]
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    stack.cloudformation.delete_stack(StackName="full-bucket")
    with pytest.raises(WaiterError):
        stack.cloudformation.get_waiter("stack_delete_complete").wait(StackName="full-bucket")
    s3.delete_object(Bucket=bucket, Key="key")
    stack.cloudformation.delete_stack(StackName="full-bucket")
    stack.cloudformation.get_waiter("stack_delete_complete").wait(StackName="full-bucket")


class Stack:
    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloudformation, self.sagemaker = (
            cloud.client("cloudformation"),
            cloud.client("sagemaker"),
        )
        self.name = name

    def apply(self, action: str, body: str) -> str:
        """Create or update; return the status that the stack ends in."""
        getattr(self.cloudformation, f"{action}_stack")(StackName=self.name, TemplateBody=body)
        try:
            waiter = self.cloudformation.get_waiter(f"stack_{action}_complete")
            waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        except WaiterError:
            pass
        return str(self.describe()["StackStatus"])

    def describe(self) -> Any:
        return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]

    def reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def endpoint(self, name: str) -> Any:
        return self.sagemaker.describe_endpoint(EndpointName=name)

    def endpoints(self) -> set[str]:
        listed = self.sagemaker.list_endpoints(NameContains=self.name)["Endpoints"]
        return {endpoint["EndpointName"] for endpoint in listed}


@pytest.fixture
def stack(cloud: Cloud, request: pytest.FixtureRequest) -> Stack:
    return Stack(cloud, request.node.name.replace("_", "-").replace("[", "-").strip("]"))


def test_creates_and_deletes(stack: Stack) -> None:
    name = f"{stack.name}-a"
    assert stack.apply("create", template(name)) == "CREATE_COMPLETE"
    assert stack.endpoint(name)["EndpointStatus"] == "InService"
    (arn,) = stack.describe()["Outputs"]
    assert arn["OutputValue"] == stack.endpoint(name)["EndpointArn"]
    stack.cloudformation.delete_stack(StackName=stack.name)
    waiter = stack.cloudformation.get_waiter("stack_delete_complete")
    waiter.wait(StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    assert not stack.endpoints()


def test_a_misnamed_property_fails_to_deploy(stack: Stack) -> None:
    status = stack.apply("create", template(f"{stack.name}-a", ModellName="typo"))
    assert status == "ROLLBACK_COMPLETE"
    assert "ModellName" in stack.reasons()


def test_a_misnamed_property_of_an_update_fails_it(stack: Stack) -> None:
    name = f"{stack.name}-a"
    stack.apply("create", template(name))
    body = template(name, instance="ml.m5.large").replace('"ALL_AT_ONCE"', '"AT_ONCE"')
    assert stack.apply("update", body) == "UPDATE_ROLLBACK_COMPLETE"
    assert "AT_ONCE" in stack.reasons()


def test_a_type_that_is_not_emulated_is_accepted_aloud(stack: Stack, cloud_log: Path) -> None:
    target = "AWS::ApplicationAutoScaling::ScalableTarget"
    body = json.dumps({"Resources": {"Target": {"Type": target, "Properties": {}}}})
    assert stack.apply("create", body) == "CREATE_COMPLETE"
    assert f"not emulated: {target} ({stack.name}/Target)" in cloud_log.read_text()


def test_a_type_that_nobody_knows_is_refused(stack: Stack) -> None:
    body = json.dumps({"Resources": {"Target": {"Type": "AWS::Nothing::AtAll"}}})
    with pytest.raises(ClientError, match="AWS::Nothing::AtAll"):
        stack.apply("create", body)


def test_a_long_logical_id_still_gives_a_name(stack: Stack) -> None:
    body = template(f"{stack.name}-a").replace('"Model": {"Type"', f'"{"M" * 255}": {{"Type"')
    body = body.replace('["Model", "ModelName"]', f'["{"M" * 255}", "ModelName"]')
    assert stack.apply("create", body) == "CREATE_COMPLETE"


def test_two_containers_at_once_fail_to_deploy(stack: Stack) -> None:
    body = template(f"{stack.name}-a", Containers=[{"Image": "xgboost:3.2-0"}])
    assert stack.apply("create", body) == "ROLLBACK_COMPLETE"
    assert "either PrimaryContainer or Containers" in stack.reasons()


def test_a_model_that_is_not_there_fails_to_deploy(stack: Stack) -> None:
    assert stack.apply("create", template(f"{stack.name}-a", key=BAD)) == "ROLLBACK_COMPLETE"
    assert f"s3://{BUCKET}/{BAD}" in stack.reasons()
    assert not stack.endpoints()


def test_another_name_replaces_the_endpoint_and_removes_the_old(stack: Stack) -> None:
    stack.apply("create", template(f"{stack.name}-a"))
    assert stack.apply("update", template(f"{stack.name}-b")) == "UPDATE_COMPLETE"
    assert stack.endpoints() == {f"{stack.name}-b"}


def test_a_replacement_that_fails_leaves_the_old_in_service(stack: Stack) -> None:
    stack.apply("create", template(f"{stack.name}-a"))
    status = stack.apply("update", template(f"{stack.name}-b", key=BAD))
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert stack.endpoints() == {f"{stack.name}-a"}
    assert stack.endpoint(f"{stack.name}-a")["EndpointStatus"] == "InService"


def test_the_same_name_is_updated_in_place(stack: Stack) -> None:
    name = f"{stack.name}-a"
    stack.apply("create", template(name))
    before = stack.endpoint(name)
    assert stack.apply("update", template(name, instance="ml.m5.large")) == "UPDATE_COMPLETE"
    after = stack.endpoint(name)
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    with pytest.raises(ClientError, match="Could not find"):
        stack.sagemaker.describe_endpoint_config(EndpointConfigName=before["EndpointConfigName"])


def test_an_update_in_place_that_fails_leaves_the_old_in_service(stack: Stack) -> None:
    name = f"{stack.name}-a"
    stack.apply("create", template(name))
    before = stack.endpoint(name)
    assert stack.apply("update", template(name, key=BAD)) == "UPDATE_ROLLBACK_COMPLETE"
    after = stack.endpoint(name)
    assert after["EndpointStatus"] == "InService"
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
