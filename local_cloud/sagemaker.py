"""SageMaker's control plane: models, endpoint configs, endpoints and transforms, in memory."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from local_cloud.api_description import Document, SageMakerError, check_request
from local_cloud.creation import check_endpoint_config, check_model
from local_cloud.listing import list_page
from local_cloud.model_server import ModelError, ModelServer
from local_cloud.transform import Objects, TransformJobs

SLUGS = {"Model": "model", "EndpointConfig": "endpoint-config", "Endpoint": "endpoint"}
LINGER = 10  # s


class SageMaker:
    """One account's and region's SageMaker; `call` takes and returns the API's documents."""

    def __init__(self, arn_prefix: str, objects: Objects) -> None:
        self._arn_prefix = arn_prefix  # arn:aws:sagemaker:<region>:<account>
        self._objects = objects
        # kind -> name in lower case, since two names differ by more than case -> document
        self._stores: dict[str, dict[str, Document]] = {kind: {} for kind in SLUGS}
        self._servers: dict[str, dict[str, ModelServer]] = {}  # endpoint -> variant -> server
        self._operations: dict[str, Callable[[Document], Document]] = {
            "UpdateEndpoint": self._update_endpoint
        }
        self.transforms = TransformJobs(arn_prefix, objects, self._server)
        self._operations |= self.transforms.operations
        for kind in SLUGS:
            self._operations |= {
                f"Create{kind}": partial(self._create, kind),
                f"Describe{kind}": partial(self._describe, kind),
                f"Delete{kind}": partial(self._delete, kind),
                f"List{kind}s": partial(self._list, kind),
            }

    def call(self, operation: str, request: Document) -> Document:
        """Run one operation of the API.

        Raises
        ------
        SageMakerError
            As the service would answer.
        """
        run = self._operations.get(operation)
        if run is None:
            raise SageMakerError(f"{operation} is not emulated here.", "UnknownOperationException")
        check_request(operation, request)
        return run(request)

    def start(self, name: str) -> Document:
        """Bring an endpoint that is being created or updated into service, or let it fail."""
        endpoint = self._find("Endpoint", name)
        name, wanted = endpoint["EndpointName"], endpoint.pop("_wanted")
        try:
            self._servers[name] = dict(self._load_variants(wanted))
        except (ModelError, SageMakerError) as error:  # or what it needs was deleted meanwhile
            endpoint["FailureReason"] = str(error)
            # A failed update leaves what served before in service.
            endpoint["EndpointStatus"] = "InService" if name in self._servers else "Failed"
        else:
            endpoint["EndpointStatus"] = "InService"
            endpoint["EndpointConfigName"] = wanted
            variants = self._find("EndpointConfig", wanted)["ProductionVariants"]
            endpoint["ProductionVariants"] = list(map(_summary, variants))
            endpoint.pop("FailureReason", None)
        endpoint["LastModifiedTime"] = time.time()
        return endpoint

    def servers(self, endpoint: str) -> dict[str, ModelServer]:
        """Return what serves an endpoint by variant, nothing where it is not in service.

        The case of `endpoint` counts here, and only here, as on AWS.
        """
        return self._servers.get(endpoint, {})

    def linger(self, endpoint: str, servers: dict[str, ModelServer]) -> None:
        """Let a deleted endpoint answer what is on its way; AWS takes minutes to delete one."""
        if servers:
            self._servers.setdefault(endpoint, servers)
            timer = threading.Timer(LINGER, self._stop, [endpoint, servers])
            timer.daemon = True
            timer.start()

    def _stop(self, endpoint: str, servers: dict[str, ModelServer]) -> None:
        if self._servers.get(endpoint) is servers:
            del self._servers[endpoint]

    def arn(self, kind: str, name: str) -> str:
        """Name a resource for the whole world."""
        return f"{self._arn_prefix}:{SLUGS[kind]}/{name.lower()}"

    def _create(self, kind: str, request: Document) -> Document:
        name = request[f"{kind}Name"]
        if name.lower() in self._stores[kind]:
            arn = self.arn(kind, name)
            raise SageMakerError(f'Cannot create already existing {_words(kind)} "{arn}".')
        now = time.time()
        document = {**request, f"{kind}Arn": self.arn(kind, name), "CreationTime": now}
        if kind == "Model":
            check_model(request)
        if kind == "EndpointConfig":
            check_endpoint_config(request)
            for variant in request["ProductionVariants"]:
                self._find("Model", variant["ModelName"])
        if kind == "Endpoint":
            self._find("EndpointConfig", request["EndpointConfigName"])
            self._servers.pop(name, None)  # of one that lingers under this name
            document["_wanted"] = request["EndpointConfigName"]
            document |= {"EndpointStatus": "Creating", "LastModifiedTime": now}
        self._stores[kind][name.lower()] = document
        return {f"{kind}Arn": document[f"{kind}Arn"]}

    def _update_endpoint(self, request: Document) -> Document:
        endpoint = self._find("Endpoint", request["EndpointName"])
        self._find("EndpointConfig", request["EndpointConfigName"])
        _refuse_while_in_progress(endpoint)
        if endpoint["EndpointStatus"] == "Failed":
            # A failed one can only be deleted:
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
            raise SageMakerError(f'Cannot update failed endpoint "{endpoint["EndpointArn"]}".')
        endpoint |= {"EndpointStatus": "Updating", "_wanted": request["EndpointConfigName"]}
        return {"EndpointArn": endpoint["EndpointArn"]}

    def _describe(self, kind: str, request: Document) -> Document:
        document = self._find(kind, request[f"{kind}Name"])
        return {name: value for name, value in document.items() if name != "_wanted"}

    def _list(self, kind: str, request: Document) -> Document:
        return list_page(kind, self._stores[kind].values(), request)

    def _delete(self, kind: str, request: Document) -> Document:
        document = self._find(kind, request[f"{kind}Name"])
        if kind == "Endpoint":
            _refuse_while_in_progress(document)
            self._servers.pop(document["EndpointName"], None)
        del self._stores[kind][request[f"{kind}Name"].lower()]
        return {}

    def _find(self, kind: str, name: str) -> Document:
        document = self._stores[kind].get(name.lower())
        if document is None:
            arn = self.arn(kind, name)
            raise SageMakerError(f'Could not find {_words(kind)} "{arn}".')
        return document

    def _load_variants(self, config: str) -> Iterator[tuple[str, ModelServer]]:
        for variant in self._find("EndpointConfig", config)["ProductionVariants"]:
            yield variant["VariantName"], self._server(variant["ModelName"])

    def _server(self, model: str) -> ModelServer:
        container = _container(self._find("Model", model))
        archive = self._read_archive(container["ModelDataUrl"])
        return ModelServer(archive, container.get("Environment", {}))

    def _read_archive(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        archive = self._objects.read(bucket, key)
        if archive is None or not key.endswith(".tar.gz"):
            raise ModelError(
                f"Could not find model data at {url}. Please ensure that the role exists "
                "and has permission to read it, and that it is a .tar.gz."
            )
        return archive


def _container(model: Document) -> Document:
    """Return the container that answers; of an inference pipeline, only the first is emulated."""
    found: Document = (model.get("Containers") or [model.get("PrimaryContainer", {})])[0]
    if "ModelDataUrl" not in found:
        raise ModelError(f"The model {model['ModelName']} has no container with a ModelDataUrl.")
    return found


def _refuse_while_in_progress(endpoint: Document) -> None:
    if endpoint["EndpointStatus"] in ("Creating", "Updating"):
        raise SageMakerError(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')


def _words(kind: str) -> str:
    return {"Model": "model", "EndpointConfig": "endpoint configuration"}.get(kind, "endpoint")


def _summary(variant: Document) -> Document:
    count, weight = variant.get("InitialInstanceCount", 1), variant.get("InitialVariantWeight", 1.0)
    return {
        "VariantName": variant["VariantName"],
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        "CurrentWeight": weight,
        "DesiredWeight": weight,
    }
