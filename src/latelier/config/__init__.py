"""The configuration of a run: schema, loading, presets, and the errors of Latelier. No torch.

The errors are here at once. The rest is loaded when first used: the schema takes a tenth of a
second, and listing runs does without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from latelier.config.errors import (
    ConfigError,
    DataError,
    LatelierError,
    NonFiniteObjectiveError,
    NonFiniteWeightsError,
    Problem,
    RunBusyError,
    RunCancelled,
    RunError,
    RunNotFoundError,
    ShapeError,
    TrainingError,
)

if TYPE_CHECKING:
    from latelier.config.data import AugmentConfig, DataConfig
    from latelier.config.dopesheet import read_dopesheet_rows
    from latelier.config.loading import config_json_schema, load_config
    from latelier.config.models import (
        Activation,
        AdaGVAEModel,
        AdaGVAEObjective,
        AEModel,
        AEObjective,
        BetaTCVAEModel,
        BetaTCVAEObjective,
        BetaVAEModel,
        BetaVAEObjective,
        ConvNet,
        CustomNet,
        DenoisingAEModel,
        DenoisingAEObjective,
        DIPVAEModel,
        DIPVAEObjective,
        FactorVAEModel,
        FactorVAEObjective,
        GMVAEModel,
        GMVAEObjective,
        InfoVAEModel,
        InfoVAEObjective,
        IWAEModel,
        IWAEObjective,
        Likelihood,
        LikelihoodSection,
        MLPNet,
        ModelConfig,
        ModelSection,
        ModuleModel,
        ModuleObjective,
        NetConfig,
        ObjectiveConfig,
        ObjectiveSection,
        Reduction,
        SparseAEModel,
        SparseAEObjective,
        SupervisedAEModel,
        SupervisedAEObjective,
        VAEModel,
        VAEObjective,
        VampVAEModel,
        VampVAEObjective,
        VariationalSection,
        VQVAEModel,
        VQVAEObjective,
        WAEMMDModel,
        WAEMMDObjective,
    )
    from latelier.config.overrides import apply_overrides
    from latelier.config.preset import Preset, find_preset, presets
    from latelier.config.schema import (
        DEFAULT_EPOCHS,
        AnalysisConfig,
        Cell,
        CheckpointConfig,
        RunConfig,
        ScheduleConfig,
        TrainingConfig,
    )

__all__ = [
    "DEFAULT_EPOCHS",
    "AEModel",
    "AEObjective",
    "Activation",
    "AdaGVAEModel",
    "AdaGVAEObjective",
    "AnalysisConfig",
    "AugmentConfig",
    "BetaTCVAEModel",
    "BetaTCVAEObjective",
    "BetaVAEModel",
    "BetaVAEObjective",
    "Cell",
    "CheckpointConfig",
    "ConfigError",
    "ConvNet",
    "CustomNet",
    "DIPVAEModel",
    "DIPVAEObjective",
    "DataConfig",
    "DataError",
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
    "LatelierError",
    "Likelihood",
    "LikelihoodSection",
    "MLPNet",
    "ModelConfig",
    "ModelSection",
    "ModuleModel",
    "ModuleObjective",
    "NetConfig",
    "NonFiniteObjectiveError",
    "NonFiniteWeightsError",
    "ObjectiveConfig",
    "ObjectiveSection",
    "Preset",
    "Problem",
    "Reduction",
    "RunBusyError",
    "RunCancelled",
    "RunConfig",
    "RunError",
    "RunNotFoundError",
    "ScheduleConfig",
    "ShapeError",
    "SparseAEModel",
    "SparseAEObjective",
    "SupervisedAEModel",
    "SupervisedAEObjective",
    "TrainingConfig",
    "TrainingError",
    "VAEModel",
    "VAEObjective",
    "VQVAEModel",
    "VQVAEObjective",
    "VampVAEModel",
    "VampVAEObjective",
    "VariationalSection",
    "WAEMMDModel",
    "WAEMMDObjective",
    "apply_overrides",
    "config_json_schema",
    "find_preset",
    "load_config",
    "presets",
    "read_dopesheet_rows",
]

_PARTS = ("preset", "dopesheet", "overrides", "models", "data", "schema", "loading")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for part in _PARTS:
            module = import_module(f"{__name__}.{part}")
            if hasattr(module, name):
                globals()[name] = getattr(module, name)
                return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
