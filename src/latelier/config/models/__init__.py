"""Configuration of models, their networks and their objectives; one pair of classes per kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from latelier.config.models.autoencoders import (
    AEModel,
    AEObjective,
    DenoisingAEModel,
    DenoisingAEObjective,
    SparseAEModel,
    SparseAEObjective,
    SupervisedAEModel,
    SupervisedAEObjective,
    WAEMMDModel,
    WAEMMDObjective,
)
from latelier.config.models.mixture import (
    GMVAEModel,
    GMVAEObjective,
)
from latelier.config.models.module import ModuleModel, ModuleObjective
from latelier.config.models.nets import Activation, ConvNet, CustomNet, MLPNet, NetConfig
from latelier.config.models.quantized import (
    VQVAEModel,
    VQVAEObjective,
)
from latelier.config.models.sections import (
    Likelihood,
    LikelihoodSection,
    ModelSection,
    ObjectiveSection,
    Reduction,
)
from latelier.config.models.variational import (
    AdaGVAEModel,
    AdaGVAEObjective,
    BetaTCVAEModel,
    BetaTCVAEObjective,
    BetaVAEModel,
    BetaVAEObjective,
    DIPVAEModel,
    DIPVAEObjective,
    FactorVAEModel,
    FactorVAEObjective,
    InfoVAEModel,
    InfoVAEObjective,
    IWAEModel,
    IWAEObjective,
    VAEModel,
    VAEObjective,
    VampVAEModel,
    VampVAEObjective,
    VariationalSection,
)

ModelConfig = Annotated[
    AEModel
    | VAEModel
    | SupervisedAEModel
    | GMVAEModel
    | SparseAEModel
    | DenoisingAEModel
    | WAEMMDModel
    | BetaVAEModel
    | BetaTCVAEModel
    | FactorVAEModel
    | DIPVAEModel
    | InfoVAEModel
    | IWAEModel
    | VampVAEModel
    | VQVAEModel
    | AdaGVAEModel
    | ModuleModel,
    Field(discriminator="kind"),
]
ObjectiveConfig = Annotated[
    AEObjective
    | VAEObjective
    | SupervisedAEObjective
    | GMVAEObjective
    | SparseAEObjective
    | DenoisingAEObjective
    | WAEMMDObjective
    | BetaVAEObjective
    | BetaTCVAEObjective
    | FactorVAEObjective
    | DIPVAEObjective
    | InfoVAEObjective
    | IWAEObjective
    | VampVAEObjective
    | VQVAEObjective
    | AdaGVAEObjective
    | ModuleObjective,
    Field(discriminator="kind"),
]
MODEL_KINDS = (
    "ae",
    "vae",
    "supervised-ae",
    "gmvae",
    "sparse-ae",
    "denoising-ae",
    "wae-mmd",
    "beta-vae",
    "beta-tcvae",
    "factor-vae",
    "dip-vae",
    "info-vae",
    "iwae",
    "vamp-vae",
    "vq-vae",
    "adagvae",
    "module",
)

__all__ = [
    "MODEL_KINDS",
    "AEModel",
    "AEObjective",
    "Activation",
    "AdaGVAEModel",
    "AdaGVAEObjective",
    "BetaTCVAEModel",
    "BetaTCVAEObjective",
    "BetaVAEModel",
    "BetaVAEObjective",
    "ConvNet",
    "CustomNet",
    "DIPVAEModel",
    "DIPVAEObjective",
    "DenoisingAEModel",
    "DenoisingAEObjective",
    "FactorVAEModel",
    "FactorVAEObjective",
    "GMVAEModel",
    "GMVAEObjective",
    "IWAEModel",
    "IWAEObjective",
    "InfoVAEModel",
    "InfoVAEObjective",
    "Likelihood",
    "LikelihoodSection",
    "MLPNet",
    "ModelConfig",
    "ModelSection",
    "ModuleModel",
    "ModuleObjective",
    "NetConfig",
    "ObjectiveConfig",
    "ObjectiveSection",
    "Reduction",
    "SparseAEModel",
    "SparseAEObjective",
    "SupervisedAEModel",
    "SupervisedAEObjective",
    "VAEModel",
    "VAEObjective",
    "VQVAEModel",
    "VQVAEObjective",
    "VampVAEModel",
    "VampVAEObjective",
    "VariationalSection",
    "WAEMMDModel",
    "WAEMMDObjective",
]
