import { describeAttacks } from "./carry-out.ts";

describeAttacks("O registro e o selo");
