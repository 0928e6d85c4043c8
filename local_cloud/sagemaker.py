"""SageMaker's control plane: models, endpoint configs and endpoints, in memory."""

import time
from collections.abc import Callable, Iterator

from local_cloud.api_description import Document, SageMakerError, check_request
from local_cloud.model_server import ModelError, ModelServer

# (bucket, key) -> the object, None where there is none
ReadObject = Callable[[str, str], bytes | None]


class SageMaker:
    """One account's and region's SageMaker; `call` takes and returns the API's documents."""

    def __init__(self, arn_prefix: str, read_object: ReadObject) -> None:
        self._arn_prefix = arn_prefix  # arn:aws:sagemaker:<region>:<account>
        self._read_object = read_object
        self._stores: dict[str, dict[str, Document]] = {
            "Model": {},
            "EndpointConfig": {},
            "Endpoint": {},
        }
        self._servers: dict[str, dict[str, ModelServer]] = {}  # endpoint -> variant -> server

    def call(self, operation: str, request: Document) -> Document:
        """Run one operation of the API.

        Raises
        ------
        SageMakerError
            As the service would answer.
        """
        check_request(operation, request)
        if operation == "UpdateEndpoint":
            return self._update_endpoint(request)
        for kind in ("EndpointConfig", "Endpoint", "Model"):
            for verb, run in (
                ("Create", self._create),
                ("Describe", self._describe),
                ("Delete", self._delete),
            ):
                if operation == verb + kind:
                    return run(kind, request)
            if operation == f"List{kind}s":
                return self._list(kind, request)
        raise SageMakerError(f"{operation} is not emulated here.", "UnknownOperationException")

    def start(self, name: str) -> Document:
        """Bring an endpoint that is being created or updated into service, or let it fail."""
        endpoint = self._find("Endpoint", name)
        wanted = endpoint.pop("_wanted")
        try:
            self._servers[name] = dict(self._load_variants(wanted))
        except ModelError as error:
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
        """Return what serves an endpoint by variant, nothing where it is not in service."""
        return self._servers.get(endpoint, {})

    def arn(self, kind: str, name: str) -> str:
        """Name a resource for the whole world."""
        slug = {"Model": "model", "EndpointConfig": "endpoint-config", "Endpoint": "endpoint"}[kind]
        return f"{self._arn_prefix}:{slug}/{name.lower()}"

    def _create(self, kind: str, request: Document) -> Document:
        name = request[f"{kind}Name"]
        if name in self._stores[kind]:
            arn = self.arn(kind, name)
            raise SageMakerError(f'Cannot create already existing {_words(kind)} "{arn}".')
        now = time.time()
        document = {**request, f"{kind}Arn": self.arn(kind, name), "CreationTime": now}
        if kind == "EndpointConfig":
            for variant in request["ProductionVariants"]:
                self._find("Model", variant["ModelName"])
        if kind == "Endpoint":
            self._find("EndpointConfig", request["EndpointConfigName"])
            document["_wanted"] = request["EndpointConfigName"]
            document |= {"EndpointStatus": "Creating", "LastModifiedTime": now}
        self._stores[kind][name] = document
        return {f"{kind}Arn": document[f"{kind}Arn"]}

    def _update_endpoint(self, request: Document) -> Document:
        endpoint = self._find("Endpoint", request["EndpointName"])
        self._find("EndpointConfig", request["EndpointConfigName"])
        if endpoint["EndpointStatus"] not in ("InService", "Failed"):
            raise SageMakerError(f'Cannot update in-progress endpoint "{endpoint["EndpointArn"]}".')
        endpoint |= {"EndpointStatus": "Updating", "_wanted": request["EndpointConfigName"]}
        return {"EndpointArn": endpoint["EndpointArn"]}

    def _describe(self, kind: str, request: Document) -> Document:
        document = self._find(kind, request[f"{kind}Name"])
        return {name: value for name, value in document.items() if name != "_wanted"}

    def _list(self, kind: str, request: Document) -> Document:
        """List all that match `NameContains`, the newest first, on one page."""
        part = request.get("NameContains", "").lower()
        members = [f"{kind}Name", f"{kind}Arn", "CreationTime", "LastModifiedTime"]
        members += ["EndpointStatus"] if kind == "Endpoint" else []
        found = [
            {member: document[member] for member in members if member in document}
            for name, document in reversed(self._stores[kind].items())
            if part in name.lower()
        ]
        return {f"{kind}s": found}

    def _delete(self, kind: str, request: Document) -> Document:
        name = request[f"{kind}Name"]
        self._find(kind, name)
        del self._stores[kind][name]
        if kind == "Endpoint":
            self._servers.pop(name, None)
        return {}

    def _find(self, kind: str, name: str) -> Document:
        document = self._stores[kind].get(name)
        if document is None:
            arn = self.arn(kind, name)
            raise SageMakerError(f'Could not find {_words(kind)} "{arn}".')
        return document

    def _load_variants(self, config: str) -> Iterator[tuple[str, ModelServer]]:
        for variant in self._find("EndpointConfig", config)["ProductionVariants"]:
            container = self._find("Model", variant["ModelName"])["PrimaryContainer"]
            url = container["ModelDataUrl"]
            bucket, _, key = url.removeprefix("s3://").partition("/")
            archive = self._read_object(bucket, key)
            if archive is None or not key.endswith(".tar.gz"):
                raise ModelError(
                    f"Could not find model data at {url}. Please ensure that the role exists "
                    "and has permission to read it, and that it is a .tar.gz."
                )
            yield variant["VariantName"], ModelServer(archive, container.get("Environment", {}))


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
