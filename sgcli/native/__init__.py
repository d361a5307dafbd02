"""Kernels for the CPU, compiled from the definitions when the package is built."""
