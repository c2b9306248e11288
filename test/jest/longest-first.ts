import type { Test } from "@jest/test-result";
import SequencerModule from "@jest/test-sequencer";

// Jest imports its CommonJS module as a whole.
const Sequencer = SequencerModule.default ?? SequencerModule;

/** What takes minutes, longest first: begun last, it would be waited for alone. */
const LONGEST = ["e2e/demo", "audit/attacks", "audit/comparing", "start/start", "verifier/bundle"];

export default class LongestFirst extends Sequencer {
  override async sort(tests: Test[]): Promise<Test[]> {
    const rank = ({ path }: Test) => {
      const place = LONGEST.findIndex((name) => path.includes(`/test/${name}`));
      return place < 0 ? LONGEST.length : place;
    };
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
