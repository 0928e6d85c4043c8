"""Which request gets which answer."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from feedback import feedback
from observation import Observation
from page import page
from predict import predict
from problems import Problem
from reply import Reply
from service import Service
from uploads import uploads


def health(_: Mapping[str, Any], __: Service, ___: Observation) -> Reply:
    return Reply({"status": "alive"})


def model(_: Mapping[str, Any], service: Service, __: Observation) -> Reply:
    release = service.release
    brands = [{"brand": brand, "name": release.names[brand]} for brand in release.brands]
    return Reply({"brands": brands, "extractor": release.extractor, "metrics": release.metrics})


def description(_: Mapping[str, Any], service: Service, __: Observation) -> Reply:
    # Loaded here: only who asks for it waits for it.
    from openapi import document

    return Reply(json.dumps(document(service.release), ensure_ascii=False) + "\n")


def root(_: Mapping[str, Any], __: Service, ___: Observation) -> Reply:
    return page()


Route = Callable[[Mapping[str, Any], Service, Observation], Reply]
ROUTES: dict[str, dict[str, Route]] = {
    "/": {"GET": root},
    "/v1/predict": {"POST": predict},
    "/v1/uploads": {"POST": uploads},
    "/v1/feedback": {"POST": feedback},
    "/v1/openapi.json": {"GET": description},
    "/v1/health": {"GET": health},
    "/v1/model": {"GET": model},
}


def route(event: Mapping[str, Any]) -> Route:
    """Return what answers a request.

    Raises
    ------
    Problem
        Nothing is at its path, or the path has no such method.
    """
    methods = ROUTES.get(event["path"])
    if methods is None:
        raise Problem("not-found", f"The paths are: {', '.join(ROUTES)}.")
    method = event["httpMethod"]
    answer = methods.get("GET" if method == "HEAD" else method)
    if answer is None:
        allowed = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
        raise Problem("method-not-allowed", f"Use {allowed}.", headers={"Allow": allowed})
    return answer
