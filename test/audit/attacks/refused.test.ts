import { describeAttacks } from "./carry-out.ts";

describeAttacks("O que o banco recusa");
