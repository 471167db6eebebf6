/* The kernel of sim/ensemble/kernel.py once more, in plain C: one scenario, one replicate after the other, one thread.
 *
 * It is the yardstick of the benchmark and nothing else: what a compiler for C makes of the same steps on the same
 * arrays. benchmarks/twin.py compiles it, hands the arrays over and checks that it writes down the same numbers.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SHARPNESS, BELIEF_SPREAD, BELIEF_FLOOR, RUSSIAN_REACTION, US_RESPONSE, SOLID_OFFER,
       CONDITION_BACKING, CONDITION_SINCERITY, CONDITION_CLARITY,
       PATIENCE, CUT, FLOOR, RISE, CLARITY_COST, PLANNING,
       HOST_SOLDIERS, OPPONENT_SOLDIERS, US_SOLDIERS, DECISIVENESS, PUNISHMENT, ECONOMIC_REACH,
       TRUCE_HAZARD, DEAL_HAZARD, BREAKDOWN_HAZARD, OPPOSITION_SLOWS, TROOPS_SLOW, SINCERE_CHANCE,
       VIOLATIONS_SINCERE, VIOLATIONS_INSINCERE, WEEKS };
enum { US_BACKING, OPPOSITION, MANDATE, CLARITY, SINCERITY, BATTLEFIELD, QUANTITIES };
enum { FIGHTING, LIMITED_TRUCE, PERMANENT_CEASEFIRE };
enum { SIMULTANEOUS, LEADS_FIRST, SEQUENCE };
enum { MOST_STATES = 512, MOST_OPTIONS = 16, COMMON = 6, DRIVERS = 11 };

typedef struct { /* the fields of game.Game at one point that are needed, in this order */
    int64_t states, options, rounds, grouping, redimensions, phase, headline, five_months;
    const bool *is_lead;
    const double *rules, *rungs, *asks, *multipliers, *punishes, *provokes, *peer_norms, *stands_for, *pulls, *offers;
    const double *has_peers, *economy;
    const int64_t *opening;
    const double *fixed_paths, *looks_to;
} Game;

typedef struct { /* luck.Luck and luck.Wandering */
    int64_t replicates;
    const double *tastes, *new_tastes;
    const int64_t *starts;
    const int16_t *reviser;
    const int32_t *turnover;
    const double *peace, *violations, *sincerity, *wandering;
    const int64_t *rows;
} Luck;

typedef struct { /* kernel.Record */
    double *environment;
    int8_t *phase, *headline;
    double *asks, *deterrence;
    int32_t *redimensioned;
    int8_t *stances, *conditional, *earlier;
    int32_t *settled;
} Record;

typedef struct {
    double environment[QUANTITIES], common[COMMON], threat, openness, deterrence, slope;
    double mass, denied, behind, punished;
    double forces[MOST_OPTIONS], economies[MOST_OPTIONS], states[MOST_OPTIONS], beliefs[MOST_OPTIONS];
    double peers[MOST_OPTIONS][MOST_STATES], weight[MOST_STATES][MOST_OPTIONS];
    int64_t weighed[MOST_STATES], version;
    int stances[MOST_STATES], chosen[MOST_STATES];
    bool moved;
} View;

static inline double belief(double force, double ask, double spread, double floor_) {
    if (ask <= 0.0) return 1.0;
    double x = (force - ask) / (spread * ask);
    return floor_ + (1.0 - floor_) * (0.5 * (1.0 + x / sqrt(1.0 + x * x)));
}

static inline double effective_backing(const double *e) { return e[US_BACKING] * (0.5 + 0.5 * e[CLARITY]); }

static double troop_share(const Game *g, const View *now) {
    double total = 0.0;
    for (int k = 0; k < g->options; k++) total += g->provokes[k] * now->states[k];
    return total / (double)g->states;
}

static void look_around(View *v) {
    const double *e = v->environment;
    double backing = effective_backing(e);
    double common[COMMON] = { 1.0, backing - 0.5, 1.0 - e[CLARITY], 1.0 - e[MANDATE], e[MANDATE], e[SINCERITY] - 0.4 };
    v->threat = e[OPPOSITION] * (1.0 - 0.5 * backing);
    v->openness = 1.0 - e[MANDATE];
    bool changed = false;
    for (int d = 0; d < COMMON; d++) changed |= v->common[d] != common[d];
    if (changed) { memcpy(v->common, common, sizeof common); v->version++; }
}

