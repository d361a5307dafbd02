"""What the columns of all tables mean, in a line each: ``--explain`` prints them."""

from __future__ import annotations

import re

# By key, or by key and heading where one key stands for several quantities.
MEANINGS: dict[str | tuple[str, str], str] = {
    # Surrogates and their facts.
    "name": "the surrogate",
    "surrogate": "the surrogate with its parameters",
    "parameters": "the values of its parameters",
    "peak": "the largest value of the gradient",
    "area": "the integral of the gradient over all x; 1 for a density",
    "fwhm": "full width at half maximum of the gradient",
    "tail": "how the gradient falls far from the threshold",
    "spikingjelly_peak": "the largest value of the gradient with SpikingJelly's default",
    # compare
    "in_support": "the share of membranes whose gradient is at least half of the peak",
    "_low": "where the gradient computed in that dtype becomes exactly 0, below and above",
    "nanoseconds": "the time of a gradient for an element of x",
    "copies": "the same time in copies of an element",
    "other": "the surrogate that it is compared with",
    ("peak", "both of peak 1"): "the distance of the gradients, scaled to the peak 1",
    ("area", "both of area 1"): "the distance of the gradients, scaled to the area 1",
    # flow
    "layer": "the number of the layer, 1 next to the input",
    "neurons": "the neurons of the layer",
    "mean": "the mean of x = membrane potential - threshold",
    "deviation": "the standard deviation of x",
    "rate": "the firing rate: the share of membranes that spike in a step",
    "squared_weights": "the variance of the weights times their number for a neuron",
    "ratio": "r, by which a layer multiplies the norm of gradients, as predicted",
    "measured": "the same factor of the networks that were measured",
    "gaussian": "r for membrane potentials of a normal distribution with that mean and sd",
    "of_loss": "the factor for the gradient of the loss instead of a random one",
    "relative_error": "how far the predicted factor is from the measured one",
    "factor": "the factor of all layers together: 1 keeps the norm",
    "measured_factor": "that factor, measured",
    "temporal_factor": "the factor from the last time step back to the first",
    "measured_temporal_factor": "that factor, measured",
    "currents": "how the currents are normalised",
    "kind": "default, given by you, or recommended",
    "coherence": "E[g]^2 / E[g^2]: how alike the gradients of two samples stay; 1 is the most",
    "mean_ratio": "the factor by which a layer multiplies the mean gradient",
    # recommend
    "normalise": "what the gradient is scaled to: as it is, a peak of 1, or an area of 1",
    ("ratio", "r now"): "r of the shape that was given: 1 keeps the norm of gradients",
    "scale": "the factor to multiply the gradient of the recommended surrogate by",
    "code": "the surrogate to use instead, or why there is none",
    # bias
    "unbiased": "whether the gradient is that of the expected spike",
    "in_interval": "the estimates that lie within their interval",
    "difference": "the largest difference between gradient and estimate",
    "room": "the half width of the interval there",
    "epsilon": "the step of finite differences whose gradient is most alike",
    "cosine": "the cosine between the two gradients there",
    "cosine_": "the cosine with the gradient of finite differences of that step",
    "beta": "the steepness of the neurons",
    "beta_sg": "the steepness of the surrogate gradient",
    "integral": "the integral of the gradient along a closed path: 0 for any gradient",
    "error": "a bound of the error of that integral",
    "path": "the length that the integral is to be compared with",
    "disagreement": "the share of weights at which the signs of the two gradients differ",
    "true_crossings": "the weights at which the true gradient is 0",
    "crossings": "the weights at which the surrogate gradient is 0",
    # gradcheck
    "derivative": "whether the derivative is that of the primitive, to 40 digits",
    **dict.fromkeys(
        ("float64", "float32", "bfloat16", "float16"),
        "whether it passes, with its largest error as a share of what rounding allows",
    ),
    "capabilities": "whether vmap, compile and all other capabilities work",
    # training
    "_accuracy": "the share of samples whose class is right",
    "_sd": "the standard deviation over seeds",
    "accuracy": "the share of samples whose class is right",
    "train_accuracy": "the accuracy on the training samples of the epoch",
    "loss": "the loss after the epoch",
    "train_loss": "the mean loss of the epoch",
    "firing_rate": "spikes of a neuron in a step, layer by layer",
    "samples_per_second": "the speed of the training",
    "folder": "the folder of the run in --out",
    "epoch": "the number of the epoch",
    "step": "the number of updates so far",
    "id": "the number of the run",
    "task": "what was learned",
    "seed": "the seed of all that is random",
    "state": "finished, running, interrupted, diverged or damaged",
    "differs": "settings that most other runs of the task do not have",
    "when": "the time of the last change",
    ("name", "folder"): "the folder of the run",
    "protocol": "the published training",
    "claim": "which of its results",
    "published": "the published value",
    ("value", "ours"): "the mean over seeds with its standard deviation",
    "seeds": "how many seeds",
    ("seconds", "s a run"): "the seconds of a training",
    # bench
    "what": "what is timed",
    "contestant": "whose code is timed",
    ("seconds", "time"): "its median time",
    "baseline": "what it is compared with",
    "base_seconds": "the median time of that",
    ("ratio", "ratio"): "the median of the ratios of both, measured in turns",
    "q1": "a quarter of the ratios lie below",
    "q3": "a quarter of the ratios lie above",
    "bar": "the bound of the ratio that sgcli promises",
    "met": "whether it holds",
    # config and doctor
    "command": "the command",
    "option": "its option",
    "value": "the value",
    "origin": "where the value comes from",
    "topic": "what it is about",
    "item": "which part",
    "note": "what else is to be said",
}


def meaning(key: str, heading: str) -> str:
    """The meaning of a column; the part of a key after a number or a dtype stands for it."""
    found = MEANINGS.get((key, heading)) or MEANINGS.get(key)
    if found:
        return found
    ending = re.search(r"_(low|accuracy|sd)$", key)
    begin = "cosine_" if key.startswith("cosine_") else ""
    return MEANINGS[ending[0] if ending else begin]
