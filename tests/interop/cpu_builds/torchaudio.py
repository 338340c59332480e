"""In the place of torchaudio, whose build for GPUs cannot be loaded without one. LLaMA-Factory imports it; rows with
pictures never use it."""
