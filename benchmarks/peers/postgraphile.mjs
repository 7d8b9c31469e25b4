/** PostGraphile with its amber preset over the tables as they are, and the relations that they do not declare. */
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { jsonPgSmartTags } from "postgraphile/utils";
import { poolConfig } from "./database.mjs";

const RELATIONS = {
  "public.customer": [
    "(latest_invitation_id) references invitation (id)|@fieldName latestInvitation",
    "(latest_review_id) references review (id)|@fieldName latestReview",
  ],
  "public.activity_event": ["(platform_id) references review_platform (id)|@fieldName platform"],
};
const tagged = Object.entries(RELATIONS).map(([table, foreignKey]) => [table, { tags: { foreignKey } }]);
const { connectionString, ...poolSettings } = poolConfig;

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [jsonPgSmartTags({ version: 1, config: { class: Object.fromEntries(tagged) } })],
  pgServices: [makePgService({ connectionString, schemas: ["public"], poolConfig: poolSettings })],
  grafserv: { graphiql: false, watch: false, websockets: false },
  grafast: { explain: false },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
