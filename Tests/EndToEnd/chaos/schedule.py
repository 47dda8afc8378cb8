"""Which faults come in which order: drawn from a seed, and from nothing else."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from .catalogue import FAULTS, Fault

_TWO_AT_ONCE = 0.25


@dataclass(frozen=True)
class Step:
    """One or two faults at once. `draw` gives each its details, independent of how long earlier steps took."""
    number: int
    faults: tuple[Fault, ...]
    draws: tuple[random.Random, ...]

    @property
    def title(self) -> str:
        return " + ".join(fault.name for fault in self.faults)

    @property
    def erases(self) -> bool:
        return any(fault.erases for fault in self.faults)


def shuffled(seed: int) -> Iterator[Step]:
    """Endless. Faults come from a shuffled deck, so that each comes up before the deck is shuffled again."""
    dice = random.Random(seed)
    deck: list[Fault] = []
    number = 0
    while True:
        number += 1
        if not deck:
            deck = _deck(dice)
        faults = [deck.pop()]
        if dice.random() < _TWO_AT_ONCE:
            second = next((fault for fault in deck if not fault.touches & faults[0].touches), None)
            if second:
                deck.remove(second)
                faults.append(second)
        yield _step(seed, number, tuple(faults))


def one_of_each(seed: int) -> Iterator[Step]:
    """Every fault once, alone, in the order of the catalogue: for measuring."""
    for number, fault in enumerate(FAULTS, 1):
        yield _step(seed, number, (fault,))


def _deck(dice: random.Random) -> list[Fault]:
    deck = [fault for fault in FAULTS for _ in range(fault.often)]
    dice.shuffle(deck)
    return deck


def _step(seed: int, number: int, faults: tuple[Fault, ...]) -> Step:
    return Step(number, faults, tuple(random.Random(f"{seed}/{number}/{index}") for index in range(len(faults))))
