import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mmfinereason.errors import TrainError
from mmfinereason.recipe import parse
from mmfinereason.train.data import TrainData
from mmfinereason.train.launch import prepare_sft
from mmfinereason.train.llamafactory import settings

from .conftest import RECIPE

DATA = TrainData("sft", 500, ("exports/llamafactory/sft/part-00000.parquet",))


def rendered(*overrides):
    return settings(parse(RECIPE, overrides=overrides), DATA)


def test_the_defaults_are_table_8():
    values = rendered()
    table = {
        "model_name_or_path": "Qwen/Qwen3-VL-8B-Instruct",
        "optim": "adamw_torch",
        "learning_rate": 1e-5,
        "lr_scheduler_type": "cosine",
        "weight_decay": 0.0,
        "num_train_epochs": 3.0,
        "warmup_ratio": 0.03,
        "cutoff_len": 32_768,
        "packing": True,
        "enable_liger_kernel": True,
        "image_max_pixels": 768 * 768,
        "image_min_pixels": 32 * 32,
        "finetuning_type": "full",
        "freeze_vision_tower": True,
        "freeze_multi_modal_projector": True,
        "freeze_language_model": False,
        "bf16": True,
        "flash_attn": "fa2",
        "template": "qwen3_vl",
        "deepspeed": "deepspeed.json",
    }
    assert {key: values[key] for key in table} == table
    assert values["per_device_train_batch_size"] * values["gradient_accumulation_steps"] * 8 == 32


def test_the_warm_up_of_the_authors_yaml_is_one_setting():
    assert rendered("train.sft.warmup_ratio=0.1")["warmup_ratio"] == 0.1


@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    batch=st.sampled_from([8, 16, 32, 48, 64, 256]),
    gpus=st.sampled_from([0, 1, 2, 4, 8]),
    nodes=st.sampled_from([1, 2]),
    memory=st.sampled_from([40, 80, 141]),
    model=st.sampled_from(["2B", "4B", "8B"]),
)
def test_the_global_batch_survives_every_machine(batch, gpus, nodes, memory, model):
    processes = max(1, gpus) * nodes
    hardware = [f"train.hardware.{key}={value}" for key, value in (("gpus", gpus), ("nodes", nodes))]
    overrides = [*hardware, f"train.hardware.memory_gb={memory}", f"train.sft.global_batch={batch}"]
    try:
        values = rendered(*overrides, f"train.sft.model=Qwen/Qwen3-VL-{model}-Instruct")
    except TrainError as error:
        assert "GB a GPU" in str(error) or batch % processes
        return
    assert values["per_device_train_batch_size"] * values["gradient_accumulation_steps"] * processes == batch


def test_more_memory_takes_more_sequences_at_once():
    small = rendered("train.sft.model=Qwen/Qwen3-VL-2B-Instruct", "train.hardware.memory_gb=40")
    large = rendered("train.sft.model=Qwen/Qwen3-VL-2B-Instruct", "train.hardware.memory_gb=141")
    assert small["per_device_train_batch_size"] < large["per_device_train_batch_size"]


def test_a_model_that_does_not_fit_is_refused_with_ways_out():
    with pytest.raises(TrainError, match=r"needs about \d+ GB a GPU") as refusal:
        rendered("train.hardware.gpus=1", "train.hardware.memory_gb=24")
    assert "train.sft.zero: 3" in refusal.value.next_step
    assert rendered("train.hardware.memory_gb=48", "train.sft.zero=3", "export.tokens.cutoff=8192")


def test_a_trial_on_the_cpu_asks_for_nothing_of_a_gpu():
    values = rendered("train.hardware.gpus=0")
    assert values["use_cpu"] and not values["bf16"]
    assert not {"deepspeed", "enable_liger_kernel"} & set(values)


def test_rows_without_thoughts_get_the_template_without():
    values = rendered("export.variant=no_think")
    assert (values["template"], values["enable_thinking"]) == ("qwen3_vl_nothink", False)


def test_adapters_are_a_setting():
    values = rendered("train.sft.lora={rank: 8, alpha: 16}")
    assert {key: values[key] for key in values if "lora" in key or key == "finetuning_type"} == {
        "finetuning_type": "lora",
        "lora_rank": 8,
        "lora_alpha": 16,
        "lora_target": "all",
    }


def test_further_keys_win_but_must_not_split_the_batch():
    assert rendered("train.sft.llamafactory={neat_packing: true, seed: 9}")["seed"] == 9
    with pytest.raises(TrainError, match="must not set gradient_accumulation_steps"):
        rendered("train.sft.llamafactory={gradient_accumulation_steps: 3}")


def test_a_dry_run_writes_a_folder_that_may_be_moved(demo):
    prepared = prepare_sft(demo())
    names = sorted(path.name for path in prepared.folder.iterdir())
    assert names == ["deepspeed.json", "environment.txt", "launch.sh", "sft.yaml"]
    values = yaml.safe_load((prepared.folder / "sft.yaml").read_text())
    assert (values["dataset_dir"], values["dataset"]) == ("../../exports/llamafactory", "demo_sft")
    assert "FORCE_TORCHRUN=1 NPROC_PER_NODE=8" in (prepared.folder / "launch.sh").read_text()
    assert all(str(prepared.folder.parent) not in path.read_text() for path in prepared.folder.iterdir())
    assert "llamafactory==0.9.5" in (prepared.folder / "environment.txt").read_text()


def test_a_model_in_a_folder_is_named_whole(demo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert rendered("train.sft.model=mine")["model_name_or_path"] == str(tmp_path / "mine")
