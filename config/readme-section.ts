import { renderReference } from './reference.ts';

const START = '<!-- configuration reference -->';
const END = '<!-- /configuration reference -->';

/**
 * The README with the table of every key between its two markers, whatever stood there before. Throws where a marker is
 * missing, is there twice, or stands after the other.
 */
export function withReference(readme: string): string {
  const [before, between, ...others] = readme.split(START);
  const [outdated, after, ...rest] = (between ?? '').split(END);
  if (
    before === undefined ||
    outdated === undefined ||
    after === undefined ||
    others.length + rest.length > 0
  ) {
    throw new Error(`the README must have ${START} and then ${END}, once each`);
  }
  return `${before}${START}\n\n${renderReference()}\n${END}${after}`;
}
