"""See, verify, choose and try surrogate gradients for spiking neural networks."""

__version__ = "0.1.0"
