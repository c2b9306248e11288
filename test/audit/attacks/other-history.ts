import { signNote } from "../../../src/audit/note.ts";
import { sealAll } from "../seal-all.ts";
import { listed, newSigner } from "../signing.ts";
import { type Attack, type AttackNotRun, bySuperuser } from "./attack.ts";
import type { Stage } from "./stage.ts";

/** Expenses that come after the copy, so that the log has grown beyond it. */
async function growsBeyond(stage: Stage): Promise<() => Promise<void>> {
  const restore = await stage.backup();
  await stage.submit("3", "4", "5");
  await stage.sealed();
  await stage.keepCheckpoint();
  return restore;
}

/**
 * Takes the root of the machine, whose clock is everybody's: no test may set it. A time namespace of Linux shifts monotonic
 * clocks alone, and PostgreSQL calls its own functions of the clock past the catalogue, so that nobody can put others there.
 */
export const CLOCK: AttackNotRun = {
  name: "atrasar o relógio do servidor",
  as: "root da máquina",
  notRun:
    "não executado: o relógio é da máquina inteira, e nada mais o muda para um só PostgreSQL. A linha anterior deixa no banco o que ele deixaria. A ordem dos registros é a dos índices selados, não a do relógio",
};

/** Whole histories put in the place of the one that was signed. */
export const OTHER_HISTORIES: Attack[] = [
  bySuperuser({
    name: "restaurar uma cópia antiga do banco",
    detections: ["comparison TREE", "sealing ROLLBACK", "verification ROLLBACK"],
    run: async (stage) => {
      const restore = await growsBeyond(stage);
      await stage.stop();
      await restore();
      await starts(stage);
    },
  }),
  bySuperuser({
    name: "restaurar uma cópia antiga e gravar outra história",
    as: "superusuário com a chave do registro",
    detections: ["comparison TREE", "sealing FORK", "verification FORK"],
    run: async (stage) => {
      const restore = await growsBeyond(stage);
      await stage.stop();
      await restore();
      await stage.submit("6", "7", "8", "9");
      await sealAll(stage.database);
      await starts(stage);
    },
  }),
  bySuperuser({
    name: "trocar o checkpoint por um da chave do registro roubada, depois da troca dela",
    as: "superusuário com a chave antiga",
    detections: ["sealing KEY_OUT_OF_RANGE", "verification KEY_OUT_OF_RANGE"],
    run: async (stage) => {
      const old = stage.logSigner;
      await stage.stopSealing();
      stage.logSigner = await newSigner(old.key.name);
      stage.keys = [
        ...stage.keys.filter(({ role }) => role !== "log"),
        listed("log", old, { until: (await stage.treeSize()) + 1 }),
        listed("log", stage.logSigner),
      ];
      await stage.startSealing();
      await stage.submit("3");
      await stage.sealed();
      const [text = ""] = (await stage.newestCheckpoint()).split("\n\n");
      const stolen = await signNote(`${text}\n`, [old]);
      stage.begins();
      await stage.asSuperuser(
        ...(await stage.behind(
          "blindagem_audit.checkpoints",
          `update blindagem_audit.checkpoints set note = '${stolen}'
           where tree_size = (select max(tree_size) from blindagem_audit.checkpoints)`,
        )),
      );
      await stage.stopSealing();
      await stage.startSealing();
    },
  }),
  bySuperuser({
    name: "deixar o último sinal da selagem uma hora à frente do relógio, como quem atrasa o relógio",
    detections: ["sealing CLOCK_SET_BACK"],
    run: async (stage) => {
      await stage.stopSealing();
      stage.begins();
      await stage.asSuperuser(
        "update blindagem_audit.sealer_heartbeat set beat_at = beat_at + interval '1 hour'",
      );
      await stage.submit("3");
      await stage.startSealing();
    },
  }),
];

/** The platform meets what it is given. */
async function starts(stage: Stage): Promise<void> {
  stage.begins();
  await stage.startSealing();
  stage.startComparing();
}
