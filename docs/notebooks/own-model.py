# %% [markdown]
# # A model of your own
#
# `CoalitionModel` is a [Mesa](../how-to/mesa.md) model, and a state is a Mesa agent. This notebook changes how states
# decide, adds a consideration, and compares the results with Mesa's own tools.

# %%
import mesa
import numpy as np
import pandas as pd

import sim

# %% [markdown]
# ## One run and its data
#
# The data collector records every outcome in every round, and the stance of every state.

# %%
model = sim.CoalitionModel("paris-march-2025", rng=1, rounds=26)
model.run_model()
rounds = model.datacollector.get_model_vars_dataframe()
rounds[["date", "troop_states", "personnel_troops", "ask", "deterrence"]].tail()

# %%
states = model.datacollector.get_agent_vars_dataframe()
states["stance"].groupby(level="Step").value_counts().unstack(fill_value=0).tail()


# %% [markdown]
# ## A subclass of the agent
#
# A state observes, evaluates and declares; each step is a method. Here, states never reduce their commitment. `sim.run`
# takes the class as well, as `agent_class`.


# %%
class Steadfast(sim.StateAgent):
    """A state that never moves to a lower rung."""

    def choose(self, outlook, held):
        """Choose an option; keep the current one if the new one has a lower rung."""
        rungs = self.model.setup.menu.rungs
        chosen = super().choose(outlook, held)
        return chosen if rungs[chosen] >= rungs[held] else held


# %% [markdown]
# ## Many runs with `batch_run`
#
# `batch_run` simulates every combination of parameters with every seed. Any setting of the scenario is a parameter, by
# its path. Runs with the same seed share their random draws, so the differences below are due to the class and to US
# backing.

# %%
rows = mesa.batch_run(
    sim.CoalitionModel,
    {
        "scenario": "paris-march-2025",
        "rounds": 26,
        "agent_class": [sim.StateAgent, Steadfast],
        "environment.us_backing.level": [0.1, 0.3, 0.6],
    },
    rng=range(5),
    display_progress=False,
)
runs = pd.DataFrame(rows)
runs["agent_class"] = [agent_class.__name__ for agent_class in runs["agent_class"]]
runs = runs.groupby(["agent_class", "environment.us_backing.level", "iteration"]).first()  # before: one row per state
runs["troop_states"].groupby(level=[0, 1]).agg(["mean", "std"]).round(1)


# %% [markdown]
# ## A consideration of your own
#
# A consideration is a reason for or against an option, and one entry in the mapping `CONSIDERATIONS`. Suppose that
# states with large deployable forces are used to sending them. `feels` gives the sensitivity of each state.


# %%
def habit(states, option):
    """Return the usable land force of each state relative to the largest one."""
    return states.usable / np.max(states.usable)


sim.CONSIDERATIONS["expeditionary_habit"] = sim.Consideration(
    about="states with large forces are used to sending them", feels=habit, driver="always"
)

# %% [markdown]
# The entry has no effect until a scenario gives it a weight and an option raises it.

# %%
habitual = sim.load_scenario(
    "paris-march-2025", {"weights.expeditionary_habit": 0.8, "menu.troops.raises.expeditionary_habit": 1}
)
with_habit = sim.run(habitual, replicates=40)
without = sim.run("paris-march-2025", replicates=40)
change = with_habit.probabilities()["troops"] - without.probabilities()["troops"]
change.nlargest(5).to_frame("change in the probability of troops")
