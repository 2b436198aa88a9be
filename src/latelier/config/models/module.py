"""Configuration of a module of the user's own, trained on a loss function of the user's own.

Both are code. What is stored are their names, so that people know what they look at; a run of this
kind goes on only from Python, where module and loss are given again.
"""

from __future__ import annotations

from typing import Literal

from latelier.config.base import Frozen, setting
from latelier.config.models.nets import CustomNet
from latelier.config.models.sections import ModelSection


class ModuleModel(ModelSection):
    """Any `torch.nn.Module`, given from Python."""

    kind: Literal["module"] = "module"
    module: str = setting("", "Where the module's class is defined, as 'package.module:Class'.")
    latent_dim: int = setting(
        0,
        "Size D of what encode returns; measured when the module is first run.",
        unit="dimensions",
        ge=0,
        le=65536,
    )
    net: CustomNet = setting(
        CustomNet(), "How latents are had and decoded: names of an attribute or a function."
    )


class ModuleObjective(Frozen):
    """Whatever the user's loss function returns."""

    kind: Literal["module"] = "module"
    loss: str = setting("", "Where the loss function is defined, as 'package.module:function'.")
