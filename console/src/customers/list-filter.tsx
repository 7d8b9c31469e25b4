/** The filter by list: the account's bulk imports, searched by name while one types, most recent first. */
import { useState } from "react";
import { Button, ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { useQuery } from "urql";
import { go, withParams } from "../address";
import { graphql } from "../graph/graphql";
import { texts } from "../texts";
import "../ui/list-box.css";
import { FIRST_PAGE } from "./view";

const said = texts.filters;
const OFFERED = 20;
export const LIST_NAMES = graphql(`
  query ListNames($account: ID!, $search: String, $first: Int, $chosen: ID!, $isChosen: Boolean!) {
    account(id: $account) {
      id
      bulkImports(search: $search, first: $first) { edges { node { id name dryRun } } }
      bulkImport(id: $chosen) @include(if: $isChosen) { id name }
    }
  }
`);

type Props = { account: string; chosen: string | null };

export default function ListFilter({ account, chosen }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [{ data }] = useQuery({
    query: LIST_NAMES,
    variables: { account, search: typed, first: OFFERED, chosen: chosen ?? "", isChosen: chosen !== null },
    requestPolicy: "cache-and-network",
  });
  const found = data?.account;
  const offered = found?.bulkImports?.edges.map((edge) => edge.node).filter((one) => !one.dryRun) ?? [];
  const narrow = (list: string | null) => go(withParams({ list, ...FIRST_PAGE }));
  const type = (text: string) => {
    setTyped(text);
    if (text === "" && chosen !== null) narrow(null);
  };
  const choose = (list: string) => {
    setTyped(offered.find((one) => one.id === list)?.name ?? null); // an input that changes would open the list again
    narrow(list);
  };
  return (
    <ComboBox
      className="list-filter"
      items={offered}
      value={chosen}
      inputValue={typed ?? found?.bulkImport?.name ?? ""}
      onInputChange={type}
      onChange={(key) => key !== null && choose(String(key))}
      onBlur={() => setTyped(null)}
      defaultFilter={() => true} // the server has searched
      allowsEmptyCollection
    >
      <Label>{said.list}</Label>
      <Input placeholder={said.anyList} />
      <Button>▾</Button>
      <Popover>
        <ListBox renderEmptyState={() => <p className="reason">{said.noList}</p>}>
          {(one: { id: string; name: string }) => <ListBoxItem id={one.id}>{one.name}</ListBoxItem>}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
