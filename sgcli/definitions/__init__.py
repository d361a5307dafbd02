"""Surrogates as mathematics: one class each, no torch and no numpy at import."""

from sgcli.definitions.catalogue import REGISTRY as REGISTRY
from sgcli.definitions.core import Definition as Definition
from sgcli.definitions.core import Shape as Shape
from sgcli.definitions.param import Param as Param
from sgcli.definitions.peers import LIBRARIES as LIBRARIES
from sgcli.definitions.peers import Equal as Equal
from sgcli.definitions.peers import Peer as Peer
