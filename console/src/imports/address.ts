/** The addresses of the page of imports: the lists so far, a new list, and one import. */
import { withParams } from "../address";

export type ImportsView = {
  bulkImport: string | null;
  upload: string | null;
  isNew: boolean;
  search: string;
  after: string | null;
  errorsAfter: string | null;
};

const NOTHING = {
  view: null,
  list: null,
  import: null,
  upload: null,
  new: null,
  search: null,
  after: null,
  before: null,
  errors: null,
  order: null,
  customer: null,
};

export function readImports(params: URLSearchParams): ImportsView {
  return {
    bulkImport: params.get("import"),
    upload: params.get("upload"),
    isNew: params.has("new"),
    search: params.get("search") ?? "",
    after: params.get("after"),
    errorsAfter: params.get("errors"),
  };
}

export function importsAt(params: Record<string, string | null> = {}): string {
  return withParams({ ...NOTHING, view: "imports", ...params });
}

/** The Customers page of the same account. */
export function customersAt(params: Record<string, string | null> = {}): string {
  return withParams({ ...NOTHING, ...params });
}
