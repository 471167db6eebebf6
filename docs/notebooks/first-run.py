# %% [markdown]
# # A first run and a comparison
#
# This notebook simulates a scenario, reads the result, and compares it with another scenario under the same random
# draws. It is a plain Python file whose cells begin with `# %%`. Run it with Python, cell by cell in an editor, or in
# Jupyter with Jupytext.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import sim

# %% [markdown]
# ## Simulate a scenario
#
# March 2025, with 40 replicates. Each replicate is one simulation of the scenario with its own random draws. Nothing is
# written to disk.

# %%
march = sim.run("paris-march-2025", replicates=40, seed=0)
march

# %% [markdown]
# ## Read the result
#
# `outcomes`, `rounds` and `stances` are data frames, with one row per replicate, per replicate and round, and per
# replicate, round and state. `summary` describes each outcome over the replicates.

# %%
march.summary().loc[["troop_states", "personnel_troops", "viable", "deterrence"]]

# %% [markdown]
# `probabilities` gives the share of replicates in which each state holds each option after the last round.

# %%
march.probabilities().loc[["GBR", "FRA", "SWE", "DEU", "POL", "ITA"]]

# %%
march.plot("map")

# %% [markdown]
# ## Change a setting and compare
#
# A setting is named by its path. `willing list parameters` and the [reference](../reference/scenario-file.md) list all
# paths. Both runs use seed 0, so that replicate 7 of one has the same random draws as replicate 7 of the other, and the
# differences are due to the setting.

# %%
backstop = sim.run("paris-march-2025", settings={"environment.us_backing.level": 0.6}, replicates=40, seed=0)
comparison = sim.compare(march, backstop)
columns = ["state", "before_troops", "after_troops", "difference", "low", "high", "significant"]
comparison.states[columns].head(8)

# %% [markdown]
# `difference` is the mean change in the rung of the stance, with its 95 % interval over the pairs of replicates.

# %%
comparison.plot()

# %% [markdown]
# ## Explain a stance
#
# The contribution of each consideration to the utility of each option for Germany, after round 26 of one replicate.

# %%
germany = sim.explain(march, "DEU", round=26, replicate=7)
germany.to_frame().T.round(2)

# %%
germany.plot()

# %% [markdown]
# ## Save
#
# `save` writes the tables and a manifest into a new folder, and `open_results` reads them back. A manifest contains the
# scenario, the seed and the versions of code and facts.

# %%
with TemporaryDirectory() as folder:
    march.save(Path(folder) / "march")
    again = sim.open_results(Path(folder) / "march")
assert again.outcomes.equals(march.outcomes)
