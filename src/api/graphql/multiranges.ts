import { TYPES } from "postgraphile/@dataplan/pg";

/**
 * The library knows no multiranges, and said so at each start, at length. The ids that left the log with a month
 * (log_detachments) are shown as PostgreSQL writes them: `{[1,5),[9,10)}`.
 */
export const multirangesPlugin: GraphileConfig.Plugin = {
  name: "BlindagemMultirangesPlugin",
  version: "1.0.0",
  gather: {
    hooks: {
      pgCodecs_findPgCodec(_info, event) {
        if (event.pgCodec === null && event.pgType.typtype === "m") event.pgCodec = TYPES.text;
      },
    },
  },
};
