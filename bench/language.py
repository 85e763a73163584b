"""What text, bodies, words and a model add to finding a change; how fast it is; and the numbers of `likeness.json`.

python bench/language.py pairs REPOSITORY…           find the commit of a changelog fragment (towncrier)
python bench/language.py pairs --model minilm …      with an embedding model too
python bench/language.py links --fit OUT REPOSITORY… --test REPOSITORY   fit on changes that name earlier ones
python bench/language.py speed                       the index of 50,000 titles
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from language_links import Asked, ask
from language_pairs import BadInput, read
from language_scores import Embed, Matrix, differs, fit, ranks, signals
from sklearn.linear_model import LogisticRegression

from bot.ml.embeddings import Embedder
from bot.ml.likeness import NAMES
from bot.ml.text import build, load
from bot.storage import data_dir


def pairs(repositories: Sequence[Path], embed: Embed | None, *, first_parent: bool) -> None:
    """Print a table per repository. The weights of the last row are fitted on all other repositories."""
    known = {}
    for repository in repositories:
        commits, found = read(repository, first_parent=first_parent)
        known[repository] = (signals(commits, found, embed), found, differs(commits, found))
        print(f"{repository}: {len(commits):,} commits, {len(found)} pairs {known[repository][2].sum()} in other words")
    rows = [["subject"], ["subject", "body"], ["subject", "body", "words"]]
    if embed is not None:
        rows += [["meaning"], ["subject", "meaning"], ["subject", "body", "words", "meaning"]]
    for repository, (matrices, found, few) in known.items():
        print(f"\n{repository}\n{'':44} MRR   R@1   R@5 | where words differ")
        for names in rows:
            _print_row(" + ".join(names), ranks(np.sum([matrices[name] for name in names], axis=0), found), few)
        others = [(one[0], one[1]) for name, one in known.items() if name != repository]
        if others:
            weights = fit(others, rows[-1])
            total = np.sum([weight * matrices[name] for weight, name in zip(weights, rows[-1], strict=True)], axis=0)
            shown = ", ".join(f"{name} {weight:.2f}" for name, weight in zip(rows[-1], weights, strict=True))
            _print_row("all, weighted by logistic regression", ranks(total, found), few)
            print(f"{'':44} weights: {shown}")


def _print_row(
    name: str, rank: "np.ndarray[tuple[int], np.dtype[np.float64]]", few: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> None:
    cells = [
        f"{(1 / part).mean():.3f}  {(part <= 1).mean():.3f}  {(part <= 5).mean():.3f}" for part in (rank, rank[few])
    ]
    print(f"{name:42}  {' | '.join(cells)}")


def links(fitted: Sequence[Path], tested: Sequence[Path], most: int, out: Path | None, floor: float) -> None:
    """Fit the likeness on changes that name an earlier change, and judge it on other repositories."""
    asked = [one for repository in fitted for one in ask(repository, most)]
    rows = np.array([astuple(candidate.signals) for one in asked for candidate in one.found])
    right = np.array([right for one in asked for right in one.right])
    model = LogisticRegression(max_iter=1000).fit(rows, right)
    weights, bias = model.coef_[0], float(model.intercept_[0])
    print(f"fitted on {len(asked)} changes: " + ", ".join(f"{n} {w:.2f}" for n, w in zip(NAMES, weights, strict=True)))
    for repository in tested:
        _judge(repository, ask(repository, most), weights, bias, floor)
    if out is not None:
        numbers = {name: round(float(weight), 3) for name, weight in zip(NAMES, weights, strict=True)}
        out.write_text(json.dumps({"bias": round(bias, 3), "weights": numbers, "floor": floor}, indent=1) + "\n")


def _judge(
    repository: Path,
    asked: Sequence[Asked],
    weights: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    bias: float,
    floor: float,
) -> None:
    found, first = [], []
    for one in asked:
        odds = (
            np.array([astuple(candidate.signals) for candidate in one.found]).reshape(-1, len(NAMES)) @ weights + bias
        )
        order = np.argsort(-odds, kind="stable")
        right = [one.right[position] for position in order]
        found.append(1 / (1 + right.index(True)) if True in right else 0.0)
        first += [(1 / (1 + np.exp(-odds[order[0]])), right[0])] if len(order) else []
    above = [right for probability, right in first if probability >= floor]
    print(
        f"{repository}: {len(asked)} changes, MRR {np.mean(found):.3f}, R@1 {np.mean(np.array(found) == 1):.3f};",
        end=" ",
    )
    print(f"speaks in {len(above)}, and the author named the first in {sum(above)} of them")


def speed(texts: int) -> None:
    """Print how long an index of invented titles takes, and the memory of a process that asks it."""
    random = np.random.default_rng(0)
    words = [
        "".join(chr(97 + letter) for letter in random.integers(0, 26, random.integers(3, 11))) for _ in range(8_000)
    ]
    common = 1 / np.arange(1, len(words) + 1)
    drawn = random.choice(len(words), (texts, 9), p=common / common.sum())
    titles = [" ".join(words[word] for word in row) for row in drawn]
    with TemporaryDirectory() as folder:
        path = Path(folder, "texts")
        start = time.perf_counter()
        build(titles).save(path)
        print(
            f"built {texts:,} titles in {time.perf_counter() - start:.1f} s: {path.stat().st_size / 1e6:.0f} MB on disk"
        )
        index, taken = load(path), []
        for title in titles[:: texts // 100]:
            start = time.perf_counter()
            index.query(title, 20)
            taken.append(1000 * (time.perf_counter() - start))
    print(f"a query takes {np.median(taken):.0f} ms in the median, {max(taken):.0f} ms at most")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, building included")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the modes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    one = modes.add_parser("pairs", help="find the commit of a changelog fragment")
    one.add_argument("repositories", nargs="+", type=Path)
    one.add_argument("--model", default="", help="an embedding model, as EMBEDDING_MODEL names it")
    one.add_argument("--all-commits", action="store_true", help="candidates are all commits but merges")
    two = modes.add_parser("links", help="fit the likeness of changes")
    two.add_argument("repositories", nargs="+", type=Path, help="bare repositories to fit on")
    two.add_argument("--test", action="append", default=[], type=Path, help="a bare repository to judge on")
    two.add_argument("--most", type=int, default=250, help="changes per repository")
    two.add_argument("--floor", type=float, default=0.12)
    two.add_argument("--fit", type=Path, help="write the numbers here")
    three = modes.add_parser("speed", help="time of a query")
    three.add_argument("--texts", type=int, default=50_000)
    given = parser.parse_args(arguments)
    try:
        if given.mode == "pairs":
            pairs(given.repositories, _embedder(given.model), first_parent=not given.all_commits)
        elif given.mode == "links":
            links(given.repositories, given.test, given.most, given.fit, given.floor)
        else:
            speed(given.texts)
    except BadInput as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


def _embedder(name: str) -> Embed | None:
    """Return a function that embeds texts with the code of the app; None without a model."""
    if not name:
        return None
    embedder = Embedder(name, data_dir(os.environ))

    def embed(texts: Sequence[str]) -> Matrix:
        vectors = asyncio.run(embedder.embed(texts, data_dir(os.environ) / "embeddings.db"))
        if vectors is None:
            raise BadInput(f"the model {name} cannot be used; the line above says why")
        return vectors

    return embed


if __name__ == "__main__":
    sys.exit(main())
