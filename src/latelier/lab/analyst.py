"""The analyst opens a recorded run at any of its checkpoints; nothing is trained or copied."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from latelier.config import ConfigError, RunConfig, RunError
from latelier.lab.chain import Chain
from latelier.lab.kinds import checkpointed
from latelier.lab.moment import Keys, Maker, Moment, Product
from latelier.lab.points import Points
from latelier.runs import RunRecord
from latelier.training import Session, execution, load_model, load_task, read_header

if TYPE_CHECKING:
    from latelier.lab.prepare import Model

__all__ = ["Analyst", "Keys", "Maker", "Moment", "Product"]


class Analyst:
    """A recorded run in memory, with the weights of one checkpoint at a time.

    Args:
        record: The run.
        session: The run in memory.

    Attributes:
        chain: Makes what artifacts need, and the artifacts.
    """

    def __init__(self, record: RunRecord, session: Session) -> None:
        self.record, self._session = record, session
        self._loaded: tuple[int, str] | None = None
        self.chain = Chain(record, lambda: self)

    @classmethod
    def open(
        cls,
        record: RunRecord,
        *,
        data: object = None,
        model: Model | None = None,
        allow_code: bool = False,
    ) -> Analyst:
        """Prepare a run once; its moments then cost no more than loading weights.

        Args:
            record: A run with a checkpoint.
            data: The data, if it was given from Python.
            model: The model, if its networks are your own; it is copied, not changed.
            allow_code: Import and call the networks that the run's config names, if it names any.

        Raises:
            RunError: If it has no checkpoint, its data or configuration have changed, or they were
                given from Python and are not given again.
        """
        from latelier.lab.launch import prepare_recorded, read_config
        from latelier.lab.prepare import given_model

        there = checkpointed(record)
        if not there:
            raise no_checkpoint(record, "any", there)
        header = read_header(record.path_of("checkpoint", epoch=there[-1]).parent)
        config = read_config(record)
        try:
            if model is not None:
                model = given_model(copy.deepcopy(model), config=config)
            session = prepare_recorded(
                record,
                config,
                data=data,
                model=model,
                threads=header["threads"],
                allow_code=allow_code,
            )
        except ConfigError as error:
            raise _from_python(record, config, data, model, error) from error
        return cls(record, session)

    def epoch_of(self, epoch: int | Literal["latest"]) -> int:
        """Return an epoch that has a checkpoint.

        Raises:
            RunError: If it has none; the message lists those that do.
        """
        there = checkpointed(self.record)
        if epoch == "latest" and there:
            return there[-1]
        if epoch not in there:
            raise no_checkpoint(self.record, epoch, there)
        return int(epoch)

    def at(self, epoch: int | Literal["latest"]) -> Moment:
        """Return the run at the end of an epoch.

        Its model is this analyst's, which takes up the weights when they are asked for.

        Raises:
            RunError: If the epoch has no checkpoint, or a damaged one.
        """
        epoch = self.epoch_of(epoch)
        header = read_header(self.record.path_of("checkpoint", epoch=epoch).parent)
        return Moment(
            self.record,
            self._session,
            keys={"epoch": epoch},
            step=int(header["step"]),
            digest=str(header["digest"]),
            points=self._points,
            ready=lambda: self._load(epoch, header),
            make=lambda kind: self.chain.make(kind, epoch),
        )

    @contextmanager
    def executing(self) -> Iterator[None]:
        """Compute as the run does: its threads, its strictness; generators are put back."""
        session = self._session
        with execution(session.config.training, session.threads, session.config.seed):
            yield

    @cached_property
    def _points(self) -> Points:
        return Points.of(self._session)

    def _load(self, epoch: int, header: Mapping[str, Any]) -> None:
        which = (epoch, str(header["digest"]))
        if self._loaded == which:
            return
        self._loaded = None
        folder = self.record.path_of("checkpoint", epoch=epoch).parent
        load_model(self._session.model, folder, dict(header))
        load_task(self._session, folder, dict(header))
        self._session.clock.go_to(int(header["step"]), int(header["epoch"]))
        self._loaded = which


def chain_of(
    record: RunRecord,
    analyst: Analyst | None = None,
    *,
    data: object = None,
    model: Model | None = None,
    allow_code: bool = False,
) -> Chain:
    """Return a chain that opens the run when the model is needed, and not before.

    Args:
        record: The run.
        analyst: The run in memory, where it is at hand.
        data: See `Analyst.open`.
        model: See `Analyst.open`.
        allow_code: See `Analyst.open`.
    """
    if analyst is not None:
        return Chain(record, lambda: analyst)
    opened: list[Analyst] = []

    def opening() -> Analyst:
        """Give the analyst, who is made when first asked for."""
        if not opened:
            opened.append(Analyst.open(record, data=data, model=model, allow_code=allow_code))
        return opened[0]

    return Chain(record, opening)


def no_checkpoint(record: RunRecord, epoch: object, there: tuple[int, ...]) -> RunError:
    """Say that an epoch has no checkpoint, and which ones do."""
    return RunError(
        f"run {record.id} has no checkpoint of that epoch",
        got=epoch,
        expected=f"one of {', '.join(map(str, there))}" if there else "a run with checkpoints",
        remedy=None if there else "Train it, or wait for its first checkpoint.",
    )


def _from_python(
    record: RunRecord,
    config: RunConfig,
    data: object,
    model: Model | None,
    error: ConfigError,
) -> ConfigError | RunError:
    """Say what has to be given again; the error as it is where that is not the reason."""
    needed = []
    if model is None and getattr(getattr(config.model, "net", None), "kind", None) == "custom":
        needed.append("model")
    if data is None and config.data.dataset == "given":
        needed.append("data")
    if not needed:
        return error
    return RunError(
        f"the {' and '.join(needed)} of run {record.id} came from Python and cannot be made again",
        got=str(error),
        expected="what the run was started with",
        remedy="Pass " + " and ".join(f"{name}=…" for name in needed) + " from Python: "
        f"Analyst.open(record, {', '.join(f'{name}=…' for name in needed)}).",
    )
