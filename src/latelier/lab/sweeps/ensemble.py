"""The executor that trains variants of one shape as one stacked model, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from latelier.config.errors import LatelierError
from latelier.data import Dataset
from latelier.lab.execute import Recording, recording
from latelier.lab.launch import Opened, open_to_train, read_config
from latelier.lab.prepare import load_data
from latelier.lab.queued import tell_failure
from latelier.lab.sweeps.executor import ExecutorOptions, Work
from latelier.runs import RunRecord
from latelier.training import Session, execution, random_state, shielded, train
from latelier.training.determinism import seed_everything
from latelier.training.ensemble import ApartError, Member, shape_of, train_together, unstackable


@dataclass(eq=False)
class _Variant:
    """A run on its way through the ensemble."""

    record: RunRecord
    opened: Opened
    context: AbstractContextManager[Recording] | None = None
    it: Recording | None = None

    @property
    def session(self) -> Session:
        """The run in memory."""
        return self.opened.session


class EnsembleExecutor:
    """Trains runs that differ only in numbers together; what cannot be stacked, one by one.

    Each run has an owner, a record and an end of its own; see `latelier.training.ensemble`.

    Args:
        options: Reads ``allow_code``.
    """

    def __init__(self, options: ExecutorOptions) -> None:
        self._allow_code = options.allow_code
        self._datasets: dict[str, Dataset] = {}

    def carry_out(self, work: Work) -> None:
        """See `Executor.carry_out`. ``max_workers`` bounds the members of one stack."""
        variants = [found for r in work.records if (found := self._open(r, work)) is not None]
        for group in _groups(variants, work):
            if work.stop():
                return
            _Group(group, work).carry_out()

    def _open(self, record: RunRecord, work: Work) -> _Variant | None:
        """Build a run's session; what does not fit is said in the run's own record."""
        try:
            config = read_config(record)
            key = f"{config.seed} {config.data.model_dump_json()}"
            if key not in self._datasets:
                self._datasets[key] = load_data(config)
            opened = open_to_train(record, dataset=self._datasets[key], allow_code=self._allow_code)
            opened.keep_points(record)
        except LatelierError as error:
            tell_failure(record, error)
            work.ended(record)
            return None
        return _Variant(record, opened)


def _groups(variants: Sequence[_Variant], work: Work) -> Iterator[list[_Variant]]:
    """Yield the variants that train together, in the order of their first ones."""
    groups: dict[str, list[_Variant]] = {}
    for variant in variants:
        reason = unstackable(variant.session)
        if reason is not None:
            work.say(f"{variant.record.id} trains by itself: {reason}")
        key = variant.record.id if reason is not None else shape_of(variant.session)
        groups.setdefault(key, []).append(variant)
    for group in groups.values():
        size = work.max_workers or len(group)
        for begin in range(0, len(group), size):
            yield group[begin : begin + size]


@dataclass(eq=False)
class _Group:
    """Variants that train together."""

    variants: list[_Variant]
    work: Work
    _of: dict[int, _Variant] = field(init=False, default_factory=dict)

    def carry_out(self) -> None:
        """Train them, each under its own recording, until all have ended."""
        first = self.variants[0].session
        with execution(first.config.training, first.threads, first.config.seed), self._closing():
            members = [m for variant in self.variants if (m := self._begin(variant)) is not None]
            if not members:
                return
            try:
                train_together(members, self._ended, self.work.tick)
            except ApartError as error:
                self.work.say(f"{len(members)} variants train one after another: {error}")
                for member in members:
                    self._train_alone(member)

    def _begin(self, variant: _Variant) -> Member | None:
        """Own a run, and bring it to where it begins or goes on."""
        variant.context = recording(
            variant.record,
            variant.session,
            resume_from=variant.opened.checkpoint,
            stop=self.work.stop,
        )
        try:
            variant.it = variant.context.__enter__()
        except LatelierError as error:  # somebody else owns it
            variant.context = None
            self.work.say(f"{variant.record.id} was left alone: {error}")
            self.work.ended(variant.record)
            return None
        self._of[id(variant.session)] = variant
        try:
            with shielded():
                seed_everything(variant.session.config.seed)
                variant.it.restore()
                state = random_state()
                variant.it.open()
        except Exception as error:
            self._end(variant, error)
            return None
        return Member(variant.session, state)

    def _train_alone(self, member: Member) -> None:
        outcome: str | Exception
        with member.awake():
            try:
                outcome = train(member.session)
            except Exception as error:
                outcome = error
            self._ended(member.session, outcome)

    def _ended(self, session: Session, outcome: str | Exception) -> None:
        variant = self._of[id(session)]
        assert variant.it is not None
        if isinstance(outcome, str):
            try:
                variant.it.finish(outcome)
            except Exception as error:
                outcome = error
        self._end(variant, outcome if isinstance(outcome, Exception) else None)

    def _end(self, variant: _Variant, error: BaseException | None) -> None:
        """Let go of a run; its recording writes down what went wrong with it."""
        context, variant.context = variant.context, None
        assert context is not None
        try:
            context.__exit__(type(error) if error else None, error, None)
        except Exception as raised:
            if raised is not error:
                self.work.say(f"{variant.record.id}: {raised}")
        if not isinstance(error, KeyboardInterrupt):
            self.work.ended(variant.record)

    @contextmanager
    def _closing(self) -> Iterator[None]:
        """Whatever interrupts the group: every run that is still owned says so in its record."""
        try:
            yield
        except BaseException as error:
            for variant in self.variants:
                if variant.context is not None:
                    try:
                        self._end(variant, error)
                    except KeyboardInterrupt:
                        continue
            raise
