"""The sampler audit: problems whose posterior is known exactly, and controls."""
