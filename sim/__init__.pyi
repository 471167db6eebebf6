# The public names of the library, one per line: the only list of them (see __init__.py).

from sim.api import ablations as ablations
from sim.api import catalogue as catalogue
from sim.api import compare as compare
from sim.api import discover as discover
from sim.api import explain as explain
from sim.api import fit as fit
from sim.api import hindcast as hindcast
from sim.api import load_experiment as load_experiment
from sim.api import load_scenario as load_scenario
from sim.api import open_results as open_results
from sim.api import patterns as patterns
from sim.api import pivots as pivots
from sim.api import run as run
from sim.api import schema as schema
from sim.api import sensitivity as sensitivity
from sim.api import stability as stability
from sim.api import sweep as sweep
from sim.api import thresholds as thresholds
from sim.errors import AddressError as AddressError
from sim.errors import FactsError as FactsError
from sim.errors import FigureError as FigureError
from sim.errors import ModelError as ModelError
from sim.errors import ResultsError as ResultsError
from sim.errors import ScenarioError as ScenarioError
from sim.errors import WillingError as WillingError
from sim.facts import read_state_table as read_state_table
from sim.model.agent import Observation as Observation
from sim.model.agent import StateAgent as StateAgent
from sim.model.coalition import CoalitionModel as CoalitionModel
from sim.model.setup import prepare as prepare
from sim.results.outcomes import OUTCOMES as OUTCOMES
from sim.results.outcomes import Outcome as Outcome
from sim.results.tables import tabulate as tabulate
from sim.scenario import Scenario as Scenario
from sim.theory.considerations import CONSIDERATIONS as CONSIDERATIONS
from sim.theory.considerations import Consideration as Consideration

__version__: str
