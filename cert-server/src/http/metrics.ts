/** Prometheus metrics, in a registry of this app. Names carry their units; no label tells of a shopper, a phone or a token. */
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export type Metrics = {
  readonly registry: Registry;
  decided(outcome: 'granted' | 'refused', code: string): void;
  receiptTaken(result: string): void;
  forkSeen(): void;
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
  return {
    registry,
    decided: (outcome, code) => decisions.inc({ outcome, code }),
    receiptTaken: (result) => receipts.inc({ result }),
    forkSeen: () => forks.inc(),
    problem: (code) => problems.inc({ code }),
    answered: (labels, seconds) => durations.observe(labels, seconds),
  };
}
