// Events in; metrics, a snapshot and alerts out.

import { locate } from "./error.js";
import { Held } from "./held.js";
import type { Observatory as Core } from "./tidegate_js.js";
import { core } from "./wasm.js";
import type { Alert, Directives, Event, ObservatoryOptions, Profile, RuleDocument, Snapshot, Taken } from "./wire.js";

/** Events as objects, or as the text of a JSON array or of NDJSON. */
export type Events = Event | readonly Event[] | string | Uint8Array;

/**
 * Watches models, features, experiments and training runs by what it is told of them.
 *
 * ```js
 * const observatory = await Observatory.create({ quality_min_samples: 50 });
 * observatory.observe({ type: "inference", model_name: "iris", prediction_id: "r1", predictions: ["setosa"] });
 * observatory.observe({ type: "label", prediction_id: "r1", label: "setosa" });
 * observatory.tick();
 * console.log(observatory.prometheus());
 * observatory.free();
 * ```
 *
 * Times are in seconds since 1970. Nothing happens by itself: whoever holds it calls `tick`, once a second or
 * before looking.
 */
export class Observatory {
  readonly #held: Held<Core>;

  private constructor(held: Core) {
    this.#held = new Held(held, "observatory");
  }

  get #core(): Core {
    return this.#held.handle;
  }

  /** @throws TidegateError if an option is not understood. */
  static async create(options: ObservatoryOptions = {}): Promise<Observatory> {
    const bindings = await core();
    return new Observatory(locate("options", () => new bindings.Observatory(JSON.stringify(options))));
  }

  /**
   * Takes events, each at its own `at`, or else at `receivedAt`. A bad one costs itself only, and is in what is
   * returned. They show from the next `tick` on.
   */
  observe(events: Events, receivedAt: number = now()): Taken {
    return JSON.parse(this.#core.observe(receivedAt, bytesOf(events)));
  }

  /** Counts what came, forgets what is too old and checks the alerts; returns those that changed. */
  tick(at: number = now()): Alert[] {
    return JSON.parse(this.#core.tick(at));
  }

  /** The metrics as of the last tick, in Prometheus's text format. */
  prometheus(): string {
    return this.#core.prometheus();
  }

  /** The same as OpenMetrics 1.0 has them: with units, and with the times at which counts began. */
  openmetrics(): string {
    return this.#core.openmetrics();
  }

  /** Everything that was known at the last tick; `mergeable` for {@link mergeSnapshots}. */
  snapshot({ mergeable = false }: { mergeable?: boolean } = {}): Snapshot {
    return JSON.parse(this.#core.snapshot(mergeable));
  }

  /** The alerts there is something to say of, as of the last tick. */
  alerts(): Alert[] {
    return this.snapshot().alerts;
  }

  /**
   * Holds rules, or else the default ones, against the last tick alone, however long their conditions should hold:
   * what holds is firing, with its value; ranges look back to when counting began.
   */
  alertCheck(rules?: readonly RuleDocument[]): Alert[] {
    const json = rules && JSON.stringify(rules);
    return JSON.parse(locate("rules", () => this.#core.alert_check(json)));
  }

  /**
   * What is to be done about firing alerts that have actions, as of the last tick: the share of its own traffic that
   * a variant keeps, and the share of its requests that a model is still to get. `snapshot().decisions` says why.
   */
  directives(): Directives {
    return JSON.parse(this.#core.directives());
  }

  /**
   * The variant that a unit gets of an experiment of the options: as {@link assignVariant}, but for what is rolled
   * back, which the first variant gets. `undefined` for a unit that is not in the experiment.
   */
  variantOf(experiment: string, unit: string): string | undefined {
    return this.#core.variantOf(experiment, unit);
  }

  /** The window of a model as a profile, to be kept or to be a reference; `undefined` before it has one. */
  profile(modelName: string): Profile | undefined {
    const json = this.#core.profile(modelName);
    return json === undefined ? undefined : JSON.parse(json);
  }

  /** Gives the memory back; it cannot be used after that. Twice does no harm. */
  free(): void {
    this.#held.free();
  }
}

const now = () => Date.now() / 1000;

function bytesOf(events: Events): Uint8Array {
  if (events instanceof Uint8Array) return events;
  const text = typeof events === "string" ? events : JSON.stringify(events, notFinite);
  return new TextEncoder().encode(text);
}

/** JSON makes `null` of numbers that are not finite; the core knows them by name. */
function notFinite(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
