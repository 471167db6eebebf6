# %% [markdown]
# # A sweep and its sensitivity
#
# An experiment varies settings of a scenario over a range. This notebook runs a small one, draws its figures, and
# measures which of its settings has the largest effect.

# %%
import sim

# %% [markdown]
# ## Define an experiment
#
# An experiment is a mapping, or a YAML file with the same [keys](../reference/experiment-file.md). This one varies US
# backing and the size of the ask on a grid of 4 by 9 points with 40 replicates each.

# %%
experiment = {
    "name": "backing-x-ask",
    "question": "How large a force can the leads ask for, depending on US backing?",
    "scenario": "paris-march-2025",
    "vary": {
        "environment.us_backing": [0.1, 0.3, 0.6, 0.9],
        "menu.troops.ask": {"from": 5_000, "to": 45_000, "steps": 9},
    },
    "replicates": 40,
    "outcomes": ["viable", "troop_states", "stance.DEU"],
}
sweep = sim.sweep(experiment)
sweep

# %% [markdown]
# ## Read the tables and draw figures
#
# `runs` has one row per run, `summary` one row per point.

# %%
sweep.summary[["environment.us_backing", "menu.troops.ask", "viable", "troop_states"]].head()

# %%
sweep.plot("cliff", x="menu.troops.ask", by="environment.us_backing", outcome="viable")

# %% [markdown]
# ## Measure sensitivity
#
# A grid shows two settings in detail. To rank many settings, a sampled design is cheaper. A Morris design changes one
# setting at a time from random starting points, and measures the average absolute effect of each.

# %%
judged = sim.sweep(
    {
        "name": "what-matters",
        "question": "Which setting has the largest effect on the number of troop states?",
        "scenario": "paris-march-2025",
        "vary": {
            "environment.us_backing": {"from": 0, "to": 1},
            "environment.clarity": {"from": 0, "to": 1},
            "environment.mandate": {"from": 0, "to": 1},
            "weights.momentum": {"from": 0, "to": 2},
            "menu.troops.ask": {"from": 10_000, "to": 50_000},
        },
        "design": {"morris": {"trajectories": 8}},
        "replicates": 20,
        "outcomes": ["troop_states", "viable"],
    }
)
effects = sim.sensitivity(judged, outcome="troop_states")
effects.to_frame()

# %%
effects.plot()
