"""An lmms-eval task over a Parquet file of ours, graded by lmms-eval's own reader of multiple choice."""

import io

from PIL import Image


def visual(doc):
    return [Image.open(io.BytesIO(doc["image"]["bytes"])).convert("RGB")]


def text(doc, lmms_eval_specific_kwargs=None):
    return doc["question"]


def results(doc, results):
    from lmms_eval.tasks._task_utils.mcq_extract import extract_mcq_answer

    letters = [chr(ord("A") + i) for i in range(len(doc["options"]))]
    return {"accuracy": float(extract_mcq_answer(results[0], choices=letters) == doc["answer"])}
