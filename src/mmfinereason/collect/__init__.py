"""Stage 1: any mix of image-question sources becomes one canonical `samples` table."""
