"""`mmfr init`: a recipe to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mmfinereason.errors import MmfrError

START = """\
# A recipe: what goes in, who answers, what comes out. `mmfr check {file}` says whether it can be used.
# Every setting with its default: `mmfr check {file} --show`; what they mean: docs/recipe-reference.md.
name: {name}

sources:
  - name: mine
    path: {name}/rows.jsonl        # also .parquet, .csv, .tsv, .json, a folder or a glob
    columns:                       # which of your columns holds what
      question: question
      image: image                 # a path beside the file, bytes or base64
      answer: answer               # the reference; rows without one cannot be verified
    # domain: Mathematics          # Mathematics, Science, Puzzle/Game or General/OCR
    # licence: CC-BY-4.0

models:
  teacher: &server                 # writes the reasoning traces
    model: Qwen/Qwen3-VL-8B-Thinking
    temperature: 1.0
    top_p: 0.95
    max_tokens: 16384
    endpoints: [{{url: "http://localhost:8000/v1"}}]
  captioner: *server               # describes the images; leave it out to go without captions
  judge: *server                   # decides what rules cannot
  prober: *server                  # answers each question four times: how hard is it?

select:
  subsets: [full, 1.8M, 586K, 123K]   # all; consistent; of these, not always solved; never solved
"""


def init(
    file: Annotated[Path, typer.Argument(help="The file to write; its name becomes the run's.")] = Path("recipe.yaml"),
) -> None:
    """Write a recipe to start from: own rows, one model server. An existing file is never replaced."""
    if file.exists():
        raise MmfrError(f"{file} is there already", "give another name: mmfr init other.yaml")
    name = "my-data" if file.stem == "recipe" else file.stem
    file.write_text(START.format(name=name, file=file), encoding="utf-8")
    typer.echo(f"wrote {file}; change it to your data and server, then: mmfr check {file}")
