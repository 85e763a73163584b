"""What text, bodies, words and a model add to finding a change; how fast it is; and the numbers of `likeness.json`.

python bench/language.py pairs REPOSITORY…           find the commit of a changelog fragment (towncrier)
python bench/language.py pairs --model minilm …      with an embedding model too
python bench/language.py links --fit OUT --model minilm REPOSITORY… --test REPOSITORY   fit on changes that name others
python bench/language.py speed                       the index of 50,000 titles
python bench/language.py embeddings REPOSITORY       texts per second, against plain ONNX Runtime
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from language_likeness import fit_likeness, judgement
from language_links import ask, find_links
from language_pairs import BadInput, among_answers, read
from language_scores import Embed, Matrix, differs, fit, ranks, signals
from language_speed import embeddings

from bot.ml.embeddings import Embedder
from bot.ml.likeness import FLOOR, NAMES
from bot.ml.text import build, load
from bot.storage import data_dir

# What is fitted, and the signals that it does without.
_LEFT_OUT = (("without_model", ("meaning",)), ("with_model", ()))


def pairs(repositories: Sequence[Path], embed: Embed | None, *, first_parent: bool, among: bool) -> None:
    """Print a table per repository. The weights of the last row are fitted on all other repositories."""
    known = {}
    for repository in repositories:
        commits, found = read(repository, first_parent=first_parent)
        if among:
            commits, found = among_answers(commits, found)
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


def links(fitted: Sequence[Path], tested: Sequence[Path], most: int, out: Path | None, model: str) -> None:
    """Fit the likeness on changes that name an earlier change, and judge it on other repositories."""
    embedder, folder = Embedder(model, data_dir(os.environ)), data_dir(os.environ)
    asked = {one: ask(one, most, embedder, folder / f"{one.name}.vectors") for one in (*fitted, *tested)}
    used = [one for repository in fitted for one in asked[repository]]
    print(f"fitted on {len(used)} changes")
    numbers = {}
    for name, left_out in _LEFT_OUT[: 2 if model else 1]:
        chosen = [signal for signal in NAMES if signal not in left_out]
        weights, bias = fit_likeness(used, chosen)
        numbers[name] = {"bias": round(bias, 3), "weights": dict.fromkeys(NAMES, 0.0) | weights}
        print(f"\n{name}: " + ", ".join(f"{one} {weight:.2f}" for one, weight in weights.items()))
        for repository in (*tested, None):
            judged = asked[repository] if repository else used
            print(f"  {repository or 'the repositories of the fit'}: {judgement(judged, weights, bias, FLOOR)}")
    if out is not None:
        out.write_text(json.dumps(numbers, indent=1) + "\n")


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
    one.add_argument(
        "--among-answers", action="store_true", help="candidates are only commits that a fragment describes"
    )
    two = modes.add_parser("links", help="fit the likeness of changes")
    two.add_argument("repositories", nargs="+", type=Path, help="bare repositories to fit on")
    two.add_argument("--test", action="append", default=[], type=Path, help="a bare repository to judge on")
    two.add_argument("--most", type=int, default=250, help="changes per repository")
    two.add_argument("--model", default="", help="fit and judge with an embedding model too")
    two.add_argument("--fit", type=Path, help="write the numbers here")
    three = modes.add_parser("speed", help="time of a query")
    three.add_argument("--texts", type=int, default=50_000)
    four = modes.add_parser("embeddings", help="texts per second, against plain ONNX Runtime")
    four.add_argument("repository", type=Path, help="its titles are embedded")
    four.add_argument("--model", default="minilm")
    four.add_argument("--texts", type=int, default=2_000)
    given = parser.parse_args(arguments)
    try:
        if given.mode == "pairs":
            pairs(
                given.repositories,
                _embedder(given.model),
                first_parent=not given.all_commits,
                among=given.among_answers,
            )
        elif given.mode == "links":
            links(given.repositories, given.test, given.most, given.fit, given.model)
        elif given.mode == "embeddings":
            titles = find_links(given.repository, 1)[1][-given.texts :]
            embeddings(given.model, data_dir(os.environ), titles)
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
