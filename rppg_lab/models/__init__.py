"""The networks, by name, and their weights in files."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch
from torch import nn

from rppg_lab.folders import replacing
from rppg_lab.models.physnet import PhysNet

MODELS = {PhysNet.name: PhysNet}
WEIGHTS_FORMAT = "rppg-lab weights 1"


def get_model(name: str, **settings: Any) -> nn.Module:
    """A new network of this name, e.g. get_model("physnet", width=32).

    Raises NotImplementedError, naming the valid ones, for a name that is not known.
    """
    if name not in MODELS:
        raise NotImplementedError(f"there is no model {name!r}: choose one of {', '.join(sorted(MODELS))}")
    return MODELS[name](**settings)


def shipped_weights(name: str = "physnet_wide") -> Path:
    """Weights that come with the package, for `load_weights`; docs/model_card.md says what they can do.

    "physnet_wide" is trained by lesson 14's recipe, on people in places of every kind; "physnet_lab" by lesson 11's, on
    people of one place.

    Raises ValueError for an unknown name.
    """
    folder = Path(__file__).parents[1] / "weights"
    path = folder / f"{name}.pt"
    if not path.is_file():
        raise ValueError(f"there are no weights {name!r}; there are: {', '.join(p.stem for p in folder.glob('*.pt'))}")
    return path


def save_weights(path: str | Path, model: nn.Module, about: dict[str, Any] | None = None) -> Path:
    """Write the model's weights, with what is needed to build and to use it; an older file stays whole until replaced.

    about: primitives only (how it was trained, what input it takes); comes back as `load_weights(path).about`.
    """
    path = Path(path)
    content = {
        "format": WEIGHTS_FORMAT,
        "model": model_name(model),
        "settings": dict(getattr(model, "settings", {})),
        "about": dict(about or {}),
        "weights": model.state_dict(),
    }
    with replacing(path) as temporary:
        torch.save(content, temporary)
    return path


def load_weights(path: str | Path, model: nn.Module | None = None) -> nn.Module:
    """The network in this file, in evaluation mode; its attribute `about` says what was saved with it.

    model: fill this network instead of building one (for a class that is not in `MODELS`).
    Nothing in the file is executed. Raises FileNotFoundError, or ValueError for a file that is not one of weights, that
    holds another model's, or that would run code.
    """
    path = Path(path)
    content = read_tensors(path, WEIGHTS_FORMAT)
    if missing := {"model", "settings", "weights", "about"} - set(content):
        raise ValueError(f"{path} is no complete file of weights: {', '.join(sorted(missing))} missing")
    if model is None:
        if content["model"] not in MODELS:
            raise ValueError(
                f"{path} holds weights of {content['model']!r}, which is none of {', '.join(sorted(MODELS))}"
            )
        try:
            model = get_model(content["model"], **content["settings"])
        except TypeError as error:
            raise ValueError(f"{path} holds a network that this version of the course cannot build: {error}") from error
    elif model_name(model) != content["model"] or getattr(model, "settings", {}) != content["settings"]:
        raise ValueError(
            f"{path} holds weights of {_described(content['model'], content['settings'])}; they do not fit "
            f"{_described(model_name(model), getattr(model, 'settings', {}))}"
        )
    try:
        model.load_state_dict(content["weights"])
    except RuntimeError as error:
        raise ValueError(f"{path} does not fit {_described(content['model'], content['settings'])}: {error}") from error
    model.about = content["about"]
    return model.eval()


def read_tensors(path: str | Path, expected_format: str) -> dict[str, Any]:
    """Load a file of tensors and primitives without executing anything in it, and check that it is of this format.

    Raises FileNotFoundError or ValueError saying what is wrong with the file.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no file {path}: train first, or check the path")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} was refused: it is not a plain file of tensors, and loading it could run code hidden in it. "
            "Only load weights saved by rppg_lab."
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read (truncated, or not written by torch.save): {error}") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != expected_format:
        raise ValueError(f"{path} is not a file of {expected_format!r}" + (f" but of {found!r}" if found else ""))
    return content


def model_name(model: nn.Module) -> str:
    """The name `get_model` knows the model by; for one it does not know, the name of its class."""
    return str(getattr(model, "name", type(model).__name__))


def _described(name: str, settings: dict[str, Any]) -> str:
    return f"{name}({', '.join(f'{key}={value}' for key, value in settings.items())})"
