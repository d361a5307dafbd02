"""The papers that the catalogue cites, by identifier."""

from __future__ import annotations

from dataclasses import dataclass

LINKS = {"doi:": "https://doi.org/", "arXiv:": "https://arxiv.org/abs/"}


@dataclass(frozen=True)
class Source:
    """A source: its identifier, its citation (empty if unknown) and a link."""

    identifier: str
    paper: str
    link: str


def source(identifier: str) -> Source:
    """The citation and the link of an identifier ``doi:…`` or ``arXiv:…``."""
    link = next(
        (url + identifier.removeprefix(p) for p, url in LINKS.items() if identifier.startswith(p)),
        identifier,
    )
    return Source(identifier, PAPERS.get(identifier, ""), link)


PAPERS = {
    "arXiv:2202.11946": (
        "Deng, Li, Zhang and Gu (2022), Temporal efficient training of spiking neural network via "
        "gradient re-weighting"
    ),
    "doi:10.3389/fnins.2020.00424": (
        "Kaiser, Mostafa and Neftci (2020), Synaptic plasticity dynamics for deep continuous local "
        "learning (DECOLLE)"
    ),
    "arXiv:1308.3432": (
        "Bengio, Léonard and Courville (2013), Estimating or propagating gradients through "
        "stochastic neurons for conditional computation"
    ),
    "arXiv:1702.00953": (
        "Cai, He, Sun and Vasconcelos (2017), Deep learning with low precision by half-wave "
        "Gaussian quantization"
    ),
    "arXiv:1706.04698": ("Huh and Sejnowski (2018), Gradient descent for spiking neural networks"),
    "arXiv:1803.09574": (
        "Bellec, Salaj, Subramoney, Legenstein and Maass (2018), Long short-term memory and "
        "learning-to-learn in networks of spiking neurons"
    ),
    "arXiv:1810.08646": (
        "Shrestha and Orchard (2018), SLAYER: Spike layer error reassignment in time"
    ),
    "arXiv:2105.08810": ("Perez-Nieves and Goodman (2021), Sparse spiking gradient descent"),
    "arXiv:2111.01456": (
        "Weidel and Sheik (2021), WaveSense: Efficient temporal convolutions with spiking neural "
        "networks for keyword spotting"
    ),
    "arXiv:2201.10879": (
        "Suetake, Ikegawa, Saiin and Sawada (2022), S2NN: Time step reduction of spiking "
        "surrogate gradients for training energy efficient single-step neural networks"
    ),
    "arXiv:2202.00282": ("Herranz-Celotti and Rouat (2022), Stabilizing spiking neuron training"),
    "arXiv:2407.20708": (
        "Luo, Yao, Chou, Xu and Li (2024), Integer-valued training and spike-driven inference "
        "spiking neural network for high-performance and energy-efficient object detection"
    ),
    "doi:10.1017/CBO9780511815706": (
        "Gerstner and Kistler (2002), Spiking neuron models, Cambridge University Press"
    ),
    "doi:10.1038/s42256-021-00397-w": (
        "Yin, Corradi and Bohté (2021), Accurate and efficient time-domain classification with "
        "adaptive spiking recurrent neural networks, Nature Machine Intelligence"
    ),
    "doi:10.1073/pnas.1604850113": (
        "Esser et al. (2016), Convolutional networks for fast, energy-efficient neuromorphic "
        "computing, PNAS"
    ),
    "doi:10.1109/ICCV48922.2021.00266": (
        "Fang, Yu, Chen, Masquelier, Huang and Tian (2021), Incorporating learnable membrane "
        "time constant to enhance learning of spiking neural networks, ICCV"
    ),
    "doi:10.1109/JPROC.2023.3308088": (
        "Eshraghian et al. (2023), Training spiking neural networks using lessons from deep "
        "learning, Proceedings of the IEEE"
    ),
    "doi:10.1109/MSP.2019.2931595": (
        "Neftci, Mostafa and Zenke (2019), Surrogate gradient learning in spiking neural "
        "networks, IEEE Signal Processing Magazine"
    ),
    "doi:10.1126/sciadv.adi1480": (
        "Fang et al. (2023), SpikingJelly: An open-source machine learning infrastructure "
        "platform for spike-based intelligence, Science Advances"
    ),
    "doi:10.1145/3407197.3407225": (
        "Yin, Corradi and Bohté (2020), Effective and efficient computation with "
        "multiple-timescale spiking recurrent neural networks, ICONS"
    ),
    "doi:10.1162/neco_a_01086": (
        "Zenke and Ganguli (2018), SuperSpike: Supervised learning in multilayer spiking neural "
        "networks, Neural Computation"
    ),
    "doi:10.1162/neco_a_01367": (
        "Zenke and Vogels (2021), The remarkable robustness of surrogate gradient learning for "
        "instilling complex function in spiking neural networks, Neural Computation"
    ),
    "doi:10.5281/zenodo.4422025": (
        "Pehle and Pedersen (2021), Norse: A deep learning library for spiking neural networks"
    ),
    "https://proceedings.neurips.cc/paper/2021/file/c4ca4238a0b923820dcc509a6f75849b-Paper.pdf": (
        "Li, Guo, Zhang, Deng, Hai and Gu (2021), Differentiable spike: Rethinking "
        "gradient-descent for training spiking neural networks, NeurIPS"
    ),
    "doi:10.3389/fnins.2018.00331": (
        "Wu, Deng, Li, Zhu and Shi (2018), Spatio-temporal backpropagation for training "
        "high-performance spiking neural networks, Frontiers in Neuroscience"
    ),
}
