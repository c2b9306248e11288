// For developers who write migrations: `npx graphile-migrate status | watch | commit` with DATABASE_URL,
// SHADOW_DATABASE_URL and ROOT_DATABASE_URL set (docs/operations.md). An installation is migrated by `blindagem migrate`.
const { loadEnvironment } = require("./src/config.ts");
const { rolePlaceholders } = require("./src/database/role-names.ts");

module.exports = {
  migrationsFolder: "./sql",
  placeholders: rolePlaceholders(loadEnvironment().ROLE_PREFIX),
  // A database that was just made has neither the roles nor Graphile Worker's schema, which the migrations refer to.
  afterReset: [{ _: "command", command: 'DATABASE_URL="$GM_DBURL" node src/cli.ts migrate' }],
};
