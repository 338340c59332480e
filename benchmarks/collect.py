"""What cleaning costs: images beside decoding alone, and the memory of `collect` for few and for many rows.

One run on one machine; only the ratios mean something. Aims: images that stay as they are at most 1.3 x decoding, with
the fastest decoder at hand; 6-megapixel photographs at most 1.5 x a shrink-on-load resize and re-encode; the same peak
memory for 1,000 and 100,000 rows.

    python benchmarks/collect.py                        # speed
    python benchmarks/collect.py --memory               # and memory: minutes, and a gigabyte of disk
    python benchmarks/collect.py --memory --rows 1000 20000
"""

from __future__ import annotations

import argparse
import io
import platform
import random
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

from mmfinereason.collect.text import clean_question
from mmfinereason.images import normalize
from mmfinereason.recipe.clean import ImageSettings, TextSettings
from mmfinereason.schema import IMAGE_TYPE

LIMITS, TEXT = ImageSettings(), TextSettings()
QUESTION = (
    "<image>Question: In the figure, $AB = {n}$ cm and $\\angle ABC = 60^\\circ$. The point D lies on the side BC such "
    "that AD is perpendicular to BC. How long is AD?\nChoices:\nA. $3$ cm\nB. $4$ cm\nC. $5$ cm\nD. $6$ cm\n"
    "Answer with the option's letter from the given choices directly."
)


