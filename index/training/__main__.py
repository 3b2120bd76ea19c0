"""``python -m index.training --data FOLDER --out index/model``: the bundled encoder from its corpora."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from index.encoder import StaticEncoder
from index.records import MissingExtra, QAError
from index.training import export, initial, prepare
from index.training.batches import Mix, Sampler
from index.training.loop import Schedule, train
from index.training.measure import report
from index.training.vocabulary import Sizes


def run(
    data: Path,
    out: Path,
    work: Path,
    schedule: Schedule,
    sizes: Sizes,
    *,
    articles: int | None = None,
    threads: int = 2,
    name: str = "thai-static",
) -> None:
    """All steps, each skipped where its result already lies in ``work``; the model replaces what is in ``out``."""
    try:
        import torch
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "train", "training the encoder") from error

    torch.set_num_threads(threads)
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = prepare.tokenizer(data, work, sizes, threads)
    corpus = prepare.corpus(data, work, tokenizer, articles)
    rows = initial.align_english(initial.random_rows(corpus.idf, schedule.dimension, schedule.seed), corpus)
    with tqdm(total=schedule.steps, unit="step", desc="training") as bar:

        def on_step(step: int, loss: float) -> None:
            bar.update(step - bar.n)
            bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

        rows = train(rows, Sampler(corpus, Mix(), schedule.seed), schedule, on_step, work / "checkpoint.safetensors")
    export.save(rows, tokenizer, out, name)


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 where it went well, 2 where the request cannot be carried out."""
    plan, sizes = Schedule(), Sizes()
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with thaigov/, iapp/ and pairs/")
    parser.add_argument("--out", type=Path, required=True, help="folder that the model is written to")
    parser.add_argument("--work", type=Path, help="folder of intermediate results (default: OUT.work)")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--steps", type=int, default=plan.steps)
    parser.add_argument("--batch", type=int, default=plan.batch, help="pairs a step")
    parser.add_argument("--dimension", type=int, default=plan.dimension)
    parser.add_argument("--articles", type=int, help="news items to read (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    out: Path = given.out
    work = given.work or out.with_name(out.name + ".work")
    schedule = Schedule(given.dimension, given.steps, given.batch, seed=given.seed)
    begun = time.monotonic()
    try:
        run(given.data, out, work, schedule, sizes, articles=given.articles, threads=given.threads)
        for name, found in report(StaticEncoder(out), given.data).items():
            print(f"{name:16} {found}")
    except QAError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{(time.monotonic() - begun) / 60:.0f} minutes; intermediate results in {work} may be deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