static void believe(const Game *g, View *v, const double *asks) {
    for (int k = 0; k < g->options; k++)
        v->beliefs[k] = belief(v->forces[k], asks[k], g->rules[BELIEF_SPREAD], g->rules[BELIEF_FLOOR]);
}

static void add_up(const Game *g, View *v) {
    const double *r = g->rules, *e = v->environment;
    double mass = e[BATTLEFIELD] * r[HOST_SOLDIERS] + effective_backing(e) * r[US_SOLDIERS], behind = 0.0;
    for (int k = 0; k < g->options; k++) mass += g->multipliers[k] * v->forces[k];
    for (int k = 0; k < g->options; k++) behind += g->punishes[k] * v->economies[k];
    if (mass != v->mass) {
        double ratio = mass > 0.0 ? pow(mass / r[OPPONENT_SOLDIERS], r[DECISIVENESS]) : 0.0;
        v->denied = mass > 0.0 ? ratio / (1.0 + ratio) : 0.0;
        v->mass = mass;
    }
    if (behind != v->behind) {
        v->punished = 1.0 - exp(-r[ECONOMIC_REACH] * behind);
        v->behind = behind;
    }
    double kept = 1.0 - r[PUNISHMENT] * v->punished;
    v->deterrence = 1.0 - (1.0 - v->denied) * kept;
    v->slope = mass > 0.0 ? r[DECISIVENESS] * v->denied * (1.0 - v->denied) / mass * kept : 0.0;
}

static inline void choose(const Game *g, View *v, const double *asks, const double *leaning, int64_t i) {
    int64_t options = g->options;
    const double *pulls = g->pulls + i * options * DRIVERS, *offers = g->offers + i * options;
    const double spread = g->rules[BELIEF_SPREAD], floor_ = g->rules[BELIEF_FLOOR];
    double *weight = v->weight[i];
    if (v->weighed[i] != v->version) {
        v->weighed[i] = v->version;
        for (int64_t k = 1; k < options; k++) {
            double total = 0.0;
            for (int d = 0; d < COMMON; d++) total += pulls[k * DRIVERS + d] * v->common[d];
            weight[k] = total;
        }
    }
    int held = v->stances[i], best = 0;
    double most = leaning[0], openness = v->openness * g->has_peers[i];
    for (int64_t k = 1; k < options; k++) {
        double goes = v->beliefs[k], without = goes, offer = offers[k];
        if (asks[k] > 0.0) {
            double otherwise = belief(v->forces[k] + (held == k ? -offer : offer), asks[k], spread, floor_);
            without = held == k ? otherwise : without;
            goes = held == k ? goes : otherwise;
        }
        const double *pull = pulls + k * DRIVERS + COMMON;
        double kept = g->rungs[k] < g->rungs[held] ? g->rungs[k] : g->rungs[held];
        double brought = goes * v->slope * g->multipliers[k] * offer;
        double total = weight[k];
        total += pull[0] * goes;
        total += pull[1] * (v->threat * goes);
        total += pull[2] * (openness * (v->peers[k][i] - g->peer_norms[k]));
        total += pull[3] * ((goes - without) * v->deterrence + brought);
        total += pull[4] * kept;
        double here = total + leaning[k];
        best = here > most ? (int)k : best;
        most = here > most ? here : most;
    }
    v->chosen[i] = best;
}

static void declare(const Game *g, View *v, int64_t j) {
    int held = v->stances[j], chosen = v->chosen[j];
    int64_t options = g->options;
    v->moved = true;
    v->stances[j] = chosen;
    v->forces[held] -= g->offers[j * options + held];
    v->forces[chosen] += g->offers[j * options + chosen];
    v->economies[held] -= g->economy[j];
    v->economies[chosen] += g->economy[j];
    v->states[held] -= 1.0;
    v->states[chosen] += 1.0;
    const double *looks = g->looks_to + j * g->states;
    for (int64_t k = 0; k < options; k++) {
        double sign = g->stands_for[chosen * options + k] - g->stands_for[held * options + k];
        if (sign != 0.0)
            for (int64_t i = 0; i < g->states; i++) v->peers[k][i] += sign * looks[i];
    }
}

static int64_t end_of_group(const Game *g, const Luck *l, int64_t begin, int64_t end) {
    if (g->grouping == SEQUENCE) return begin + 1;
    if (g->grouping == LEADS_FIRST && g->is_lead[l->reviser[begin]]) {
        while (begin < end && g->is_lead[l->reviser[begin]]) begin++;
        return begin;
    }
    return end;
}