def diagram(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    dice = random.Random(seed)
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for _ in range(12):
        points = [(dice.randrange(size[0]), dice.randrange(size[1])) for _ in range(3)]
        pen.polygon(points, outline="black", fill=dice.choice(["lightgrey", "skyblue", None]), width=2)
        pen.text(points[0], dice.choice("ABCDEFG"), fill="black")
    return image


def photograph(seed: int, size: tuple[int, int] = (3000, 2000)) -> Image.Image:
    """Smooth colour with grain: compresses about as well as a photograph (2 to 3 bits a pixel)."""
    dice = np.random.default_rng(seed)
    coarse = Image.fromarray(dice.integers(0, 255, (40, 60, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = dice.normal(0, 8, (size[1], size[0], 1))
    return Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return buffer.getvalue()


def pillow(data: bytes) -> object:
    return Image.open(io.BytesIO(data)).load()


def decoders() -> dict[str, Callable[[bytes], object]]:
    """Pillow, and OpenCV where it is installed."""
    found: dict[str, Callable[[bytes], object]] = {"Pillow": pillow}
    try:
        import cv2

        found["OpenCV"] = lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except ImportError:
        pass
    return found


def shrink_on_load(data: bytes) -> bytes:
    """The least that scaling a photograph down can cost: decode at a reduced size, resize, encode."""
    image = Image.open(io.BytesIO(data))
    scale = LIMITS.max_side / max(image.size)
    size = round(image.width * scale), round(image.height * scale)
    image.draft("RGB", size)
    return encoded(image.resize(size, Image.Resampling.LANCZOS), "JPEG", LIMITS.jpeg_quality)


def clean_row(data: bytes) -> object:
    return normalize(data, LIMITS), clean_question(QUESTION.format(n=len(data)), TEXT)


def seconds(work: Callable[[bytes], object], items: Sequence[bytes], repeat: int) -> float:
    """CPU time per item, so that neighbours do not count; best of several passes."""
    passes = timeit.repeat(lambda: [work(item) for item in items], number=1, repeat=repeat, timer=time.process_time)
    return min(passes) / len(items)


def speed() -> None:
    kinds = {
        "diagrams 640x480, PNG, kept": ([encoded(diagram(i), "PNG") for i in range(40)], 1.3),
        "diagrams 640x480, JPEG, kept": ([encoded(diagram(i), "JPEG") for i in range(40)], 1.3),
        "photographs 2000x1500, JPEG, kept": ([encoded(photograph(i, (2000, 1500)), "JPEG") for i in range(4)], 1.3),
        "photographs 3000x2000, JPEG, scaled": ([encoded(photograph(i), "JPEG") for i in range(4)], 1.5),
    }
    print(f"{'':36}{'limit':>28}{'image':>10}{'ratio':>7}{'aim':>6}{'with text':>11}{'rows/s':>8}")
    for name, (items, aim) in kinds.items():
        if aim == 1.5:
            limit, how = seconds(shrink_on_load, items, 7), "shrink, resize, encode"
        else:
            times = {by: seconds(decode, items, 7) for by, decode in decoders().items()}
            how = min(times, key=lambda by: times[by])
            limit, how = times[how], f"decoding, {how}"
        image = seconds(lambda data: normalize(data, LIMITS), items, 7)
        row = seconds(clean_row, items, 7)
        print(
            f"{name:36}{how:>18}{limit * 1e3:7.2f} ms{image * 1e3:7.2f} ms{image / limit:7.2f}{aim:6.1f}"
            f"{row * 1e3:8.2f} ms{1 / row:8.0f}"
        )


def write_source(folder: Path, rows: int) -> None:
    """Small diagrams, a thousand different ones, each with questions of its own."""
    images = [encoded(diagram(i, (160, 120)), "PNG") for i in range(min(rows, 1000))]
    schema = pa.schema([("id", pa.string()), ("question", pa.string()), ("answer", pa.string()), ("image", IMAGE_TYPE)])
    with pq.ParquetWriter(folder / "rows.parquet", schema, compression="none") as writer:
        for start in range(0, rows, 1000):
            batch = [
                {
                    "id": str(i),
                    "question": QUESTION.format(n=i),
                    "answer": "B",
                    "image": {"bytes": images[i % len(images)], "path": f"{i}.png"},
                }
                for i in range(start, min(start + 1000, rows))
            ]
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))


def descendants(pid: int) -> set[int]:
    """The process and all it started, as Linux tells it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # gone in the meantime
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return family


def peak_of(pid: int) -> float:
    """The most memory the process ever held, in MB; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def collect_once(rows: int, workers: int) -> tuple[float, float, float]:
    """Peak memory in MB of `mmfr collect` itself and of its largest worker, and its wall time in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        write_source(Path(folder), rows)
        recipe = Path(folder) / "recipe.yaml"
        recipe.write_text(
            f"name: memory\nsources:\n  - name: made\n    path: {folder}/rows.parquet\n"
            "    columns: {id: id, question: question, answer: answer, image: image}\n"
            "    domain: Mathematics\n    licence: CC0-1.0\n"
        )
        start = "from mmfinereason.cli import main; main()"
        command = [sys.executable, "-c", start, "collect", str(recipe), "--workers", str(workers)]
        started = timeit.default_timer()
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peaks: dict[int, float] = {}
        while process.poll() is None:
            peaks |= {pid: max(peaks.get(pid, 0.0), peak_of(pid)) for pid in descendants(process.pid)}
            time.sleep(0.2)
        if process.returncode != 0:
            raise SystemExit(f"mmfr collect failed with status {process.returncode}")
        others = [peak for pid, peak in peaks.items() if pid != process.pid]
        return peaks[process.pid], max(others, default=0.0), timeit.default_timer() - started


def memory(counts: Sequence[int], workers: int) -> None:
    print(f"\n{'rows':>10}{'peak, main':>14}{'peak, worker':>15}{'wall':>9}{'rows/s':>9}")
    for rows in counts:
        main_peak, worker_peak, wall = collect_once(rows, workers)
        print(f"{rows:10,}{main_peak:11.0f} MB{worker_peak:12.0f} MB{wall:7.0f} s{rows / wall:9.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true", help="also measure `mmfr collect`")
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, Pillow {Image.__version__}, numpy {np.__version__}")
    speed()
    if chosen.memory:
        memory(chosen.rows, chosen.workers)


if __name__ == "__main__":
    main()
