"""What is known of LLaMA-Factory and veRL: their environments, their settings, and programs run by their Python."""
