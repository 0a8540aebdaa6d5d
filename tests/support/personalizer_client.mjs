// The official clients of the Personalizer, unmodified: HOST LOOP KEY NODE_MODULES. Prints a line for each answer.
// The one of v1.0 loses the path of a call where its endpoint has a path (ms-rest-js 2.7.0): it is given the host alone.
import { createRequire } from "node:module";
const [host, loop, key, modules] = process.argv.slice(2);
const require = createRequire(modules + "/none.js");
const { PersonalizerClient } = require("@azure/cognitiveservices-personalizer");
const { ApiKeyCredentials } = require("@azure/ms-rest-js");
const connect = require("@azure-rest/ai-personalizer").default;
const actions = [
  { id: "p", features: [{ kind: "news" }] },
  { id: "q", features: [{ kind: "sports" }] },
];
const request = (eventId) => ({ eventId, contextFeatures: [{ day: "Monday" }], actions, excludedActions: [], deferActivation: false });

const ga = new PersonalizerClient(
  new ApiKeyCredentials({ inHeader: { "Ocp-Apim-Subscription-Key": key } }), host);
const ranked = await ga.rank(request("ga"));
console.log("ga rank", ranked._response.status, ranked.ranking.length, ranked.eventId, ["p", "q"].includes(ranked.rewardActionId));
console.log("ga reward", (await ga.events.reward("ga", { value: 0.5 }))._response.status);
await ga.events.reward("never", { value: 0.5 }).catch((e) => console.log("ga error", e.statusCode, e.body.error.code));

const rest = connect(host + loop, { key }, { allowInsecureConnection: true });
const again = await rest.path("/rank").post({ body: request("rest") });
console.log("rest rank", again.status, again.body.ranking.length, again.body.eventId);
console.log("rest reward", (await rest.path("/events/{eventId}/reward", "rest").post({ body: { value: 1 } })).status);
const refused = await rest.path("/rank").post({ body: { ...request("rest2"), actions: [actions[0], actions[0]] } });
console.log("rest error", refused.status, refused.body.error.code);
