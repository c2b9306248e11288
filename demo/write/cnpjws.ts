import type { DemoModel, Supplier } from "../model.ts";
import { linesOf, writeUnder } from "./json.ts";

/** Writes sandbox/cnpjws.json: what the stand-in for CNPJ.ws answers for each CNPJ. */
export async function writeCnpjWs(root: string, model: DemoModel): Promise<void> {
  const entries = Object.values(model.suppliers).flatMap((supplier) => {
    const answer = answerFor(supplier);
    return answer === undefined ? [] : [[supplier.cnpj, answer] as const];
  });
  await writeUnder(root, "sandbox/cnpjws.json", linesOf(Object.fromEntries(entries)));
}

function answerFor(supplier: Supplier): unknown {
  switch (supplier.known) {
    case "OPEN_DATA":
      return undefined;
    case "NOWHERE":
      return { status: 404 };
    case "REFUSED":
      return { status: 400 };
    case "CNPJWS":
      return supplier.answersFirst.length === 0
        ? bodyOf(supplier)
        : { answers: supplier.answersFirst, company: bodyOf(supplier) };
  }
}

const updatedAt = "2026-11-08T03:00:00.000Z";

/** The body of a 200, as docs.cnpj.ws shows it; strings may end in spaces, as its own do. */
function bodyOf(supplier: Supplier) {
  const { cnpj } = supplier;
  const yesNo = (value: boolean) => (value ? "Sim" : "Não");
  return {
    cnpj_raiz: cnpj.slice(0, 8),
    razao_social: `${supplier.name} `,
    capital_social: "10000.00",
    responsavel_federativo: "",
    atualizado_em: updatedAt,
    porte: { id: "03", descricao: "Empresa de Pequeno Porte" },
    natureza_juridica: { id: "2062", descricao: "Sociedade Empresária Limitada" },
    qualificacao_do_responsavel: { id: 49, descricao: "Sócio-Administrador " },
    socios: [],
    simples: {
      simples: yesNo(supplier.simples),
      data_opcao_simples: supplier.simples ? supplier.openedOn : null,
      data_exclusao_simples: null,
      mei: yesNo(supplier.mei),
      data_opcao_mei: supplier.mei ? supplier.openedOn : null,
      data_exclusao_mei: null,
      atualizado_em: updatedAt,
    },
    estabelecimento: {
      cnpj,
      atividades_secundarias: supplier.secondaryCnaes.map(activity),
      cnpj_raiz: cnpj.slice(0, 8),
      cnpj_ordem: cnpj.slice(8, 12),
      cnpj_digito_verificador: cnpj.slice(12),
      tipo: "Matriz",
      nome_fantasia: supplier.tradeName || null,
      situacao_cadastral: supplier.status,
      data_situacao_cadastral: supplier.statusDate,
      data_inicio_atividade: supplier.openedOn,
      tipo_logradouro: "RUA",
      logradouro: "DAS FLORES",
      numero: "240",
      complemento: null,
      bairro: "CENTRO",
      cep: "01001000",
      ddd1: "11",
      telefone1: "30000000",
      email: "contato@exemplo.com.br",
      situacao_especial: null,
      data_situacao_especial: null,
      atualizado_em: updatedAt,
      atividade_principal: activity(supplier.mainCnae),
      pais: { id: "1058", iso2: "BR", iso3: "BRA", nome: "Brasil", comex_id: "105" },
      estado: { id: 26, nome: "São Paulo", sigla: "SP", ibge_id: 35 },
      cidade: { id: 5270, nome: "São Paulo", ibge_id: 3550308, siafi_id: "7107" },
      motivo_situacao_cadastral: null,
      inscricoes_estaduais: [],
    },
  };
}

function activity(cnae: string) {
  const dashed = `${cnae.slice(0, 4)}-${cnae.slice(4, 5)}`;
  return {
    id: cnae,
    divisao: cnae.slice(0, 2),
    grupo: `${cnae.slice(0, 2)}.${cnae.slice(2, 3)}`,
    classe: `${cnae.slice(0, 2)}.${cnae.slice(2, 4)}-${cnae.slice(4, 5)}`,
    subclasse: `${dashed}/${cnae.slice(5)}`,
    descricao: "",
  };
}
