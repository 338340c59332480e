"""Open images nobody vouches for, bring them to one form, and give them a hash that survives rescaling."""

from mmfinereason.images.normalize import BadPicture, Picture, normalize
from mmfinereason.images.phash import hamming, perceptual_hash

__all__ = ["BadPicture", "Picture", "hamming", "normalize", "perceptual_hash"]
