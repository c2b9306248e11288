import { errorCode } from "../database/error-code.ts";
import { ApiError } from "./errors.ts";

/** The refusal of a body or file of more than so many bytes. */
export function tooLarge(limit: number): ApiError {
  const bytes = limit.toLocaleString("pt-BR");
  return new ApiError("BLD09", `O pedido é maior que o permitido: aqui são até ${bytes} bytes.`);
}

/**
 * The framework's refusals of what is too large, saying what the limit is; any other error as it is.
 *
 * @param limit the route's, in bytes
 */
export function tellingLimit(error: unknown, limit: number | undefined): unknown {
  switch (errorCode(error)) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
    case "FST_REQ_FILE_TOO_LARGE":
      return limit === undefined ? error : tooLarge(limit);
    case "FST_FILES_LIMIT":
      return new ApiError("BLD09", "O pedido tem mais de um arquivo; envie um em cada pedido.");
    default:
      return error;
  }
}
