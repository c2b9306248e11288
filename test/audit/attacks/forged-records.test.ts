import { describeAttacks } from "./carry-out.ts";

describeAttacks("Dizer-se outro");
