"""Surrogates as mathematics, one class each. Importing them loads neither torch nor numpy."""

from sgcli.definitions.catalogue import REGISTRY as REGISTRY
from sgcli.definitions.core import Definition as Definition
from sgcli.definitions.core import Shape as Shape
from sgcli.definitions.param import Param as Param
from sgcli.definitions.peers import LIBRARIES as LIBRARIES
from sgcli.definitions.peers import Equal as Equal
from sgcli.definitions.peers import Peer as Peer
