"""Judge `zhijian classify` on labelled files, by folds or on held-out files, beside plain linear models; print JSON.

    .venv/bin/python benchmarks/classify.py [FILE[:TEXT[+TEXT]:LABEL] ...] [--test FILE[:TEXT:LABEL]] [--folds 5] [--seed 0]

Without a file, the shipped synthetic messages are judged. Of a file only figures are printed: no text, and no model is
kept. With --test the model is fitted on the one FILE and judged on the other. Every choice is made inside the training
part; the plain models are tf-idf of character 1-4-grams with logistic regression and a linear support-vector machine,
both with balanced classes.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from zhijian.datazone.classify import evaluation
from zhijian.datazone.classify.learner import fit
from zhijian.datazone.classify.reading import Labelled, read

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "samples" / "consumer_messages" / "messages.csv"
KEPT = ("texts", "counts", "how", "results", "model_minus", "calibration", "abstention")


def opened(told: str) -> tuple[str, Labelled]:
    """Read FILE, FILE:TEXT:LABEL or FILE:TEXT+TEXT:LABEL."""
    path, *columns = told.split(":")
    text, label = columns if len(columns) == 2 else ("text", "label")
    return Path(path).name, read(Path(path), text_columns=tuple(text.split("+")), label_column=label)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("files", nargs="*", default=[str(SAMPLE)])
    options.add_argument("--test")
    options.add_argument("--folds", type=int, default=5)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    told: dict[str, Any] = {}
    for file in chosen.files:
        name, data = opened(file)
        began = time.perf_counter()
        if chosen.test:
            model, _ = fit(data, seed=chosen.seed)
            test = opened(chosen.test)[1]
            card = evaluation.held_out(model, test, train=data, seed=chosen.seed)
        else:
            card = evaluation.cross_validate(
                data,
                folds=chosen.folds,
                seed=chosen.seed,
                progress=lambda stage, share: print(f"{stage} {share:.0%}", file=sys.stderr),
            )
        told[name] = {key: card[key] for key in KEPT}
        told[name]["seconds"] = round(time.perf_counter() - began, 1)
    print(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
