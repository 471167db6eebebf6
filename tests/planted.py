"""Small faults for `make mutants`: each is planted alone, and some test but those of generated pages has to fail.

A fault is a place in a file, what is written there instead, and what would then be wrong without a message. The text
has to stand exactly once in its file; tests/unit/test_mutants.py names the faults that have lost their place.
"""

# ruff: noqa: E501 (a table reads best with a fault a line)
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that can be planted."""

    file: str  # below sim/
    old: str
    new: str
    wrong: str  # what would be wrong


FAULTS = (
    # rules
    Fault("theory/forces.py", "base + by_front * front)", "base - by_front * front)", "the front frees forces"),
    Fault("theory/forces.py", "(2.0 * ranks - states - 1.0)", "(2.0 * ranks - states)", "an equal burden is unequal"),
    Fault("theory/forces.py", "np.maximum(usable - abroad, 1.0)", "np.maximum(usable, 1.0)", "troops abroad are free"),
    Fault("theory/ceasefire.py", "(1.0 - deterrence) * weeks)", "weeks)", "deterrence does not hold a truce"),
    Fault("theory/ceasefire.py", "if draw < breakdown:", "if draw < breakdown / 2.0:", "half of the breakdowns"),
    Fault("theory/deterrence.py", "(1.0 - punishment_limit * punished)\n\n\n@njit", "(1.0 - punished)\n\n\n@njit", "no limit"),
    Fault("theory/choice.py", "* deterrence + brought_about", "* deterrence - brought_about", "one's offer deters less"),
    Fault("theory/proposal.py", "if rounds_below >= patience:", "if rounds_below > patience:", "a round more patience"),
    Fault("theory/proposal.py", "if force < ask:", "if force <= ask:", "as many as asked are not enough"),
    Fault("theory/processes.py", 'side="right") - 1', 'side="left") - 1', "a value holds from the day after its date"),
    Fault("theory/considerations.py", "+ 0.15 * states.borders_host", "- 0.15 * states.borders_host", "a border calms"),
    # the model
    Fault("model/setup.py", '"menu", "geography", "forces")\n    if characteristics', '"menu", "forces")\n    if characteristics', "feelings of another geography"),
    Fault("model/setup.py", 'kept("peer_weights", *who, "momentum")', 'kept("peer_weights", *who)', "peers of before"),
    Fault("model/setup.py", "scenario.leads), momentum.lead_factor, 1.0)", "scenario.leads), 1.0, momentum.lead_factor)", "all but leads count double"),
    Fault("model/setup.py", "1.0 - tie)\n", "1.0)\n", "forces tied to home are usable"),
    Fault("model/coalition.py", "yield [state for state in revising if state.is_lead]", "yield [state for state in revising if not state.is_lead]", "leads go last, or twice"),
    Fault("model/perception.py", "max(supposed[index], least)", "least", "conditions lower what is there"),
    Fault("model/agent.py", "self.taste = draws.tastes[number, self.index]", "self.taste = draws.tastes[0, self.index]", "a turnover brings the old type"),
    Fault("model/simulate.py", "environment=trajectories.environment[:, -1],", "environment=trajectories.environment[:, 0],", "the environment of the first round"),
    # the ensemble
    Fault("ensemble/draws.py", "chances = scenario.revision, scenario.turnover", "chances = (scenario.revision,)", "turnovers of another point"),
    Fault("ensemble/draws.py", 'scenario.leads if scenario.activation == "leads_first" else ()', "()", "leads of another point go first"),
    Fault("ensemble/draws.py", "return setup.codes, setup.menu.names,", "return setup.menu.names,", "draws of other states"),
    Fault("ensemble/draws.py", "name = quantity, process, seed, first, shape", "name = quantity, seed, first, shape", "one path for all levels"),
    Fault("ensemble/simulate.py", "or key_of(setup) != key_of(together[0])", "or False", "points are played on draws of others"),
    Fault("ensemble/arrays.py", 'counts == "same_option"', 'counts == "at_or_above"', "other peers count"),
    Fault("ensemble/decide.py", "views.held[v, j, p] = game.rungs[chosen, p]", "views.held[v, j, p] = game.rungs[held, p]", "the word given is the old one"),
    # scenarios and facts
    Fault("scenario/merge.py", 'or "process" in node.entries', "", "a new process keeps values of the old one"),
    Fault("scenario/environment_process.py", "if self.end_round <= self.start_round:", "if self.end_round < self.start_round:", "a ramp without rounds"),
    Fault("scenario/schema.py", "key=lambda name: (self.menu[name].rung, name)", "key=lambda name: (-self.menu[name].rung, name)", "the shallowest is the deepest"),
    Fault("scenario/schema.py", "if code not in self.leave_out)", "if code in self.leave_out)", "only those left out are asked"),
    Fault("scenario/digest.py", "block[last] = sorted(block[last])", "block[last] = block[last]", "the order of states has a digest of its own"),
    Fault("scenario/digest.py", '_WORDS_ONLY = ("name", "question", "about", "sources")', '_WORDS_ONLY = ("name", "question", "about", "sources", "turnover")', "two scenarios with one digest"),
    Fault("facts/csv_reader.py", "(high is not None and value > high)", "(high is not None and value >= high)", "the upper end is out of range"),
    Fault("facts/csv_reader.py", "if not cell:\n            return None", "if not cell:\n            return 0.0", "unknown is 0"),
    # results
    Fault("results/outcomes.py", "np.full_like(seen.asks, ask))", "seen.asks)", "viable by the ask after cuts"),
    Fault("results/outcomes.py", "return _viability(setup, seen, seen.headline, seen.asks)", "return _viable(setup, seen)", "viable now by the ask at the start"),
    Fault("results/outcomes.py", "(seen.conditional == index)", "(seen.stances == index)", "conditional counts are the firm ones"),
    Fault("results/outcomes.py", "(ended.stances[:, setup.codes.index(code)] != 0)", "(ended.stances[:, setup.codes.index(code)] > 1)", "a guarantee is no joining"),
    Fault("results/summary.py", '(last["conditional"].astype(str) == deepest)', '(last["stance"].astype(str) == deepest)', "conditional chances are the firm ones"),
    Fault("results/summary.py", "values.dropna()", "values.fillna(0.0)", "undefined is 0"),
    Fault("results/tables.py", "_named(trajectories.conditional.ravel()", "_named(trajectories.stances.ravel()", "conditional stances are the firm ones"),
    # experiments and their points
    Fault("experiment/design.py", "np.tile(np.repeat(own, after), before)", "np.tile(np.repeat(own, before), after)", "a grid without all its points"),
    Fault("experiment/factor.py", "unit * (self.high - self.low + 1.0))", "unit * (self.high - self.low))", "the highest whole number never comes"),
    Fault("experiment/shard.py", "indices[column] if experiment.is_word(name) else column", "column", "options of another menu"),
    Fault("experiment/point_summaries.py", "* sd / np.sqrt(count - 1.0)", "* sd / np.sqrt(count)", "intervals of a sweep are too narrow"),
    Fault("experiment/point_summaries.py", "share * (1.0 - share) / count", "share * (1.0 - share)", "intervals of shares are far too wide"),
    # analysis
    Fault("analysis/interval.py", "known = known[~np.isnan(known)]", "known = np.nan_to_num(known)", "undefined replicates are 0"),
    Fault("analysis/interval.py", "known.std(ddof=1)", "known.std()", "intervals are too narrow"),
    Fault("analysis/paired_differences.py", "(after.astype(float) - before.astype(float))", "(before.astype(float) - after.astype(float))", "changes with the wrong sign"),
    Fault("analysis/compare.py", "interval(then - first)", "interval(first - then)", "differences with the wrong sign"),
    Fault("analysis/compare.py", "interval(after - before)", "interval(before - after)", "changes of counts with the wrong sign"),
    Fault("analysis/compare.py", "stances_after == deepest[1])", "stances_after == deepest[0])", "the deepest option of the other menu"),
    Fault("analysis/pivots.py", "np.delete(difference[:, 2:], state, axis=1)", "difference[:, 2:]", "a state counts among the others"),
    Fault("analysis/pivots.py", '"swing": (inside, outside)', '"swing": (outside, inside)', "swings with the wrong sign"),
    Fault("analysis/sensitivity_indices.py", "return np.asarray(values.isna() if pd.isna(level) else values == level, dtype=bool)", "return np.asarray(values == level, dtype=bool)", "a baseline without a number is no baseline"),
    Fault("analysis/sensitivity_indices.py", "swing = interval(replicates(high) - replicates(low))", "swing = interval(replicates(high))", "reaches without common draws"),
    Fault("analysis/hindcast.py", 'found = played.conditional if which == "conditional" else played.stances', "found = played.conditional", "firm scores of conditional stances"),
    Fault("analysis/hindcast.py", "mean - least if mean < least", "least - mean if mean < least", "too few are too many"),
    Fault("analysis/outcome_target.py", "return interval.high if self.is_least else interval.low", "return interval.low if self.is_least else interval.high", "the wrong end of the interval"),
    Fault("analysis/stability_kernel.py", "internal[draw, k] += not left[k]", "internal[draw, k] += not entered[k]", "who would enter is who would leave"),
    Fault("analysis/variance_components.py", "max(0.0, (between - within) / each)", "max(0.0, between / each)", "variance within draws counts as weights"),
    Fault("analysis/stance_shares.py", "np.quantile(values, (0.05, 0.95), axis=0)", "np.quantile(values, (0.1, 0.9), axis=0)", "bands hold less than they say"),
    Fault("analysis/stance_shares.py", "now.chances.loc[codes, options] - pinned.chances.loc[codes, options]", "pinned.chances.loc[codes, options] - now.chances.loc[codes, options]", "changes with the wrong sign"),
    Fault("analysis/ablations.py", "return self._turned(part, to=False)", "return self._turned(part, to=True)", "what is gained is lost"),
    Fault("analysis/explain.py", "self.terms[first] - self.terms[second]", "self.terms[second] - self.terms[first]", "what speaks for speaks against"),
    Fault("analysis/fit.py", "IDENTIFIED = math.sqrt(0.5)", "IDENTIFIED = math.sqrt(0.6)", "identified by less than half"),
    Fault("analysis/discover.py", "self.test.inside > 0 and self.test.quasi_p <= SIGNIFICANT", "self.search.inside > 0 and self.search.quasi_p <= SIGNIFICANT", "a box is tested by what found it"),
    Fault("analysis/scores.py", "above + 0.5 * (yes[:, None] == no[None, :]).mean()", "above", "ties count as misses"),
    Fault("analysis/pattern_checks/circumstances.py", "sign * effect - sign_then * effect_then", "sign_then * effect_then - sign * effect", "a mandate strengthens momentum"),
    Fault("analysis/pattern_checks/states.py", "leaves.sum(axis=1) - 2.0 * out", "leaves.sum(axis=1) - out", "who goes out counts for half"),
    Fault("analysis/pattern_checks/record.py", "at_option = [played.conditional[:, indices]", "at_option = [played.stances[:, indices]", "the record is foreseen from firm stances"),
    Fault("analysis/pattern_checks/force.py", "np.diff(curve).max() / (mean", "np.diff(curve).mean() / (mean", "the mean step for the steepest"),
    Fault("analysis/reasons.py", "terms[i, stance] - terms[i, alternative]", "terms[i, alternative] - terms[i, stance]", "what speaks for speaks against"),
    Fault("analysis/join_thresholds.py", "pulls[state, :, setup.driver_of[index]] -= part", "pulls[state, :, setup.driver_of[index]] += part", "costs that others carry weigh twice"),
    Fault("analysis/baselines.py", "- _one_of_each(stances, options)\n    others", "\n    others", "a state is foreseen from itself"),
    Fault("analysis/sensitivity_convergence.py", "2.0 * self.reach.iloc[:, -1].max()", "self.reach.iloc[:, -1].max()", "half an interval is taken for a whole one"),
    # figures
    Fault("plots/rounds.py", "BAND = (0.05, 0.95)", "BAND = (0.1, 0.9)", "bands hold less than their caption says"),
    Fault("plots/environment.py", 'normalize="index")', 'normalize="columns")', "shares of phases are of all rounds"),
    Fault("plots/environment.py", "axes.axhline(conditions[name]", "axes.axhline(0.5", "dotted lines are not the thresholds of the conditions"),
    Fault("plots/personnel.py", 'ask=rounds["ask"].where(in_force)', 'ask=rounds["ask"]', "asks of other headlines"),
    Fault("plots/stances.py", "conditional = means[conditional_column(deepest)]", "conditional = means[states_column(deepest)]", "firm drawn as conditional"),
    Fault("plots/stance_shares.py", "row.conditional * width, y, ROW)", "row.chances[0] * width, y, ROW)", "firm drawn as conditional"),
    Fault("plots/map_states.py", 'chances[f"{deepest}_conditional"].to_numpy(dtype=float) >= LIKELY', 'chances[f"{deepest}_conditional"].to_numpy(dtype=float) > LIKELY', "one in two is not likely"),
    Fault("plots/map_states.py", "chance >= least)", "chance > least)", "tints begin above their mark"),
    Fault("plots/counts.py", "conditional = means[conditional_column(deepest)]", "conditional = means[states_column(deepest)]", "firm drawn as conditional"),
    Fault("plots/movers.py", '_draw_mark(axes, after, y, style.colour, style.colour)', '_draw_mark(axes, before, y, style.colour, style.colour)', "after is drawn where before is"),
    Fault("plots/comparison.py", "shown_states(run.run.probabilities(), run.scenario, styles)", "shown_states(result.runs[0].run.probabilities(), run.scenario, styles)", "every map is that of the first run"),
    Fault("plots/explanation.py", "up=colours[0], down=colours[1]", "up=colours[1], down=colours[0]", "colours speak for the other option"),
    Fault("plots/pivots.py", 'y = middle + (LEVEL if way == "in" else -LEVEL)', 'y = middle + (LEVEL if way == "out" else -LEVEL)', "in stands where the key has out"),
    Fault("plots/thresholds.py", "(target.value, top) if target.is_least", "(bottom, target.value) if target.is_least", "green where the target is missed"),
    Fault("plots/hindcast.py", '"#1B4F9C" if low > 0.0 else MISS', '"#1B4F9C" if low < 0.0 else MISS', "worse looks better"),
    Fault("plots/stability.py", "_draw_mark(axes, external, y,", "_draw_mark(axes, internal, y,", "external is drawn as internal"),
    Fault("plots/fit.py", '(row[end] - row["prior_mean"])', '(row[end] - row["before"])', "intervals from another zero"),
    Fault("plots/variance_components.py", "axes.barh(index, parts.weights.mean,", "axes.barh(index, parts.other,", "random draws are drawn as weights"),
    Fault("plots/patterns.py", "due = level, right", "due = left, level", "shaded where it must not lie"),
    Fault("plots/ablations.py", '{"lost": FAILS, "gained": HOLDS', '{"lost": HOLDS, "gained": FAILS', "lost looks gained"),
    Fault("plots/discovery.py", "((False, OTHER), (True, CASE))", "((True, OTHER), (False, CASE))", "cases look like all others"),
    Fault("plots/sweeps/curves.py", "np.where(banded, curve.low, np.nan)", "np.where(banded, curve.mean, np.nan)", "half a band"),
    Fault("plots/sweeps/heat.py", "np.ma.masked_invalid(values), cmap", "np.ma.masked_invalid(values[::-1]), cmap", "a map upside down"),
    Fault("plots/sweeps/phase.py", "if cells.share[row, column] >= least)", "if cells.share[row, column] <= least)", "tints of other shares"),
    Fault("plots/sweeps/tornado.py", "end.value - base, left=base", "end.value - base, left=0.0", "bars do not start at the baseline"),
    Fault("plots/sweeps/tornado.py", "LOWERED if number < baseline else RAISED", "RAISED if number < baseline else LOWERED", "lower looks higher"),
    Fault("plots/sweeps/cross_effects.py", "change = means[others] - means[base]", "change = means[base] - means[others]", "effects with the wrong sign"),
    Fault("plots/sweeps/hysteresis.py", "axis.middles, low, high, color=SHADE", "axis.middles, low, low, color=SHADE", "no gap is shaded"),
    Fault("plots/sweeps/multiples.py", "draw_curve(axes, axis, curves[number], colour)", "draw_curve(axes, axis, curves[0], colour)", "every panel is the first"),
    # reports
    Fault("report/run.py", "in {share_of(measured['viable_now'])} of", "in {share_of(measured['viable'])} of", "viable in the end by the first ask"),
    Fault("report/page.py", '(conditional_column(deepest), f"states', '(states_column(deepest), f"states', "firm told as conditional"),
    Fault("report/states.py", "conditional=percent(row.conditional)", "conditional=percent(row.chances[0])", "firm told as conditional"),
    Fault("scenario/differences.py", "in_words(new))\n        result.append(Difference(path=path, about=entry.about, unit=entry.unit, standing=texts[0], here=texts[1]))", "in_words(new))\n        result.append(Difference(path=path, about=entry.about, unit=entry.unit, standing=texts[1], here=texts[0]))", "the standing value is told as this one's"),
    # words
    Fault("text/headlines.py", "falls=bool(before),", "falls=bool(after),", "a curve that falls is said to rise"),
    # reference solutions of small games
    Fault("games/stability.py", "then[player] - now[player]", "now[player] - then[player]", "losses count as gains"),
    # the page
    Fault("ui/charts.py", '"data": _values(high - low)', '"data": _values(high)', "bands are too high"),
    Fault("ui/charts.py", "_values(rounds[conditional_column(deepest)])", "_values(rounds[states_column(deepest)])", "firm drawn as conditional"),
    Fault("ui/charts.py", '_values(rounds["ask"])', '_values(rounds["deterrence"])', "another column for the ask"),
    Fault("ui/probabilities.py", '_share(current, changed, "viable_now"', '_share(current, changed, "viable"', "the final headline is viable by the initial ask"),
    Fault("ui/probabilities.py", "return difference(current, pinned)", "return difference(pinned, current)", "differences with the wrong sign"),
    Fault("ui/probabilities.py", "90% of replicates: {low:", "90% of replicates: {mean:", "a range that starts at the mean"),
    Fault("ui/state_views.py", "mean_states(chances, f\"{scenario.deepest}_conditional\")", "mean_states(chances, scenario.deepest)", "firm counted as conditional"),
    Fault("ui/bargaining.py", "& ~firm).sum())", ").sum())", "firm states count as more"),
    Fault("ui/bargaining.py", 'snapshot.chances.loc[state.code, f"{deepest}_conditional"]', "snapshot.chances.loc[state.code, deepest]", "firm shown as conditional"),
    Fault("ui/live_model.py", "ask=float(self.asks[self.headline])", "ask=float(self.setup.menu.asks[self.headline])", "the initial ask in place of the current one"),
    # the command line
    Fault("analysis/compare.py", '{"from": row["before"], "to": row["after"],', '{"from": row["after"], "to": row["before"],', "before and after are exchanged"),
    Fault("report/comparison.py", 'movers[movers["difference"] > 0.0], movers[movers["difference"] < 0.0]', 'movers[movers["difference"] < 0.0], movers[movers["difference"] > 0.0]', "who goes deeper goes less deep"),
    Fault("report/pivots.py", 'for way in ("in", "out") for effect in ("others"', 'for way in ("out", "in") for effect in ("others"', "the effects of out are shown under in"),
    Fault("report/hindcast.py", "'worse' if worse > 0.0 else 'better'", "'worse' if worse < 0.0 else 'better'", "the worse forecast is called better"),
    Fault("cli/scenario_options.py", '"from": begin, "until": until}', '"from": until, "until": begin}', "a stance is forced outside its dates"),
    Fault("report/explanation.py", "if favours is side", "if favours is not side", "what speaks for speaks against"),
    Fault("report/explanation.py", "result.utilities_if_met, result.probabilities_if_met)", "result.utilities, result.probabilities)", "firm told as conditional"),
    Fault("report/thresholds.py", "ends if curve.rises else ends[::-1])", "ends[::-1] if curve.rises else ends)", "an interval from its upper end to its lower one"),
    Fault("report/run.py", '"outcomes": spreads(run.outcomes, names)', '"outcomes": spreads(run.outcomes.head(1), names)', "one replicate stands for all"),
)  # fmt: skip
