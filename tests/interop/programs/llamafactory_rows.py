"""Length in tokens and number of images of every row as LLaMA-Factory reads it with the YAML named, unpacked."""

import json
import os
import sys
from pathlib import Path

import yaml
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

path = Path(sys.argv[1])
settings = yaml.safe_load(path.read_text()) | {"packing": False, "output_dir": str(Path.cwd() / "unused")}
os.chdir(path.parent)
model, data, training, _, _ = get_train_args(settings)
tokenizer = load_tokenizer(model)
template = get_template_and_fix_tokenizer(tokenizer["tokenizer"], data)
rows = get_dataset(template, model, data, training, stage="sft", **tokenizer)["train_dataset"]
print()
print(
    json.dumps(
        [
            {
                "tokens": len(row["input_ids"]),
                "images": len(row["images"]),
                "learnt": tokenizer["tokenizer"].decode([label for label in row["labels"] if label >= 0]),
            }
            for row in rows
        ]
    )
)
