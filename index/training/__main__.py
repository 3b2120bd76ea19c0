"""``python -m index.training --data FOLDER --out index/model``: the bundled encoder from its corpora."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.encoder import StaticEncoder
from index.records import MissingExtra, QAError
from index.training import export, initial, prepare
from index.training.batches import Mix, Sampler
from index.training.loop import Schedule, train
from index.training.measure import report
from index.training.vocabulary import Sizes

KEPT = 0.3  # of the rows before training, in the rows after it (WiSE-FT, Wortsman et al. 2022): training forgets rare words
POLISH = (  # more questions, translations and other words, at a lower rate
    Schedule(steps=200, rate=0.06, seed=8),
    Mix(title=0.10, article=0.28, question=0.24, english=0.18, lexicon=0.15, gloss=0.02, latin=0.03, synonym=0.25),
)


def run(
    data: Path,
    out: Path,
    work: Path,
    phases: Sequence[tuple[Schedule, Mix]],
    sizes: Sizes,
    *,
    articles: int | None = None,
    threads: int = 2,
    name: str = "thai-static",
    cutter: Path | None = None,
) -> None:
    """All steps, each skipped where its result already lies in ``work``; the model replaces what is in ``out``.

    With ``cutter``, a ``tokenizer.json``, no words are counted and that segmentation is kept.
    """
    try:
        import scipy.sparse  # noqa: F401
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
        from tqdm import tqdm  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra(error.name or "scipy", "train", "training the encoder") from error

    work.mkdir(parents=True, exist_ok=True)
    tokenizer = prepare.tokenizer(data, work, sizes, threads, cutter)
    corpus = prepare.corpus(data, work, tokenizer, articles)
    first = phases[0][0]
    begun = rows = initial.first_rows(corpus, prepare.words_of(tokenizer), first.dimension, first.seed)
    total = sum(schedule.steps for schedule, _ in phases)
    with threadpool_limits(threads), tqdm(total=total, unit="step", desc="training") as bar:
        before = 0  # steps of the phases that are over
        for number, (schedule, mix) in enumerate(phases, 1):

            def on_step(step: int, loss: float, before: int = before) -> None:
                bar.update(before + step - bar.n)
                bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

            checkpoint = work / f"phase-{number}.safetensors"
            rows = train(rows, Sampler(corpus, mix, schedule.seed), schedule, on_step, checkpoint)
            before += schedule.steps
    export.save((1 - KEPT) * rows + KEPT * begun, tokenizer, out, name)


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 where it went well, 2 where the request cannot be carried out."""
    plan, sizes = Schedule(), Sizes()
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with thaigov/, iapp/ and pairs/")
    parser.add_argument("--out", type=Path, required=True, help="folder that the model is written to")
    parser.add_argument("--work", type=Path, help="folder of intermediate results (default: OUT.work)")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json to keep (default: count words and make one)")
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--steps", type=int, default=plan.steps)
    parser.add_argument("--polish", type=int, default=POLISH[0].steps, help="steps of the second phase")
    parser.add_argument("--batch", type=int, default=plan.batch, help="pairs a step")
    parser.add_argument("--dimension", type=int, default=plan.dimension)
    parser.add_argument("--articles", type=int, help="news items to read (default: all)")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    out: Path = given.out
    work = given.work or out.with_name(out.name + ".work")
    schedule = Schedule(given.dimension, given.steps, given.batch, seed=given.seed)
    polish = replace(POLISH[0], dimension=given.dimension, steps=given.polish, batch=given.batch, seed=given.seed + 1)
    phases = [phase for phase in ((schedule, Mix()), (polish, POLISH[1])) if phase[0].steps > 0]
    begun = time.monotonic()
    try:
        run(
            given.data,
            out,
            work,
            phases,
            sizes,
            articles=given.articles,
            threads=given.threads,
            cutter=given.tokenizer,
        )
        for name, found in report(StaticEncoder(out), given.data).items():
            print(f"{name:16} {found}")
    except QAError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{(time.monotonic() - begun) / 60:.0f} minutes; intermediate results in {work} may be deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
