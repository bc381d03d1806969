import type { ScenarioName } from '../measurement.ts';

/** What a report calls the scenarios. */
export const SCENARIO_TITLES: Readonly<Record<ScenarioName, string>> = {
  short: 'Short connections',
  bulk: 'Bulk',
  messages: 'Small messages',
  handshakes: 'TLS handshakes',
  'keep-alive': 'HTTPS, kept alive',
  idle: 'Idle connections',
  rest: 'At rest',
  changes: 'Changes under load',
};
