"""What settings are made of: values as `-c name=value` gives them, text, and as code does."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field


def _no_truth(value: object) -> object:
    """Refuse true, which Python takes for the number 1."""
    if isinstance(value, bool):
        raise ValueError("it is a number")
    return value


# The empty text of `-c name=` is None, so that what a stage sets can be turned off.
Nothing = BeforeValidator(lambda value: None if value == "" else value)
# A million of anything is more than AWS gives.
Count = Annotated[int, BeforeValidator(_no_truth), Field(ge=1, le=1_000_000)]
Hour = Annotated[Annotated[int, BeforeValidator(_no_truth), Field(ge=0, le=23)] | None, Nothing]
# `-c name=value` gives text, which a Literal of numbers would not take for one of them.
FromText = BeforeValidator(lambda value: int(value) if str(value).isdecimal() else _no_truth(value))


def _listed(value: object) -> object:
    """Split what `-c name=a,b` gives."""
    if not isinstance(value, str):
        return value
    return tuple(value.split(",")) if value else ()


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return names


# A name becomes part of an output's name, which takes letters and digits alone.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,30}$")]
Names = Annotated[
    tuple[Name, ...], BeforeValidator(_listed), AfterValidator(_unique), Field(min_length=1)
]
# As a browser sends it: no path, no slash at the end.
Origin = Annotated[str, Field(pattern=r"^(\*|https?://[a-z0-9.-]+(:[0-9]+)?)$")]
Origins = Annotated[tuple[Origin, ...], BeforeValidator(_listed), AfterValidator(_unique)]
