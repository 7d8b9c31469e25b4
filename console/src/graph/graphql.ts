/** The function that types a document by the schema. */
import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./schema.d.ts";

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; Date: string };
  disableMasking: true;
}>();

export type { ResultOf, VariablesOf } from "gql.tada";
