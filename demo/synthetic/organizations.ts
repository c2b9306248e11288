import type { Condominium, Grant, Organization } from "../model.ts";
import { cnpjOf, uuidOf } from "./names.ts";

const settings = { receiptDays: 15, payeeAccountDays: 30, splittingDays: 30 };

function person(name: string, email: string) {
  return { subject: uuidOf(`person:${email}`), name, email };
}

function condominium(
  code: string,
  name: string,
  units: number,
  city: string,
  exceptions: Partial<Condominium> = {},
): Condominium {
  return {
    code,
    name,
    cnpj: cnpjOf(`condominium:${code}`),
    units,
    city,
    managed: { from: "2022-01-01", to: null },
    ...exceptions,
  };
}

const grant = (
  who: string,
  role: Grant["role"],
  scope: string | null = null,
  to: string | null = null,
): Grant => ({ person: who, role, condominium: scope, from: "2026-01-01", to });

/** Three administradoras, all invented. */
export const organizations: Record<string, Organization> = {
  horizonte: {
    key: "horizonte",
    name: "Horizonte Administradora de Condomínios Ltda",
    cnpj: cnpjOf("organization:horizonte"),
    settings,
    approvalLimits: [
      { condominium: null, amount: "20000.00", requires: "SECOND_APPROVER" },
      { condominium: "HZ-03", amount: "12000.00", requires: "CONDOMINIUM" },
    ],
    people: {
      ana: person("Ana Beatriz Moraes", "ana.moraes@horizonte.exemplo.com.br"),
      bruno: person("Bruno Tavares", "bruno.tavares@horizonte.exemplo.com.br"),
      carla: person("Carla Nogueira", "carla.nogueira@solardasacacias.exemplo.com.br"),
      dario: person("Dário Pimentel", "dario.pimentel@solardasacacias.exemplo.com.br"),
      elisa: person("Elisa Farias", "elisa.farias@auditoria.exemplo.com.br"),
      sistema: person("ERP Horizonte", "erp@horizonte.exemplo.com.br"),
      plantao: person("Plantão da plataforma", "plantao@blindagem.exemplo.com.br"),
    },
    grants: [
      grant("ana", "admin"),
      grant("bruno", "reviewer"),
      grant("carla", "sindico", "HZ-01"),
      // The conselho fiscal audits its own condominium and sees no other.
      grant("dario", "auditor", "HZ-01", "2027-12-31"),
      grant("elisa", "auditor"),
      grant("sistema", "integrator"),
      grant("plantao", "operator"),
    ],
    condominiums: [
      condominium("HZ-01", "Condomínio Edifício Solar das Acácias", 64, "São Paulo"),
      condominium("HZ-02", "Condomínio Residencial Vista do Parque", 120, "São Paulo"),
      condominium("HZ-03", "Condomínio Edifício Dom Casmurro", 28, "São Paulo"),
      condominium("HZ-04", "Condomínio Residencial Águas de Março", 96, "Santo André"),
      condominium("HZ-05", "Condomínio Edifício Guimarães Rosa", 48, "Osasco"),
    ],
  },
  "boa-vista": {
    key: "boa-vista",
    name: "Boa Vista Gestão Predial Ltda",
    cnpj: cnpjOf("organization:boa-vista"),
    settings,
    approvalLimits: [{ condominium: null, amount: "15000.00", requires: "SECOND_APPROVER" }],
    people: {
      fabio: person("Fábio Queiroz", "fabio.queiroz@boavista.exemplo.com.br"),
      gisele: person("Gisele Antunes", "gisele.antunes@boavista.exemplo.com.br"),
      heitor: person("Heitor Prado", "heitor.prado@villaverde.exemplo.com.br"),
      iara: person("Iara Menezes", "iara.menezes@boavista.exemplo.com.br"),
    },
    grants: [
      grant("fabio", "admin"),
      grant("gisele", "reviewer"),
      grant("heitor", "sindico", "BV-01"),
      grant("iara", "auditor"),
    ],
    condominiums: [
      condominium("BV-01", "Condomínio Villa Verde", 80, "Curitiba"),
      condominium("BV-02", "Condomínio Edifício Helena Kolody", 36, "Curitiba"),
      // It came from another administradora on 1 October 2026.
      condominium("BV-03", "Condomínio Residencial Araucárias", 150, "Curitiba", {
        managed: { from: "2026-10-01", to: null },
      }),
      // It leaves at the end of the year.
      condominium("BV-04", "Condomínio Edifício Poty", 44, "Pinhais", {
        managed: { from: "2023-05-01", to: "2026-12-31" },
      }),
    ],
  },
  ipe: {
    key: "ipe",
    name: "Ipê Condomínios e Serviços Ltda",
    cnpj: cnpjOf("organization:ipe"),
    settings,
    approvalLimits: [{ condominium: null, amount: "25000.00", requires: "CONDOMINIUM" }],
    people: {
      joana: person("Joana Siqueira", "joana.siqueira@ipe.exemplo.com.br"),
      kleber: person("Kléber Damasceno", "kleber.damasceno@ipe.exemplo.com.br"),
      lidia: person("Lídia Falcão", "lidia.falcao@serradourada.exemplo.com.br"),
      miguel: person("Miguel Assunção", "miguel.assuncao@ipe.exemplo.com.br"),
    },
    grants: [
      grant("joana", "admin"),
      grant("kleber", "reviewer"),
      grant("lidia", "sindico", "IP-01"),
      grant("miguel", "auditor"),
    ],
    condominiums: [
      condominium("IP-01", "Condomínio Serra Dourada", 72, "Goiânia"),
      condominium("IP-02", "Condomínio Edifício Cora Coralina", 40, "Goiânia"),
      condominium("IP-03", "Condomínio Residencial Flor do Cerrado", 110, "Aparecida de Goiânia"),
      // Handed over by the builder this year; its CNPJ has been asked for.
      condominium("IP-04", "Condomínio Jardim dos Buritis", 60, "Goiânia", {
        cnpj: null,
        managed: { from: "2026-06-15", to: null },
      }),
    ],
  },
};
