"""The command `predict`: a table for people, or a file with a row a photo."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_code.errors import RefusedPhotoError, UserError

if TYPE_CHECKING:
    from model_code.predict import Predictor

DEFAULT_RELEASE = Path("releases/latest")


def add_predict_command(commands: Any) -> None:
    """Add the command to what `ArgumentParser.add_subparsers` returned."""
    parser = commands.add_parser(
        "predict",
        help="ask a release on disk, an endpoint, or the API about photos",
        description="Tell the brand of photos. Where a photo lies in a folder with a brand's "
        "name, that is its actual brand, and the share of right answers is told. With --output "
        "any number of photos are answered, a row each; stopped and started again, it goes on.",
    )
    parser.add_argument("photos", nargs="+", help="photos, folders, or s3://bucket/prefix")
    parser.add_argument(
        "--release", type=Path, default=DEFAULT_RELEASE, help="release folder (releases/latest)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--endpoint", help="ask this SageMaker endpoint, CSV in, JSON out")
    where.add_argument("--url", help="ask the deployed API at this URL")
    where.add_argument(
        "--transform",
        metavar="STACK",
        help="let SageMaker Batch Transform answer, with the model of this deployed Service stack",
    )
    parser.add_argument(
        "--output", type=Path, help="write a row a photo to this .csv or .jsonl, or go on there"
    )
    parser.set_defaults(run=_predict)


def _predict(arguments: argparse.Namespace) -> int:
    if arguments.output:
        return _batch(arguments)
    if arguments.transform:
        raise UserError("A batch transform writes a file. Name it: --output answers.csv")
    return _table(arguments)


def _predictor(arguments: argparse.Namespace) -> "Predictor":
    from model_code import predict

    if arguments.url:
        return predict.by_api(arguments.url)
    if arguments.endpoint:
        from model_code.aws import client

        return predict.by_endpoint(
            arguments.release, arguments.endpoint, client("sagemaker-runtime")
        )
    return predict.by_release(arguments.release)


def _table(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from model_code.aws import client
    from model_code.photo_file import photo_files
    from model_code.prediction_table import prediction_table

    predictor = _predictor(arguments)
    photos = list(photo_files(arguments.photos, client))
    if not photos:
        raise UserError(f"There are no photos in {', '.join(arguments.photos)}.")
    predictions, refused = [], []
    for photo in photos:
        (outcome,) = predictor.predict([photo])
        if isinstance(outcome, RefusedPhotoError):
            refused.append(f"{photo.name}: {outcome}")
        else:
            predictions.append((Path(photo.name), outcome))
    if predictions:
        Console().print(prediction_table(predictions))
    for refusal in refused:
        print(f"error: {refusal}", file=sys.stderr)
    return 1 if refused else 0


def _batch(arguments: argparse.Namespace) -> int:
    from model_code.aws import client
    from model_code.batch.run import run
    from model_code.photo_file import photo_files

    output = arguments.output.resolve()

    def photos() -> Any:
        found = photo_files(arguments.photos, client)
        return (photo for photo in found if Path(photo.name).resolve() != output)

    if arguments.transform:
        from model_code.batch.transform import transform

        report = transform(photos, arguments.release, arguments.transform, arguments.output)
    else:
        report = run(photos, _predictor(arguments), arguments.output)
    print(report.text(arguments.output))
    return 1 if report.refused else 0
