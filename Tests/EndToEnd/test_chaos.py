"""The random schedule of `make chaos`, cut short: the same faults in the same order every time."""

from pathlib import Path

import pytest

from chaos.run import Run
from chaos.schedule import Step, shuffled

SEED = 164
STEPS = 6


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_short_random_schedule(martlet: Path, tmp_path: Path):
    run = Run(tmp_path, SEED)
    try:
        outcomes = await run.play(_first(STEPS))
    finally:
        run.close()
    assert len(outcomes) == STEPS


def test_a_seed_gives_one_schedule():
    def drawn(seed: int) -> list[tuple[str, float]]:
        return [(step.title, step.draws[0].random()) for _, step in zip(range(60), shuffled(seed))]
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_faults_at_once_touch_different_things():
    steps = _first(500)
    assert any(len(step.faults) == 2 for step in steps)
    for step in steps:
        assert sum(len(fault.touches) for fault in step.faults) == len({name for fault in step.faults
                                                                       for name in fault.touches}), step.title


def _first(count: int) -> list[Step]:
    return [step for _, step in zip(range(count), shuffled(SEED))]
