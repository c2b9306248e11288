import { describeAttacks } from "./carry-out.ts";

describeAttacks("Outra história");
