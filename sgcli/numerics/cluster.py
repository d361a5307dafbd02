"""Average-linkage clustering, with close leaves next to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tree:
    """A cluster: its leaves, ordered so that neighbours are close, and the two clusters it merges.

    ``height`` is the mean distance between the leaves of the two, 0 for a single leaf, and inf if a
    distance is infinite.
    """

    leaves: tuple[int, ...]
    height: float = 0.0
    children: tuple[Tree, ...] = ()

    def mirrored(self) -> Tree:
        """The tree with its leaves in reverse order."""
        children = tuple(child.mirrored() for child in reversed(self.children))
        return Tree(self.leaves[::-1], self.height, children)

    def merges(self) -> Iterator[Tree]:
        """Every subtree with children, this tree included; inner trees come first."""
        for child in self.children:
            yield from child.merges()
        if self.children:
            yield self


def cluster(distances: Sequence[Sequence[float]]) -> Tree:
    """Merge the two closest trees until one is left.

    ``distances`` is a symmetric matrix with at least one row.
    """
    trees = [Tree((i,)) for i in range(len(distances))]
    apart = [list(row) for row in distances]
    while len(trees) > 1:
        pairs = ((i, j) for j in range(len(trees)) for i in range(j))
        i, j = min(pairs, key=lambda pair: apart[pair[0]][pair[1]])
        n, m = len(trees[i].leaves), len(trees[j].leaves)
        means = [(n * x + m * y) / (n + m) for x, y in zip(apart[i], apart[j], strict=True)]
        merged = _merged(trees[i], trees[j], apart[i][j], distances)
        # The new tree replaces the first one, so that ties keep the order of the input.
        trees[i], apart[i] = merged, means
        for row, mean in zip(apart, means, strict=True):
            row[i] = mean
        del trees[j], apart[j]
        for row in apart:
            del row[j]
    return trees[0]


def _merged(a: Tree, b: Tree, height: float, distances: Sequence[Sequence[float]]) -> Tree:
    """The merged tree, each side oriented so that the two leaves in the middle are close."""
    left, right = min(
        ((x, y) for x in (a, a.mirrored()) for y in (b, b.mirrored())),
        key=lambda pair: distances[pair[0].leaves[-1]][pair[1].leaves[0]],
    )
    return Tree(left.leaves + right.leaves, height, (left, right))
