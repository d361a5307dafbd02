"""CPU kernels, compiled from the definitions when the package is built."""
