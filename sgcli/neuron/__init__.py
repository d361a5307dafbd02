"""Spiking neurons with SpikingJelly's names, for single steps and for whole sequences."""

from sgcli.neuron.base import BaseNode as BaseNode
from sgcli.neuron.current import CurrentLIFNode as CurrentLIFNode
from sgcli.neuron.current import NorseLIFNode as NorseLIFNode
from sgcli.neuron.integrator import LeakyIntegrator as LeakyIntegrator
from sgcli.neuron.leaky import Leaky as Leaky
from sgcli.neuron.lif import IFNode as IFNode
from sgcli.neuron.lif import LIFNode as LIFNode
from sgcli.neuron.memory import MemoryModule as MemoryModule
from sgcli.neuron.memory import detach_net as detach_net
from sgcli.neuron.memory import reset_net as reset_net
from sgcli.neuron.parametric import ParametricLIFNode as ParametricLIFNode
from sgcli.neuron.recurrent import Recurrent as Recurrent
