import { describeAttacks } from "./carry-out.ts";

describeAttacks("Linhas do negócio");
