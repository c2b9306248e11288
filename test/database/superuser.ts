import { it } from "@jest/globals";

/** Whether the server of the tests has a superuser for them: the embedded one does, one given by TEST_DATABASE_URL does not. */
export const hasSuperuser = /superuserUrl/.test(process.env.BLINDAGEM_TEST_CLUSTER ?? "");

/** A test of what only a superuser can do. */
export const itWithSuperuser = hasSuperuser ? it : it.skip;
