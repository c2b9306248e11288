#!/usr/bin/env node
import { Command } from "commander";
import { apiCommand } from "./commands/api.ts";
import { apiKeyCommand } from "./commands/api-key.ts";
import { auditCommand } from "./commands/audit.ts";
import { bankCommand } from "./commands/bank.ts";
import { condominiumCommand } from "./commands/condominium.ts";
import { demoCommand } from "./commands/demo.ts";
import { documentCommand } from "./commands/document.ts";
import { eraseCommand } from "./commands/erase.ts";
import { fail } from "./commands/fail.ts";
import { grantCommand } from "./commands/grant.ts";
import { importCommand } from "./commands/import.ts";
import { jobsCommand } from "./commands/jobs.ts";
import { memberCommand } from "./commands/member.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { ocrCommand } from "./commands/ocr.ts";
import { operatorCommand } from "./commands/operator.ts";
import { organizationCommand } from "./commands/organization.ts";
import { readCommand } from "./commands/read.ts";
import { reconcileCommand } from "./commands/reconcile.ts";
import { sealCommand } from "./commands/seal.ts";
import { settingCommand } from "./commands/setting.ts";
import { startCommand } from "./commands/start.ts";
import { submitCommand } from "./commands/submit.ts";
import { suppliersCommand } from "./commands/suppliers.ts";
import { tokenCommand } from "./commands/token.ts";
import { witnessCommand } from "./commands/witness.ts";
import { workerCommand } from "./commands/worker.ts";

const program = new Command("blindagem")
  .description("Processamento de despesas de condomínios, com trilha de auditoria.")
  // What follows a command's name is the command's: "jobs cancel --state" is not "jobs --state".
  .enablePositionalOptions()
  .showHelpAfterError();

// Each tells its options here, and loads what it needs when it runs.
for (const command of [
  startCommand,
  demoCommand,
  submitCommand,
  documentCommand,
  importCommand,
  jobsCommand,
  suppliersCommand,
  readCommand,
  ocrCommand,
  reconcileCommand,
  organizationCommand,
  memberCommand,
  condominiumCommand,
  grantCommand,
  bankCommand,
  settingCommand,
  apiKeyCommand,
  eraseCommand,
  operatorCommand,
  tokenCommand,
  migrateCommand,
  apiCommand,
  workerCommand,
  sealCommand,
  auditCommand,
  witnessCommand,
]) {
  program.addCommand(command());
}

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
