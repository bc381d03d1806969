import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { endpointStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { decideReportEndpoint, endpointAfter } from './decide-endpoint.ts';
import { type EndpointRequest, parseEndpointInput } from './parse-input.ts';
import type { Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { endpointViewOf } from './view-of-state.ts';

/** The command of whoever runs the instances. */
export function endpointCommands(run: RunCommand): Pick<Control, 'reportEndpoint'> {
  return {
    reportEndpoint: (input, meta) =>
      run({
        name: 'report-endpoint',
        input: parseEndpointInput(input),
        meta,
        decide: reportEndpoint,
        view: endpointViewOf,
      }),
  };
}

/** Records what was reported of an instance. */
export async function reportEndpoint(transaction: Statements, request: EndpointRequest): Promise<Decided> {
  const state = await loadStream(transaction, endpointStream(request));
  return { state, decision: decideReportEndpoint(endpointAfter(state?.last.event ?? null), request) };
}