void bargain(const Game *g, const Luck *l, Record *record, int keeps_rounds) {
    static View views[2], opening;
    static double leaning[MOST_STATES][MOST_OPTIONS];
    const double *r = g->rules;
    int64_t states = g->states, options = g->options, rounds = g->rounds, slots = keeps_rounds ? rounds : 1;
    View *now = &views[0], *supposed = &views[1];

    memset(&opening, 0, sizeof opening);
    opening.mass = opening.behind = opening.common[0] = NAN;
    for (int64_t j = 0; j < states; j++) { opening.stances[j] = 0; opening.chosen[j] = (int)g->opening[j]; }
    for (int64_t j = 0; j < states; j++) opening.forces[0] += g->offers[j * options], opening.economies[0] += g->economy[j];
    opening.states[0] = (double)states;
    for (int64_t k = 0; k < options; k++)
        if (g->stands_for[k] != 0.0)
            for (int64_t j = 0; j < states; j++)
                for (int64_t i = 0; i < states; i++) opening.peers[k][i] += g->looks_to[j * g->states + i];
    for (int64_t j = 0; j < states; j++)
        if (opening.chosen[j] != 0) declare(g, &opening, j);
    opening.moved = true;
    views[0] = views[1] = opening;

    for (int64_t n = 0; n < l->replicates; n++) {
        double asks[MOST_OPTIONS], clarity_lost = 0.0, odds = 1.0, forward = 0.0, known[3] = { NAN, NAN, NAN };
        int64_t headline = g->headline, redimensioned = 0, below = 0, settled = 0, phase = g->phase;
        double means_it = l->sincerity[n] < r[SINCERE_CHANCE] ? 1.0 : 0.0;
        memcpy(asks, g->asks, sizeof(double) * (size_t)options);
        for (int64_t i = 0; i < states; i++)
            for (int64_t k = 0; k < options; k++)
                leaning[i][k] = l->tastes[(n * states + i) * options + k] / r[SHARPNESS];
        for (int w = 0; w < 2; w++) {
            View *v = &views[w];
            memcpy(v->forces, opening.forces, sizeof v->forces);
            memcpy(v->economies, opening.economies, sizeof v->economies);
            memcpy(v->states, opening.states, sizeof v->states);
            memcpy(v->stances, opening.stances, sizeof(int) * (size_t)states);
            memcpy(v->peers, opening.peers, sizeof(v->peers[0]) * (size_t)options);
            v->moved = true;
        }
        for (int64_t t = 0; t < rounds; t++) {
            double before = now->environment[US_BACKING], reaction = 0.0, response = 0.0, *e = now->environment;
            clarity_lost *= 1.0 - r[PLANNING];
            if (t > 0) {
                reaction = r[RUSSIAN_REACTION] * troop_share(g, now);
                double enough = r[SOLID_OFFER] * asks[headline];
                if (phase == PERMANENT_CEASEFIRE && 0.0 < enough && enough <= now->forces[headline])
                    response = r[US_RESPONSE];
            }
            for (int q = 0; q < QUANTITIES; q++)
                e[q] = l->rows[q] < 0 ? g->fixed_paths[t * QUANTITIES + q]
                                      : l->wandering[(l->rows[q] * l->replicates + n) * rounds + t];
            e[OPPOSITION] = fmin(1.0, e[OPPOSITION] + reaction);
            e[US_BACKING] = fmin(1.0, e[US_BACKING] + response);
            e[CLARITY] = fmax(0.0, e[CLARITY] - clarity_lost);
            e[SINCERITY] = e[SINCERITY] * odds / (e[SINCERITY] * odds + (1.0 - e[SINCERITY]));
            if (g->redimensions) {
                bool done = false, rises = t > 0 && e[US_BACKING] > before;
                double ask = asks[headline], force = now->forces[headline];
                below = force < ask ? below + 1 : 0;
                if ((double)below >= r[PATIENCE]) {
                    double smaller = rint(ask * (1.0 - r[CUT]));
                    if (r[FLOOR] <= smaller && smaller < ask) { asks[headline] = smaller; done = true; }
                    else if (headline > 1) { headline--; done = true; }
                } else if (rises && headline < options - 1) {
                    if (now->forces[headline + 1] > r[RISE] * asks[headline + 1]) { headline++; done = true; }
                } else if (rises && force > r[RISE] * ask) {
                    double larger = fmin(g->asks[headline], rint(ask / (1.0 - r[CUT])));
                    if (larger > ask) { asks[headline] = larger; done = true; }
                }
                if (done) {
                    double lost = fmin(r[CLARITY_COST], e[CLARITY]);
                    below = 0;
                    redimensioned++;
                    clarity_lost += lost;
                    e[CLARITY] -= lost;
                    now->moved = supposed->moved = true;
                }
            }
            memcpy(supposed->environment, e, sizeof now->environment);
            supposed->environment[US_BACKING] = fmax(e[US_BACKING], r[CONDITION_BACKING]);
            supposed->environment[SINCERITY] = fmax(e[SINCERITY], r[CONDITION_SINCERITY]);
            supposed->environment[CLARITY] = fmax(e[CLARITY], r[CONDITION_CLARITY]);
            look_around(now);
            look_around(supposed);

            const int64_t *starts = l->starts + n * (rounds + 1) + t;
            for (int64_t upto = starts[0];;) {
                for (int w = 0; w < 2; w++) {
                    View *v = &views[w];
                    if (v->moved) believe(g, v, asks);
                    if (v->moved || upto == starts[0]) add_up(g, v);
                    v->moved = false;
                }
                if (upto == starts[1]) break;
                int64_t begin = upto;
                upto = end_of_group(g, l, begin, starts[1]);
                for (int64_t m = begin; m < upto; m++) {
                    int64_t i = l->reviser[m];
                    if (l->turnover[m] >= 0)
                        for (int64_t k = 0; k < options; k++)
                            leaning[i][k] = l->new_tastes[l->turnover[m] * options + k] / r[SHARPNESS];
                    choose(g, now, asks, leaning[i], i);
                    choose(g, supposed, asks, leaning[i], i);
                }
                for (int64_t m = begin; m < upto; m++) {
                    int64_t i = l->reviser[m];
                    if (now->chosen[i] != now->stances[i]) { declare(g, now, i); settled = t + 1; }
                    if (supposed->chosen[i] != supposed->stances[i]) declare(g, supposed, i);
                }
            }

            if (phase != FIGHTING) {
                double sincere = r[VIOLATIONS_SINCERE], insincere = r[VIOLATIONS_INSINCERE];
                double mean = means_it > 0.0 ? sincere : insincere, chance = exp(-mean), reached = chance;
                int64_t count = 0;
                while (l->violations[n * rounds + t] > reached && count < 1000) {
                    count++;
                    chance *= mean / (double)count;
                    reached += chance;
                }
                odds *= exp((double)count * log(sincere / insincere) - (sincere - insincere));
                odds = fmin(fmax(odds, 1e-6), 1e6);
            }
            double hazard = r[phase == FIGHTING ? TRUCE_HAZARD : DEAL_HAZARD], share = troop_share(g, now);
            if (known[0] != hazard || known[1] != e[OPPOSITION] || known[2] != share) {
                double rate = hazard * exp(-r[OPPOSITION_SLOWS] * e[OPPOSITION] - r[TROOPS_SLOW] * share);
                forward = 1.0 - exp(-rate * r[WEEKS]);
                known[0] = hazard, known[1] = e[OPPOSITION], known[2] = share;
            }
            double luck = l->peace[n * rounds + t];
            if (phase == FIGHTING) phase = luck < forward ? LIMITED_TRUCE : FIGHTING;
            else {
                double breakdown = 1.0 - exp(-r[BREAKDOWN_HAZARD] * (1.0 - means_it) * (1.0 - now->deterrence) * r[WEEKS]);
                if (luck < breakdown) phase = FIGHTING;
                else if (phase == LIMITED_TRUCE && luck < breakdown + (1.0 - breakdown) * forward) phase = PERMANENT_CEASEFIRE;
            }

            if (keeps_rounds || t == rounds - 1) {
                int64_t slot = n * slots + (keeps_rounds ? t : 0);
                memcpy(record->environment + slot * QUANTITIES, e, sizeof now->environment);
                record->phase[slot] = (int8_t)phase;
                record->headline[slot] = (int8_t)headline;
                record->asks[slot] = asks[headline];
                record->deterrence[slot] = now->deterrence;
                record->redimensioned[slot] = (int32_t)redimensioned;
                for (int64_t i = 0; i < states; i++) {
                    record->stances[slot * states + i] = (int8_t)now->stances[i];
                    record->conditional[slot * states + i] = (int8_t)supposed->stances[i];
                }
            }
            if (t == rounds - 1 - g->five_months)
                for (int64_t i = 0; i < states; i++) record->earlier[n * states + i] = (int8_t)now->stances[i];
        }
        record->settled[n] = (int32_t)settled;
    }
}
