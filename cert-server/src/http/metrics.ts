/** Prometheus metrics, in a registry of this app. Names carry their units; no label tells of a shopper, a phone or a token. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export type Metrics = {
  readonly registry: Registry;
  decided(outcome: 'granted' | 'refused', code: string): void;
  receiptTaken(result: string): void;
  forkSeen(): void;
  holdChanged(change: 'held' | 'released'): void;
  answered(route: { method: string; route: string; status: number }, seconds: number): void;
  problem(code: string): void;
};

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const decisions = new Counter({
    name: 'tapseal_decisions_total',
    help: 'Decisions recorded, by outcome and code.',
    labelNames: ['outcome', 'code'],
    registers,
  });
  const receipts = new Counter({
    name: 'tapseal_receipts_total',
    help: 'Receipts handed in: stored, known, or the code that refused them.',
    labelNames: ['result'],
    registers,
  });
  const forks = new Counter({
    name: 'tapseal_receipt_forks_total',
    help: 'Receipts that contradict the chain of their touchpoint: a sign of a copied box.',
    registers,
  });
  const holds = new Counter({
    name: 'tapseal_holds_total',
    help: 'Grants that hold their places until their box confirms: held, and released by an operator.',
    labelNames: ['change'],
    registers,
  });
  const problems = new Counter({
    name: 'tapseal_problems_total',
    help: 'Problems answered, by code.',
    labelNames: ['code'],
    registers,
  });
  const durations = new Histogram({
    name: 'tapseal_http_request_duration_seconds',
    help: 'Time from request to answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS_BUCKETS,
    registers,
  });
  // Looked up once for each route and status, of which there are few: prom-client hashes the labels every time.
  const ofRoute = new Map<string, { observe(seconds: number): void }>();
  return {
    registry,
    decided: (outcome, code) => decisions.inc({ outcome, code }),
    receiptTaken: (result) => receipts.inc({ result }),
    forkSeen: () => forks.inc(),
    holdChanged: (change) => holds.inc({ change }),
    problem: (code) => problems.inc({ code }),
    answered: ({ method, route, status }, seconds) => {
      const key = `${method} ${route} ${status}`;
      let duration = ofRoute.get(key);
      if (duration === undefined) {
        duration = durations.labels(method, route, String(status));
        ofRoute.set(key, duration);
      }
      duration.observe(seconds);
    },
  };
}
