// graphql-ws as a client: reads the events of one subscription, and prints how long that took. For `benches/`.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, query] = process.argv.slice(2);
const [began, processor] = [process.hrtime.bigint(), process.cpuUsage()];
const client = createClient({ url, webSocketImpl: WebSocket, lazy: true });
let [count, tickets] = [0, 0];
for await (const event of client.iterate({ query })) {
  tickets += event.data.checkedIn.tickets;
  count += 1;
}
const time = Number((process.hrtime.bigint() - began) / 1000n);
const used = process.cpuUsage(processor);
console.log(JSON.stringify({ count, tickets, time, processor: used.user + used.system }));
process.exit();
