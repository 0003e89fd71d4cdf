import type { Metric, Registry } from 'prom-client';

/** The durations of one kind of thing, counted by whoever measures many: without looking its labels up each time. */
export interface Durations {
  observe(seconds: number): void;
  /** Observes when called, once. */
  startTimer(): () => void;
}

type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** A Prometheus histogram of seconds; prom-client's own takes as long for one observation as a read of the store. */
export class DurationHistogram<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(options: {
    readonly name: string;
    readonly help: string;
    /** Upper bounds in seconds, each included, ascending. */
    readonly bounds: readonly number[];
    readonly register: Registry;
  }) {
    this.name = options.name;
    this.help = options.help;
    this.#bounds = options.bounds;
    // All that a register asks of a metric is its name and `get`.
    options.register.registerMetric(this as unknown as Metric);
  }

  /** The same object for the same labels. */
  of(labels: Labels<Label>): Durations {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new Series(labels, this.#bounds);
      this.#series.set(key, series);
    }
    return series;
  }

  /** As prom-client's registers read a metric. */
  async get() {
    const values = [...this.#series.values()].flatMap((series) => series.samples(this.name));
    return { name: this.name, help: this.help, type: this.type, aggregator: 'sum', values };
  }
}

class Series implements Durations {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #bounds: readonly number[];
  /** Along the bounds, then what is beyond them. */
  readonly #counts: number[];
  #sum = 0;

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    let place = 0;
    while (place < this.#bounds.length && seconds > this.#bounds[place]!) place++;
    this.#counts[place]!++;
    this.#sum += seconds;
  }

  startTimer(): () => void {
    const startedMillis = performance.now();
    return () => this.observe((performance.now() - startedMillis) / 1_000);
  }

  samples(name: string) {
    let count = 0;
    const buckets = this.#counts.map((own, place) => {
      count += own;
      const le = this.#bounds[place] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { ...this.#labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count },
    ];
  }
}
