"""What veRL makes of our overrides, rows and reward: its dataset class, reward manager and GSPO loss, on the CPU.

Arguments: model, Parquet file, reward file, overrides. The trainer itself needs GPUs.
"""

import asyncio
import json
import sys

import numpy as np
import torch
from hydra import compose, initialize_config_module
from omegaconf import open_dict
from tensordict import TensorDict
from verl import DataProto
from verl.trainer.ppo.core_algos import compute_grpo_outcome_advantage, get_policy_loss_fn
from verl.trainer.ppo.reward import load_reward_manager
from verl.utils import hf_processor, hf_tokenizer
from verl.utils.config import omega_conf_to_dataclass
from verl.utils.dataset.rl_dataset import RLHFDataset, build_multimodal_processor_inputs

REPLY = "<think>\nHm.\n</think>\n\n<answer>{}</answer>"


def main():
    model, parquet, reward, *overrides = sys.argv[1:]
    with initialize_config_module("verl.trainer.config", version_base=None):
        config = compose("ppo_trainer", overrides=[*overrides, f"reward.custom_reward_function.path='{reward}'"])
    tokenizer, processor = hf_tokenizer(model), hf_processor(model)
    rows = RLHFDataset(parquet, tokenizer, config.data, processor)
    print()
    print(
        json.dumps(
            {
                "rows": len(rows),
                "rows_kept_by_its_filter": kept(parquet, tokenizer, processor, config),
                "prompt_tokens": [tokens(rows[index], processor, config) for index in range(len(rows))],
                "rewards": rewards(rows, tokenizer, config),
                "loss": losses(config),
            }
        )
    )


def kept(parquet, tokenizer, processor, config):
    """Its filter reads every row as a rollout would, and drops those it fails to read."""
    with open_dict(config.data):
        config.data.filter_overlong_prompts = True
    return len(RLHFDataset(parquet, tokenizer, config.data, processor))


def tokens(row, processor, config):
    text = processor.apply_chat_template(row["raw_prompt"], add_generation_prompt=True, tokenize=False)
    images, _, _ = RLHFDataset._process_multi_modal_info(row["raw_prompt"], config.data.image_patch_size, config.data)
    inputs = build_multimodal_processor_inputs(
        processor,
        text=[text],
        images=images,
        videos=None,
        audio=None,
        mm_processor_kwargs=dict(config.data.mm_processor_kwargs),
    )
    image_token = processor.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    ids = torch.as_tensor(inputs["input_ids"][0])
    return {"id": row["extra_info"]["id"], "all": len(ids), "image": int((ids == image_token).sum())}


def rewards(rows, tokenizer, config):
    """The rewards of a right, a wrong and a truncated reply to every row, through the reward manager."""
    manager = load_reward_manager(config, tokenizer)

    async def grade():
        manager.loop = asyncio.get_running_loop()
        replies = []
        for index in range(len(rows)):
            answer = rows[index]["reward_model"]["ground_truth"]
            replies += [(index, REPLY.format(answer)), (index, REPLY.format("none of these")), (index, "<think>\nHm")]
        return await asyncio.gather(*(manager.run_single(data(rows[index], text)) for index, text in replies))

    def data(row, text):
        ids = torch.tensor([tokenizer(text)["input_ids"]])
        batch = TensorDict({"responses": ids, "attention_mask": torch.ones_like(ids)}, batch_size=1)
        named = {key: np.array([row[key]], dtype=object) for key in ("data_source", "reward_model", "extra_info")}
        return DataProto(batch=batch, non_tensor_batch=named)

    graded = asyncio.run(grade())
    return [graded[start::3] for start in range(3)]


def losses(config):
    """GSPO's loss and advantages of three replies of one group; the second ratio is above the clip, with advantage."""
    torch.manual_seed(0)
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 0]], dtype=torch.float32)
    old = -torch.rand(3, 4)
    shift = torch.tensor([[0.0], [0.01], [-0.0001]])
    new = (old + shift).requires_grad_()
    earned = torch.zeros(3, 4)
    earned[:, 0] = torch.tensor([0.0, 1.0, 1.0])
    advantages, _ = compute_grpo_outcome_advantage(earned, mask, np.array(["a"] * 3, dtype=object))
    actor = omega_conf_to_dataclass(config.actor_rollout_ref.actor)
    loss, metrics = get_policy_loss_fn(actor.policy_loss.loss_mode)(
        old_log_prob=old,
        log_prob=new,
        advantages=advantages,
        response_mask=mask,
        loss_agg_mode=actor.loss_agg_mode,
        config=actor,
    )
    loss.backward()
    return {
        "loss": loss.item(),
        "advantages": advantages[:, 0].tolist(),
        "gradients": new.grad.abs().sum(1).tolist(),
        "clipped": metrics["actor/pg_clipfrac"],
    }


main()
