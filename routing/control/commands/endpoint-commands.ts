import type { Control } from '../control.ts';
import { endpointStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { decideReportEndpoint, endpointAfter } from './decide-endpoint.ts';
import { parseEndpointInput } from './parse-input.ts';
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
        async decide(transaction, request) {
          const state = await loadStream(transaction, endpointStream(request));
          return { state, decision: decideReportEndpoint(endpointAfter(state?.last.event ?? null), request) };
        },
        view: endpointViewOf,
      }),
  };
}
